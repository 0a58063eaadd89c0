"""Old operations are put into a folder of their own, whole and unchanged; nothing is ever deleted.

Only ended ones, never the newest, a portion at a time. The order's file goes first: without it what is left behind is
no operation to anybody, and the next time finishes the move. An operation whose chain does not hold stays where it is.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta

from services.journal.home import JournalBroken, JournalHome, broken
from services.journal.ids import is_operation_id, new_operation_id
from services.journal.leases import running
from services.journal.library import ids
from services.journal.reading import read_operation, read_records
from services.journal.remarks import LOCK, REMARKS
from services.journal.shelves import ARCHIVE
from services.settings.values import JournalKeeping

PORTION = 500
"""Operations that are looked at in one go: a start waits for no more."""

_PARTS = (
    *(".order.jsonl", ".jsonl", REMARKS, ".jsonl.torn", ".order.jsonl.torn", f"{REMARKS}.torn"),
    *(".beat", ".lock", LOCK),
)
"""In the order in which they are moved."""


def archive(home: JournalHome, keeping: JournalKeeping, now: datetime) -> tuple[str, ...]:
    """The operations that were put away. `now` is the account's. Raises JournalBroken."""
    if keeping.keep_days <= 0:
        return ()
    before = now - timedelta(days=keeping.keep_days)
    old = sorted(ids(home), reverse=True)[max(0, keeping.keep_newest) :]
    bound = new_operation_id(before, bytes)  # ids sort by time: what was ordered later need not be read
    moved = [one for one in reversed(old[-PORTION:]) if one < bound and _may_go(home, one, before)]
    left = _left_behind(home)
    if moved or left:
        shelf = JournalHome(home.path / ARCHIVE)
        for operation in (*left, *moved):
            _move(home, shelf, operation)
    return tuple(moved)


def _may_go(home: JournalHome, operation: str, before: datetime) -> bool:
    try:
        found = read_operation(home, operation)
        whole = not read_records(home, operation).damage
    except FileNotFoundError:
        return False
    ended = found.ended if found is not None else None
    return whole and ended is not None and ended < before and not running(home, operation)


def _left_behind(home: JournalHome) -> tuple[str, ...]:
    """Operations whose order was moved and whose records were not: the mover died between."""
    with contextlib.suppress(JournalBroken):
        there = set(ids(home))
        away = set(ids(JournalHome(home.path / ARCHIVE))) - there
        names = {name.removesuffix(".jsonl") for name in home.names() if name.endswith(".jsonl")}
        return tuple(sorted(one for one in names & away if is_operation_id(one)))
    return ()


def _move(home: JournalHome, shelf: JournalHome, operation: str) -> None:
    source, target = home.opened(), -1
    try:
        target = shelf.opened()
        for part in _PARTS:
            name = operation + part
            try:
                os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
                os.unlink(name, dir_fd=source)  # linked first: a name that is taken is never written over
            except FileNotFoundError:
                continue
        os.fsync(target)
        os.fsync(source)
    except FileExistsError as error:
        raise JournalBroken(f"{shelf.path} holds an operation {operation} already: move it away.") from error
    except OSError as error:
        raise broken(home.path, error) from error
    finally:
        os.close(source)
        if target >= 0:
            os.close(target)
