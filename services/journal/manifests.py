"""Manifests: what a restoration is about, key by key, beside the journal. Named by their content, so never rewritten.

A manifest is the backup too: it holds the version of everything that stood. It is on disk before anything is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome, broken
from services.model.content import Move


def name_of(digest: str) -> str:
    """The file's name in the journal's folder."""
    return f"manifest-{digest[:32]}.jsonl"


def write_manifest(home: JournalHome, digest: str, moves: Iterable[Move], disk: Disk | None = None) -> None:
    """On disk when this returns. Raises JournalBroken."""
    disk, name = disk or Disk(), name_of(digest)
    if name in home.names():
        return
    data = b"".join(msgspec.json.encode(one) + b"\n" for one in moves)
    try:
        descriptor = home.create(f"{name}.new", os.O_WRONLY | os.O_TRUNC)
        try:
            if disk.write(descriptor, data) != len(data):
                raise JournalBroken(
                    f"The manifest {home.path / name} could not be written whole: the disk may be full."
                )
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
        folder = home.opened()
        try:
            os.rename(f"{name}.new", name, src_dir_fd=folder, dst_dir_fd=folder)
            disk.sync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise broken(home.path / name, error) from error


def read_manifest(home: JournalHome, digest: str) -> tuple[Move, ...]:
    """The moves. Raises JournalBroken when it is missing or not what was written."""
    from services.actions.content_moves import digest as of

    name = name_of(digest)
    try:
        moves = tuple(msgspec.json.decode(line, type=Move) for line in home.read(name).splitlines())
    except FileNotFoundError:
        raise JournalBroken(
            f"The manifest {home.path / name} is missing: what was to be restored is not known."
        ) from None
    except msgspec.MsgspecError as error:
        raise JournalBroken(f"The manifest {home.path / name} is damaged: {error}.") from error
    if of(moves) != digest:
        raise JournalBroken(f"The manifest {home.path / name} is not the one that was confirmed.")
    return moves
