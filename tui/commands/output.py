"""Text for a terminal without a screen: aligned tables, and colour only where it can be seen and is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import IO

import click

from services.model.assessment import State

_COLOURS = {
    State.OK: "green",
    State.ELEVATED: "cyan",
    State.WARN: "yellow",
    State.CRIT: "red",
}
_SILENT = "magenta"
GAP = "  "


def coloured(stream: IO[str] | None = None) -> bool:
    """Whether a stream takes colour: a terminal that is not dumb, and no non-empty NO_COLOR."""
    chosen = stream or sys.stdout
    return chosen.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"


def word(state: State, colour: bool) -> str:
    """A state's word, coloured if asked; the word alone tells it."""
    if not colour:
        return state.value
    return click.style(
        state.value, fg=_COLOURS.get(state, _SILENT), bold=True if state in (State.CRIT, State.WARN) else None
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str | State]], colour: bool) -> list[str]:
    """Left-aligned columns under their heads; a State cell is coloured after it is measured."""
    texts = [[cell.value if isinstance(cell, State) else cell for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(head), *texts]) for column in range(len(head))]
    lines = [GAP.join(title.ljust(width) for title, width in zip(head, widths, strict=True)).rstrip()]
    for row, text in zip(rows, texts, strict=True):
        cells = []
        for cell, shown, width in zip(row, text, widths, strict=True):
            padding = " " * (width - len(shown))
            cells.append((word(cell, colour) if isinstance(cell, State) else shown) + padding)
        lines.append(GAP.join(cells).rstrip())
    return lines


def age(seconds: float | None) -> str:
    """`8 s`, `3 min`; a dash when there is none."""
    if seconds is None:
        return "-"
    if seconds < 120:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def say(sentence: str) -> None:
    """Talk, on stderr."""
    click.echo(sentence, err=True)
