"""The line under a chart: where it starts, what changed when, how old the newest data is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from services.model.changes import Change, ChangeKind
from widgets import wording
from widgets.canvas import Window
from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span

_STYLES = {ChangeKind.ROLLBACK: "ok", ChangeKind.INVALIDATION: "muted"}

_WEIGHTS = {
    ChangeKind.ROLLBACK: 3,
    ChangeKind.ALIAS: 3,
    ChangeKind.STAGE: 2,
    ChangeKind.STACK: 1,
    ChangeKind.VERSION: 0,
    ChangeKind.INVALIDATION: 0,
}
"""Which label stays where two changes are close: what serves now says more than what brought it."""


def axis(
    shown: Window, changes: Sequence[Change], age: str, *, offset: int, width: int, charset: Charset = UNICODE
) -> Row:
    """A rule of `width` cells under a chart whose first cell is at `offset`.

    Each change's marker stands exactly under its cell, its label to the right or, where there is no room, to the left.
    What weighs more and is newer chooses first; a label is left out before a marker is. The start time stands under
    the first cell. `age` stands at the right, or as far right as the markers let it.
    """
    line = _Line(width, charset.across)
    visible = [change for change in changes if shown.cell(change.at.timestamp()) is not None]
    for change in sorted(visible, key=lambda change: (_WEIGHTS.get(change.kind, 1), change.at), reverse=True):
        cell = shown.cell(change.at.timestamp())
        if cell is not None:
            _mark(line, offset + cell, change, charset)
    start, old = f" {wording.minute(shown.start)} ", f" {age} "
    if line.free(offset - 1, len(start)):
        line.put(offset - 1, start, "muted")
    if age:
        last = width - cell_len(old) - 1
        places = [*range(last, offset + len(start) - 2, -1), *range(offset, 0, -1)]
        place = next((place for place in places if line.free(place, cell_len(old))), None)
        if place is not None:
            line.put(place, old, "muted")
    return line.row()


def _mark(line: _Line, place: int, change: Change, charset: Charset) -> None:
    style = _STYLES.get(change.kind, "marker")
    label, size = change.label, cell_len(change.label)
    if line.free(place, 1 + size + 1) and label:
        line.put(place, f"{charset.marker}{label}", style)
    elif line.free(place - size - 1, size + 2) and label:
        line.put(place - size, f"{label}{charset.marker}", style)
    elif line.free(place, 1):
        line.put(place, charset.marker, style)


class _Line:
    """Cells that are either the rule or taken."""

    def __init__(self, width: int, rule: str) -> None:
        self._rule = rule
        self._cells: list[tuple[str, str] | None] = [None] * width

    def free(self, place: int, size: int) -> bool:
        return (
            place >= 0
            and place + size <= len(self._cells)
            and all(cell is None for cell in self._cells[place : place + size])
        )

    def put(self, place: int, text: str, style: str) -> None:
        """Write `text`; a wide character takes its second cell too."""
        for character in text:
            size = cell_len(character)
            if place < 0 or place + size > len(self._cells):
                return
            self._cells[place] = (character, style)
            for rest in range(1, size):
                self._cells[place + rest] = ("", style)
            place += size

    def row(self) -> Row:
        spans: list[Span] = []
        for cell in self._cells:
            text, style = cell if cell is not None else (self._rule, "rule")
            if spans and spans[-1].style == style:
                spans[-1] = Span(spans[-1].text + text, style)
            else:
                spans.append(Span(text, style))
        return tuple(spans)
