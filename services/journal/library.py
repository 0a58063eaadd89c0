"""All operations of a state folder as lines of a list: each is read once, those that are open again when they change.

Reading is done in portions, the newest first, so that thousands keep nobody waiting; of what has been read only its
line stays in memory. An operation that is opened is read from the disk again, whole.
"""

from __future__ import annotations

import os

import msgspec

from services.journal.folding import fold
from services.journal.home import JournalBroken, JournalHome
from services.journal.ids import is_operation_id
from services.journal.leases import running
from services.journal.reading import read_operation, read_records
from services.journal.shelves import Shelf, shelves
from services.model.entry import Operation
from services.model.journal import Catalogue, Listed
from services.safe_text import safe

PORTION = 200
"""Operations that are read for the first time in one look."""

_ORDER = ".order.jsonl"

Key = tuple[str, str, bool]
"""Folder, operation, archived."""


class Known(msgspec.Struct, frozen=True):
    """What is kept of an operation between two looks."""

    stamp: tuple[int, int, int]
    listed: Listed | None
    problem: str = ""


class Library:
    """Looked at by one screen or command; slow disks make it slow: on a thread."""

    def __init__(self) -> None:
        self._known: dict[Key, Known] = {}

    def look(self, portion: int = PORTION) -> Catalogue:
        """What there is now, `portion` operations further into the past than before. Raises JournalBroken."""
        places, problems = _places()
        left = portion
        for key, home in places:
            known = self._known.get(key)
            if known is None:
                if left == 0:
                    continue
                left -= 1
            elif known.listed is not None and not known.listed.open:
                continue  # what has ended is written no more
            self._known[key] = _looked(key, home, known)
        there = {key for key, _ in places}
        self._known = {key: known for key, known in self._known.items() if key in there}
        return self._told(places, problems)

    def whole(self, portion: int = PORTION) -> Catalogue:
        """Everything, however long it takes. Raises JournalBroken."""
        while (found := self.look(portion)).unread:
            pass
        return found

    def _told(self, places: list[tuple[Key, JournalHome]], problems: list[str]) -> Catalogue:
        known = [self._known[key] for key, _ in places if key in self._known]
        listed = tuple(one.listed for one in known if one.listed is not None)
        problems = [*problems, *(one.problem for one in known if one.problem)]
        return Catalogue(listed, len(places) - len(known), tuple(problems))


def _places() -> tuple[list[tuple[Key, JournalHome]], list[str]]:
    """Every operation there is, the newest first: ids sort by time, whatever folder they are in."""
    places: list[tuple[Key, JournalHome]] = []
    problems = []
    for shelf in shelves():
        try:
            places += [((shelf.folder, one, shelf.archived), shelf.home) for one in ids(shelf.home)]
        except JournalBroken as error:
            problems.append(str(error))
    return sorted(places, key=lambda place: place[0][1], reverse=True), problems


def ids(home: JournalHome) -> list[str]:
    """The operations of a folder, in no order. Raises JournalBroken."""
    orders = (name.removesuffix(_ORDER) for name in home.names() if name.endswith(_ORDER))
    return [one for one in orders if is_operation_id(one)]


def _looked(key: Key, home: JournalHome, known: Known | None) -> Known:
    """An operation as it is now; one whose file has not grown is not read again, only asked for its executor."""
    folder, operation, archived = key
    try:
        stamp = _stamp(home, f"{operation}.jsonl")
        if known is not None and known.stamp == stamp and known.listed is not None:
            gone = not known.listed.damage and not running(home, operation)
            listed = msgspec.structs.replace(known.listed, gone=gone) if gone != known.listed.gone else known.listed
            return Known(stamp, listed)
        records = read_records(home, operation)
        found = fold(records.entries, None, records.damage)
        if found is None:
            return Known(
                stamp, None, f"operation {operation} in {home.path}: {records.damage or 'no plan in its order'}"
            )
        gone = found.open and not records.damage and not running(home, operation)
        return Known(stamp, line_of(found, Shelf(home, folder, archived), records.damage, gone=gone))
    except FileNotFoundError:
        return Known((0, 0, 0), None)  # removed or archived while it was looked at
    except JournalBroken as error:
        return Known((0, 0, 0), None, str(error))


def line_of(operation: Operation, shelf: Shelf, damage: str, *, gone: bool) -> Listed:
    """An operation's line."""
    actor = next((entry.actor for entry in operation.entries if entry.actor is not None), None)
    return Listed(
        folder=shelf.folder,
        id=operation.id,
        environment=operation.plan.environment,
        kind=operation.plan.kind.value,
        title=safe(operation.plan.title, 300),
        ordered=operation.ordered,
        phase=operation.phase,
        text=operation.text,
        who=safe(f"{actor.os_user} on {actor.host}", 200) if actor is not None else "",
        arn=safe(actor.arn, 300) if actor is not None else safe(""),
        reason=operation.entries[0].reason,
        calls=tuple(f"{step.call.service}.{step.call.operation}" for step in operation.plan.steps),
        outcome=operation.outcome,
        ended=operation.ended,
        damage=damage,
        gone=gone,
        archived=shelf.archived,
    )


def find(operation: str) -> tuple[Listed, Operation | None]:
    """One operation whole, by its id or the only one that begins so; from whichever folder holds it.

    Raises FileNotFoundError (none, or several: the message says), JournalBroken.
    """
    wanted = operation.strip().upper()
    hits = [place for place in _places()[0] if place[0][1].startswith(wanted)] if wanted else []
    exact = [place for place in hits if place[0][1] == wanted] or hits
    if not exact:
        raise FileNotFoundError(f"there is no operation {operation!r}; `cockpit journal list` names them")
    if len({key[1] for key, _ in exact}) > 1:
        raise FileNotFoundError(f"{len(exact)} operations begin with {operation!r}; write more of the id")
    return opened(exact[0][0], exact[0][1])


def opened(key: Key, home: JournalHome) -> tuple[Listed, Operation | None]:
    """One operation, read whole. Raises FileNotFoundError, JournalBroken."""
    known = _looked(key, home, None)
    if known.listed is None:
        if known.problem:
            raise JournalBroken(known.problem)
        raise FileNotFoundError(f"operation {key[1]} is not there any more")
    return known.listed, read_operation(home, key[1])


def home_of(listed: Listed) -> JournalHome:
    """The folder that holds an operation of the list. Raises FileNotFoundError, JournalBroken."""
    for shelf in shelves():
        if (shelf.folder, shelf.archived) == (listed.folder, listed.archived):
            return shelf.home
    raise FileNotFoundError(listed.folder)


def _stamp(home: JournalHome, name: str) -> tuple[int, int, int]:
    try:
        found = os.stat(home.path / name, follow_symlinks=False)  # noqa: PTH116 - as in reading.py
    except FileNotFoundError:
        return (0, 0, 0)
    except OSError as error:
        raise JournalBroken(f"Cannot look at the journal {home.path / name}: {error.strerror}.") from error
    return (found.st_ino, found.st_size, found.st_mtime_ns)
