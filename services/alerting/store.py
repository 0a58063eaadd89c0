"""What the screens of one environment share of their alerts: JSON lines in a folder that only its owner can read.

Records are appended with one write under a lock, on disk before the call returns; a torn tail (its writer died) is
left aside. A store that cannot be used raises JournalBroken; alerts then live in the screen alone (see book.py).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from services.alerting.life import AlertRecord, Happening
from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome, broken, slug
from services.redact import redact
from services.safe_text import safe
from services.settings.values import Environment

COMPACT_AFTER = 2000
"""Records after which the file is written anew with the newest half."""

_LINE_LIMIT = 16_384


class Busy(Exception):
    """Another screen is writing just now: try again in a moment."""


def home_of(environment: Environment) -> JournalHome:
    """The folder of an environment's alerts: beside the journal, a sandbox's apart from the real one's."""
    journal = JournalHome.default(environment).path
    if journal.parent.name == "journal-sandbox":
        return JournalHome(journal.parent.parent / "alerts-sandbox" / journal.name)
    return JournalHome(journal.with_name("alerts"))


class AlertStore:
    """One environment's file."""

    def __init__(self, home: JournalHome, environment: str, disk: Disk | None = None) -> None:
        self._home, self._disk = home, disk or Disk()
        self._name = f"{slug(environment)}.jsonl"
        self._seen: tuple[int, int] = (0, 0)

    def changed(self) -> bool:
        """Whether somebody has written since the last `read`. Cheap. Raises JournalBroken."""
        return self._mark() != self._seen

    def read(self) -> tuple[AlertRecord, ...]:
        """Every whole record, oldest first; a line that is none is left out. Raises JournalBroken."""
        self._seen = self._mark()
        if not self._begun:
            return ()
        try:
            data = self._home.read(self._name)
        except FileNotFoundError:
            return ()
        return tuple(_parsed(data))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The right to write. Raises Busy at once when another screen has it, JournalBroken when there can be none."""
        try:
            descriptor = self._home.create(f"{self._name}.lock", os.O_RDWR)
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(str(self._home.path / self._name)) from None
            yield
        finally:
            os.close(descriptor)

    def append(self, records: Sequence[AlertRecord]) -> None:
        """Write records in one piece, on the disk before it returns; all of them or none. Inside `locked`."""
        data = b"".join(msgspec.json.encode(_cleaned(record)) + b"\n" for record in records)
        if not data:
            return
        try:
            descriptor = self._home.create(self._name, os.O_RDWR | os.O_APPEND)
            try:
                self._put(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error

    def compact(self, records: Sequence[AlertRecord]) -> None:
        """Put `records` in the place of everything, atomically. Inside `locked`. Raises JournalBroken."""
        fresh = f"{self._name}.new"
        data = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
        try:
            descriptor = self._home.create(fresh, os.O_WRONLY | os.O_TRUNC)
            try:
                if self._disk.write(descriptor, data) != len(data):
                    raise JournalBroken(
                        f"The alerts at {self._home.path / fresh} were cut short: the disk may be full."
                    )
                self._disk.sync(descriptor)
            finally:
                os.close(descriptor)
            folder = self._home.opened()
            try:
                os.replace(fresh, self._name, src_dir_fd=folder, dst_dir_fd=folder)
                self._disk.sync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error

    def _put(self, descriptor: int, data: bytes) -> None:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            data = b"\n" + data  # a writer died in the middle of its line: ours must not be glued to it
        try:
            written = self._disk.write(descriptor, data)
            if written != len(data):
                raise JournalBroken(
                    f"The alerts at {self._home.path / self._name} took {written} of {len(data)} bytes: "
                    "the disk may be full."
                )
            self._disk.sync(descriptor)
        except (OSError, JournalBroken):
            os.ftruncate(descriptor, size)
            raise

    @property
    def _begun(self) -> bool:
        """Whether anything was ever written. Looking makes no folder: what only looks leaves nothing behind."""
        return os.path.lexists(self._home.path)

    def _mark(self) -> tuple[int, int]:
        if not self._begun:
            return (0, 0)
        try:
            descriptor = self._home.existing(self._name)
        except FileNotFoundError:
            return (0, 0)
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error
        try:
            found = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return found.st_ino, found.st_size


class NoStore(AlertStore):
    """In the place of a store that does not answer: every use of it fails with the reason, nothing waits."""

    def __init__(self, why: str) -> None:
        self._why = why

    def changed(self) -> bool:
        raise JournalBroken(self._why)

    def read(self) -> tuple[AlertRecord, ...]:
        raise JournalBroken(self._why)

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.read()
        yield


def essential(records: Sequence[AlertRecord]) -> tuple[AlertRecord, ...]:
    """What is kept when the file is written anew: the newest half, and all of what is still open."""
    over = {record.alert for record in records if record.happening is Happening.CLEARED}
    newest = len(records) - COMPACT_AFTER // 2
    return tuple(record for index, record in enumerate(records) if index >= newest or record.alert not in over)


def _parsed(data: bytes) -> Iterator[AlertRecord]:
    for line in data.split(b"\n")[:-1]:
        if not line or len(line) > _LINE_LIMIT:
            continue
        try:
            record = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if record.at.tzinfo is not None and (record.began is None or record.began.tzinfo is not None):
            yield _cleaned(record)


def _cleaned(record: AlertRecord) -> AlertRecord:
    """Safe to show, wherever it came from; without secrets."""
    return msgspec.structs.replace(
        record,
        title=safe(record.title, 120),
        sentence=safe(redact(record.sentence), 500),
        by=safe(redact(record.by), 120),
    )


_DECODER = msgspec.json.Decoder(AlertRecord)
