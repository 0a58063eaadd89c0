"""Reading the journal: what was done and what is under way, for anyone, while others write."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from services.journal.chain import read_chain
from services.journal.folding import fold
from services.journal.home import JournalBroken, JournalHome
from services.journal.ids import is_operation_id
from services.journal.remarks import REMARKS, read_remarks
from services.model.entry import Entry, Operation

RECENT = 200
"""How many of the newest operations are read."""

_ORDER = ".order.jsonl"


class Records(msgspec.Struct, frozen=True):
    """Everything that is on disk of one operation."""

    entries: tuple[Entry, ...]
    head: str
    """Hash of the newest record of both files."""
    damage: str = ""
    remarks: tuple[Entry, ...] = ()


def read_records(home: JournalHome, operation: str) -> Records:
    """The order and the executor's records, in the order they were written.

    A torn tail is left out (its writer died); from a damaged record on nothing is believed, and `damage` names it.
    Raises FileNotFoundError when there is no such operation, JournalBroken when it cannot be read.
    """
    if not is_operation_id(operation):
        raise FileNotFoundError(operation)
    order = read_chain(home.read(operation + _ORDER))
    if order.damage or not order.entries:
        return Records(order.entries, order.head, order.damage or "the order is not whole")
    told = read_remarks(home, operation, order.head)
    remarks, spoilt = (told.entries, told.damage) if told is not None else ((), "")
    try:
        done = read_chain(home.read(f"{operation}.jsonl"), order.head)
    except FileNotFoundError:
        return Records(order.entries, order.head, spoilt, remarks)
    return Records(order.entries + done.entries, done.head, done.damage or spoilt, remarks)


def read_operation(home: JournalHome, operation: str) -> Operation | None:
    """One operation as its records tell it; None when its order is lost. Raises like `read_records`."""
    records = read_records(home, operation)
    found = fold(records.entries, _beat(home, operation), records.damage)
    return msgspec.structs.replace(found, remarks=records.remarks) if found is not None and records.remarks else found


def operations(home: JournalHome, environment: str | None = None) -> tuple[Operation, ...]:
    """The newest operations (`RECENT`), newest first, of one environment or of all. Raises JournalBroken."""
    return Follower(home, environment).read()


def damaged(home: JournalHome) -> tuple[str, ...]:
    """A sentence for each recent operation with a record that cannot be trusted."""
    found = []
    for operation in _recent(home.names()):
        records = read_records(home, operation)
        if records.damage:
            found.append(f"operation {operation}: {records.damage}")
    return tuple(found)


class Follower:
    """Follows the journal for a screen: asked often, it reads only what changed."""

    def __init__(self, home: JournalHome, environment: str | None = None) -> None:
        self._home, self._environment = home, environment
        self._known: dict[str, tuple[tuple[tuple[int, int], ...], Operation | None]] = {}
        self._asked = False

    def changed(self) -> tuple[Operation, ...] | None:
        """All recent operations, newest first, or None when nothing changed since the last time.

        The first answer is never None. One directory listing and a stat per file of each open operation
        when idle. Raises JournalBroken.
        """
        names = self._home.names()
        recent = _recent(names)
        remarked = {name.removesuffix(REMARKS) for name in names if name.endswith(REMARKS)}
        fresh: dict[str, tuple[tuple[tuple[int, int], ...], Operation | None]] = {}
        dirty = not self._asked or set(recent) != set(self._known)
        for operation in recent:
            known = self._known.get(operation)
            if known is not None and known[1] is not None and not known[1].open and operation not in remarked:
                fresh[operation] = known  # what has ended is written no more, but for remarks
                continue
            signature = self._signature(operation)
            if known is None or known[0] != signature:
                dirty = True
                known = (signature, self._operation(operation))
            fresh[operation] = known
        self._known, self._asked = fresh, True
        return self._shown(recent) if dirty else None

    def read(self) -> tuple[Operation, ...]:
        """All recent operations, newest first, changed or not."""
        shown = self.changed()
        return shown if shown is not None else self._shown(tuple(self._known))

    def _operation(self, operation: str) -> Operation | None:
        try:
            return read_operation(self._home, operation)
        except FileNotFoundError:
            return None  # removed between listing and reading

    def _shown(self, recent: tuple[str, ...]) -> tuple[Operation, ...]:
        found = (self._known[operation][1] for operation in recent)
        return tuple(one for one in found if one is not None and self._environment in (None, one.plan.environment))

    def _signature(self, operation: str) -> tuple[tuple[int, int], ...]:
        return tuple(_stamp(self._home, operation + suffix) for suffix in (_ORDER, ".jsonl", ".beat", REMARKS))


def _recent(names: Iterable[str]) -> tuple[str, ...]:
    ids = (name.removesuffix(_ORDER) for name in names if name.endswith(_ORDER))
    return tuple(sorted((one for one in ids if is_operation_id(one)), reverse=True)[:RECENT])


def _stamp(home: JournalHome, name: str) -> tuple[int, int]:
    try:
        found = os.stat(home.path / name, follow_symlinks=False)  # noqa: PTH116 - a Path object per poll and file adds up
    except FileNotFoundError:
        return (0, 0)
    except OSError as error:
        raise JournalBroken(f"Cannot look at the journal {home.path / name}: {error.strerror}.") from error
    return (found.st_size, found.st_mtime_ns)


def _beat(home: JournalHome, operation: str) -> datetime | None:
    """The newest sign of life, from the file that the executor rewrites; None when it never wrote one."""
    try:
        found = msgspec.json.decode(home.read(f"{operation}.beat"), type=Beat)
    except (FileNotFoundError, msgspec.DecodeError, JournalBroken):
        return None  # a beat is only a hint; whether the executor lives is asked of its lock
    return found.at.astimezone(UTC)


class Beat(msgspec.Struct, frozen=True):
    """What the executor writes every few seconds of machine time, in one small file that never grows."""

    at: datetime
    """The account's time."""
    pid: int
