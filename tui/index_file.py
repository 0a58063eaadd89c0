"""A file that says how an index is to change, read for a person: what is wrong names file and field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.model.table_indexes import IndexChange

MOST_BYTES = 100_000


def read_index_line(line: str) -> tuple[str, IndexChange]:
    """`table /path/to/gsi-update.json`. Raises ValueError, whose text is shown."""
    from services.actions.index_change import read_change

    words = line.split(maxsplit=1)
    if len(words) != 2:
        raise ValueError("The table, and the path of a JSON file.")
    path = Path(words[1].strip().removeprefix("file://")).expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError(f"{path} is longer than {MOST_BYTES:,} bytes: that is no change of an index.")
        text = raw.decode()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8 text.") from error
    try:
        return words[0], read_change(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}.") from error


def read_types(change: IndexChange, lacking: Sequence[str], line: str) -> IndexChange:
    """`region=S day=N`, one for each that is lacking. Raises ValueError."""
    from services.actions.index_change import completed

    told = dict(word.partition("=")[::2] for word in line.split())
    if set(told) != set(lacking):
        raise ValueError(f"One type for each of {', '.join(lacking)}: {lacking[0]}=S.")
    return completed(change, told)
