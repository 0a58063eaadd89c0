"""What happened: stack events, alias moves, invalidations, operations in one list, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from services.model.assessment import State
from services.safe_text import SafeText
from widgets import wording
from widgets.charset import UNICODE, Charset, charset_of
from widgets.picture import Picture
from widgets.spans import Row, Span, cells, columns, cut, fit, row, spread, squeeze_text, wrap
from widgets.states import SIGNS, style

WHAT = 24
"""Most cells of the column that says what it happened to."""

REST = 27
"""Cells that sign, sign, `UPDATE_COMPLETE` and a duration take: what is beyond goes to that column."""


class TimelineRow(msgspec.Struct, frozen=True):
    """One thing that happened."""

    at: datetime
    state: State
    """OK: done; WAITING: under way; CRIT: failed."""
    what: SafeText
    """What it happened to: `stack`, `LambdaAlias`, `invalidation`, `rollback`."""
    text: SafeText
    """What happened: `UPDATE_COMPLETE`, `v41 → v42`."""
    took: float | None = None
    """Seconds; None: not known or not over."""
    pinned: bool = False
    """The root cause of a failed operation: stands first, whatever happened since."""
    day: str = ""
    """`11-22`, when that is not today: what happened yesterday at an hour still to come reads as today's otherwise."""


class TimelineRows(Picture):
    """The rows; as high as they are many, scrolled by the Timeline around them."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[TimelineRow, ...] = ()
        self._empty = ""

    def show(self, entries: tuple[TimelineRow, ...], empty: str) -> None:
        if (entries, empty) == (self._entries, self._empty):
            return
        self._entries, self._empty = entries, empty
        self.redraw()

    def needed_height(self, width: int) -> int:
        return max(1, len(timeline_rows(self._entries, width, self.charset)))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if not self._entries:
            return [cut([Span(f" {self._empty}", "silent")], width)]
        return timeline_rows(self._entries, width, self.charset)


class Timeline(VerticalScroll):
    """Shows TimelineRows, newest first, the root cause of a failure pinned above. Scrolls; takes the focus."""

    DEFAULT_CSS = """
    Timeline {
        height: 1fr;
        border: round $foreground 22%;
        border-title-color: $foreground 82%;
        border-title-style: none;
        padding: 0;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: auto;
    }
    Timeline.-ascii { border: ascii $foreground 22%; }
    Timeline:focus { border: round $accent 60%; }
    Timeline.-ascii:focus { border: ascii $accent 60%; }
    """

    def __init__(self, title: str = "Deployments", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = title
        self._body = TimelineRows()

    def compose(self) -> ComposeResult:
        yield self._body

    def on_mount(self) -> None:
        """A border in the signs of this terminal."""
        self.set_class(not charset_of(self.app).braille, "-ascii")

    def show(self, entries: tuple[TimelineRow, ...], empty: str = "nothing happened in the last hours") -> None:
        """Show `entries` in any order; `empty` stands where there are none."""
        newest = sorted(entries, key=lambda entry: entry.at, reverse=True)
        newest.sort(key=lambda entry: not entry.pinned)
        self._body.show(tuple(newest), empty)


def timeline_rows(entries: Sequence[TimelineRow], width: int, charset: Charset = UNICODE) -> list[Row]:
    """One row each: time, sign, what, text, how long it took; columns line up and the text is what gives way.

    A pinned entry is not cut: it takes as many rows as it needs.
    """
    when = columns(_when(entry) for entry in entries)
    what = min(WHAT, columns(entry.what for entry in entries), max(6, width // 4, width - REST - when))
    rows: list[Row] = []
    for entry in entries:
        head, text = _head(entry, when, what, charset), _text(entry)
        took = wording.took(entry.took)
        if entry.pinned:
            rows += _whole(head, text, width)
        elif took and width >= 40:
            rows.append(spread((*head, text), (Span(f"{took} ", "muted"),), width))
        else:
            rows.append(cut((*head, text), width))
    return rows


def _when(entry: TimelineRow) -> str:
    """`03:11:42`; of another day `11-22 14:03`."""
    return f"{entry.day} {wording.minute(entry.at)}" if entry.day else wording.second(entry.at)


def _head(entry: TimelineRow, when: int, what: int, charset: Charset) -> Row:
    sign = charset.busy if entry.state is State.WAITING else SIGNS[entry.state]
    colour = "accent" if entry.state is State.WAITING else style(entry.state)
    loud = "strong" if entry.pinned or entry.state is State.CRIT else ""
    return row(
        Span(f" {_when(entry):<{when}} ", "muted"),
        Span(f"{sign} ", colour),
        *fit([Span(squeeze_text(entry.what, what), loud)], what),
        "  ",
    )


def _text(entry: TimelineRow) -> Span:
    return Span(entry.text, {State.CRIT: "crit", State.WAITING: "accent"}.get(entry.state, ""))


def _whole(head: Row, text: Span, width: int) -> list[Row]:
    """`head`, and beside it the whole text."""
    indent = cells(head)
    lines = wrap([text], max(12, width - indent - 1))
    return [(*head, *lines[0]), *((Span(" " * indent), *line) for line in lines[1:])]
