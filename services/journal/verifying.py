"""The hash chains of every file, checked from the first record to the last, and what each check found."""

from __future__ import annotations

from collections.abc import Iterator

from services.journal.chain import Chain, read_chain
from services.journal.home import JournalBroken
from services.journal.library import ids
from services.journal.remarks import REMARKS
from services.journal.shelves import Shelf, shelves
from services.model.journal import FileFinding
from services.plural import several

ORPHAN = "its order is missing, so nothing says what it follows"


def verified() -> Iterator[FileFinding]:
    """A finding for each file of each folder, as it is checked: an operation's order, then its executor's records.

    Raises JournalBroken when a folder cannot be listed.
    """
    for shelf in shelves():
        orders = ids(shelf.home)
        for operation in sorted(orders):
            yield from _operation(shelf, operation)
        done = {operation + part for operation in orders for part in (".jsonl", REMARKS)}
        for name in sorted(shelf.home.names()):
            if name.endswith(".jsonl") and not name.endswith(".order.jsonl") and name not in done:
                yield FileFinding(place(shelf), name, 0, ORPHAN)


def place(shelf: Shelf) -> str:
    """Where a file is, for a person."""
    return str(shelf.home.path)


def _operation(shelf: Shelf, operation: str) -> Iterator[FileFinding]:
    name = f"{operation}.order.jsonl"
    order = _chain(shelf, name)
    if order is None:
        return
    if isinstance(order, FileFinding):
        yield order
        return
    damage = order.damage or ("" if order.sequence >= 0 else "the order is not whole")
    yield FileFinding(place(shelf), name, order.sequence + 1, damage, order.torn)
    for part in (f"{operation}.jsonl", operation + REMARKS):
        done = _chain(shelf, part, order.head)
        if isinstance(done, FileFinding):
            yield done
        elif done is not None:
            yield FileFinding(place(shelf), part, done.sequence + 1, done.damage, done.torn)


def _chain(shelf: Shelf, name: str, previous: str = "") -> Chain | FileFinding | None:
    try:
        return read_chain(shelf.home.read(name), previous)
    except FileNotFoundError:
        return None  # not taken up yet, or archived while it was looked at
    except JournalBroken as error:
        return FileFinding(place(shelf), name, 0, f"cannot be read: {error}")


def summary(findings: tuple[FileFinding, ...]) -> str:
    """`412 files, 3 120 records: every chain holds` or how many do not."""
    bad = sum(not one.good for one in findings)
    torn = sum(one.torn for one in findings)
    head = f"{several(len(findings), 'file')}, {several(sum(one.records for one in findings), 'record')}: "
    said = f"{bad} damaged" if bad else "every chain holds"
    return (
        head
        + said
        + (f"; {torn} {'ends' if torn == 1 else 'end'} in a line that was never finished (left out)" if torn else "")
    )
