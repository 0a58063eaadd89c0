"""Writing records: one os.write each, on disk before the call returns, or JournalBroken and nothing is sent."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import msgspec

from services.journal.chain import line_of, read_chain
from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome, broken
from services.model.entry import Actor, Entry, Outcome, Phase
from services.model.plan import Plan
from services.redact import redact, redact_value
from services.safe_text import SafeText, safe


class JournalWriter:
    """The one writer of one file. After the first failure it writes no more: what follows would not be a journal."""

    def __init__(self, home: JournalHome, operation: str, name: str, *, previous: str = "", disk: Disk | None = None):
        """Open or create `name`. A torn tail is moved to `<name>.torn`, the chain goes on before it.

        `previous` is the hash that the file's first record follows. Raises JournalBroken, also when the chain is
        damaged: nothing is added to a record that cannot be trusted.
        """
        self._home, self._operation, self._name = home, operation, name
        self._disk = disk or Disk()
        self._head, self._sequence, self._size = previous, -1, 0
        self._broken = ""
        try:
            self._descriptor = home.create(name, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            raise broken(home.path / name, error) from error
        try:
            self._continue()
        except OSError as error:
            self.close()
            raise broken(home.path / name, error) from error
        except JournalBroken:
            self.close()
            raise

    def _continue(self) -> None:
        data = os.pread(self._descriptor, os.fstat(self._descriptor).st_size, 0)
        if not data:
            self._sync_folder()
            return
        chain = read_chain(data, self._head)
        if chain.damage:
            raise JournalBroken(
                f"The journal {self._home.path / self._name} is damaged: {chain.damage}. Keep the file."
            )
        if chain.torn:
            self._set_aside(data[chain.good_bytes :])
            os.ftruncate(self._descriptor, chain.good_bytes)
            self._disk.sync(self._descriptor)
        self._head, self._sequence, self._size = chain.head, chain.sequence, chain.good_bytes

    def _set_aside(self, tail: bytes) -> None:
        descriptor = self._home.create(f"{self._name}.torn", os.O_WRONLY | os.O_APPEND)
        try:
            self._disk.write(descriptor, tail + b"\n")
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)

    def _sync_folder(self) -> None:
        folder = self._home.opened()
        try:
            self._disk.sync(folder)
        finally:
            os.close(folder)

    @property
    def head(self) -> str:
        """Hash of the newest record."""
        return self._head

    def append(
        self,
        phase: Phase,
        text: str,
        at: datetime,
        *,
        step: int | None = None,
        data: dict[str, Any] | None = None,
        plan: Plan | None = None,
        actor: Actor | None = None,
        reason: str = "",
        outcome: Outcome | None = None,
    ) -> Entry:
        """Write one record and wait until it is on the disk. Raises JournalBroken; then the record does not count.

        Text and data go through `redact`; a plan goes in as it is (orders with a secret in them are refused before).
        """
        if self._broken:
            raise JournalBroken(self._broken)
        cleaned = redact_value(data or {})
        assert isinstance(cleaned, dict)
        entry = Entry(
            operation=self._operation,
            sequence=self._sequence + 1,
            at=at,
            phase=phase,
            text=safe(redact(text), 2000),
            step=step,
            data=cleaned,
            plan=plan,
            actor=actor,
            reason=SafeText(redact(safe(reason, 500))),
            outcome=outcome,
            previous=self._head,
        )
        line, head = line_of(entry)
        self._put(line)
        self._head, self._sequence, self._size = head, entry.sequence, self._size + len(line)
        return msgspec.structs.replace(entry, hash=head)

    def _put(self, line: bytes) -> None:
        try:
            if os.fstat(self._descriptor).st_nlink == 0:
                raise JournalBroken(f"The journal {self._home.path / self._name} was removed while it was written.")
            written = self._disk.write(self._descriptor, line)
            if written != len(line):
                self._forget_partial()
                raise JournalBroken(
                    f"The journal {self._home.path / self._name} took {written} of {len(line)} bytes of a record: "
                    "the disk may be full."
                )
            self._disk.sync(self._descriptor)
        except OSError as error:
            self._forget_partial()
            failure = broken(self._home.path / self._name, error)
            self._broken = str(failure)
            raise failure from error
        except JournalBroken as failure:
            self._broken = str(failure)
            raise

    def _forget_partial(self) -> None:
        """Cut a half-written record off, so that readers need not; they tolerate it where this fails too."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError as error:
            self._broken = str(error)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
