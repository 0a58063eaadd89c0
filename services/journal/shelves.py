"""Every journal of a state folder: that of real accounts, one for each simulated account, and what was archived."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from services.journal.home import JournalBroken, JournalHome

ARCHIVE = "archive"
"""Folder, within a journal's, of operations that were put away."""


class Shelf(msgspec.Struct, frozen=True):
    """One folder of operations."""

    home: JournalHome
    folder: str
    """Empty for real accounts, else the name of the sandbox's folder."""
    archived: bool = False


def shelves() -> tuple[Shelf, ...]:
    """Every folder there is now, real accounts' first. Follows no links. Raises JournalBroken."""
    real = JournalHome.default()
    found = [Shelf(real, "")]
    sandboxes = real.path.parent / "journal-sandbox"
    found += [Shelf(JournalHome(sandboxes / name), name) for name in _folders(sandboxes)]
    archives = [
        Shelf(JournalHome(one.home.path / ARCHIVE), one.folder, archived=True)
        for one in found
        if ARCHIVE in _folders(one.home.path)
    ]
    return (*found, *archives)


def _folders(path: Path) -> tuple[str, ...]:
    try:
        with os.scandir(path) as entries:
            return tuple(sorted(one.name for one in entries if one.is_dir(follow_symlinks=False)))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise JournalBroken(f"Cannot look through the journals in {path}: {error.strerror}.") from error
