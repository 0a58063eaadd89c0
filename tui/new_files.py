"""Files that the cockpit writes where it was started: new ones, never over an older one, read by their owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

NAMES = 100
"""Names that are tried: somebody who exports more often within a second is told."""


def plain(name: str) -> str:
    """Letters, digits, `-` and `_` as they are, a `-` for anything else; at most 60 characters."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in name)[:60]


def write(folder: Path, stem: str, contents: Mapping[str, Iterable[bytes]]) -> tuple[Path, ...]:
    """Write `contents`, by ending, into files of one name: `stem`, else `stem-1` and so on. Raises OSError.

    Every file is on the disk before this returns.
    """
    paths = _free(folder, stem, tuple(contents))
    for path, pieces in zip(paths, contents.values(), strict=True):
        with begun(path) as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
    return paths


def begun(path: Path) -> BinaryIO:
    """A file that was not there before, open for writing. Raises FileExistsError when it is, OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _free(folder: Path, stem: str, endings: tuple[str, ...]) -> tuple[Path, ...]:
    for number in range(NAMES):
        paths = tuple(folder / f"{stem}{f'-{number}' if number else ''}.{ending}" for ending in endings)
        if not any(os.path.lexists(path) for path in paths):
            return paths
    raise FileExistsError(f"{folder / stem}.{endings[0]}: {NAMES} of that name are there already")
