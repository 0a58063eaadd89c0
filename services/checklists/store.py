"""Where ticks are kept: one hash-chained file an environment, in a folder beside the journal.

Written as remarks are: a record is on the disk when the call returns, one writer at a time among all screens of this
machine, a torn tail is set aside. Ticks are no operations, so they lie in a folder of their own, where the journal's
readers and its archive do not meet them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from services.journal.chain import read_chain
from services.journal.home import JournalHome, broken, slug
from services.journal.writing import JournalWriter
from services.model.checklists import Mark, Marks
from services.model.entry import Actor, Entry, Phase
from services.safe_text import SafeText, safe
from services.settings.values import Environment


def home_of(environment: Environment) -> JournalHome:
    """The folder of an environment's ticks: beside the journal, a sandbox's apart from the real one's."""
    journal = JournalHome.default(environment).path
    if journal.parent.name == "journal-sandbox":
        return JournalHome(journal.parent.parent / "checklists-sandbox" / journal.name)
    return JournalHome(journal.with_name("checklists"))


class CheckStore:
    """One environment's file."""

    def __init__(self, home: JournalHome, environment: str) -> None:
        self._home, self._environment = home, environment
        self._name = f"{slug(environment)}.jsonl"
        self._seen: tuple[int, int] | None = None

    def add(self, mark: Mark, who: Actor) -> None:
        """Keep a mark; on the disk when this returns. Raises JournalBroken: then it does not count."""
        data = {
            "list": mark.list, "occasion": mark.occasion, "item": mark.item, "doing": mark.doing.value,
            "verdict": mark.verdict, "evidence": mark.evidence,
        }  # fmt: skip
        if mark.counts is not None:
            data["counts"] = msgspec.to_builtins(mark.counts)
        with self._locked():
            writer = JournalWriter(self._home, self._environment, self._name)
            try:
                writer.append(Phase.REMARK, mark.note, mark.at, data=data, actor=who)
            finally:
                writer.close()

    def changed(self) -> Marks | None:
        """All marks if somebody has written since the last call; None: nobody has. Raises JournalBroken."""
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        marks = self.read()
        self._seen = stamp
        return marks

    def read(self) -> Marks:
        """All marks. Looking makes no folder. Raises JournalBroken."""
        if not os.path.lexists(self._home.path):
            return Marks()
        try:
            chain = read_chain(self._home.read(self._name))
        except FileNotFoundError:
            return Marks()
        damage = f"{self._home.path / self._name}: {chain.damage}" if chain.damage else ""
        return Marks(tuple(_marks(chain.entries)), safe(damage, 400))

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self._home.path / self._name).stat(follow_symlinks=False)
        except FileNotFoundError:
            return (0, 0)
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error
        return found.st_ino, found.st_size

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; a record takes milliseconds."""
        try:
            descriptor = self._home.create(f"{self._name}.lock", os.O_RDWR)
        except OSError as error:
            raise broken(self._home.path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise broken(self._home.path, error) from error
        finally:
            os.close(descriptor)


def by(who: Actor) -> SafeText:
    """A person, as lists show them."""
    return safe(f"{who.os_user}@{who.host}", 120)


def _marks(entries: tuple[Entry, ...]) -> Iterator[Mark]:
    for entry in entries:
        fields = {
            **entry.data,
            "at": entry.at,
            "by": by(entry.actor) if entry.actor is not None else "",
            "note": entry.text,
        }
        try:
            yield _safe(msgspec.convert(fields, Mark))
        except msgspec.ValidationError:
            continue  # of a later version's kind


def _safe(mark: Mark) -> Mark:
    return msgspec.structs.replace(
        mark,
        note=safe(mark.note, 1000),
        verdict=safe(mark.verdict, 40),
        evidence=safe(mark.evidence, 500),
    )
