"""One line of the log screen as rows: cursor, mark, time, group, level, text with what was searched for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.cells import set_cell_size

from services.line_search.query import Query
from services.line_search.terms import Spans
from services.model.logs import Gap
from widgets import log_wording
from widgets.log_ring import Row as LogRow
from widgets.log_row import LATE, LEVEL_STYLES, LEVEL_WIDTH, REQUEST_FROM
from widgets.log_times import Times, day, told
from widgets.log_unfold import unfolded
from widgets.spans import Row, Span, cells, cut, cut_text, fit, wrap

MARK = "◆"
_REQUEST_WIDTH = 10
_LONGEST_LOOK = 2_000
"""Characters of a text in which what was searched for is marked."""


class Look(msgspec.Struct, frozen=True):
    """How lines are shown."""

    times: Times = Times.UTC
    now: int = 0
    """Epoch milliseconds."""
    wrap: bool = False
    query: Query | None = None
    group_width: int = 0
    cursor: str = "▸"


def line_rows(line: LogRow, width: int, look: Look, *, at_cursor: bool = False, most: int = 1_000) -> list[Row]:
    """The rows of one line, each at most `width` cells; at most `most` of them."""
    head, level = _head(line, look, at_cursor), LEVEL_STYLES[line.level]
    text, spans = _text(line, look)
    style = "strong" if at_cursor and not level[1] else level[1]
    room = width - cells(head)
    request = log_wording.short_request(line.request) if line.request and width >= REQUEST_FROM else ""
    if request:
        room -= _REQUEST_WIDTH
    body = _styled(text, spans, style)
    if line.unfolded:
        return _whole(line, head, width, most)
    if look.wrap:
        rows = wrap(body, max(8, room))
        first = [(*head, *rows[0]), *((Span(" " * cells(head)), *one) for one in rows[1:])]
        return [*first[:most]]
    shown = cut(body, max(0, room))
    if not request:
        return [(*head, *shown)]
    return [(*head, *fit(shown, max(0, room)), Span(f"  {set_cell_size(request, _REQUEST_WIDTH - 2)}", "faint"))]


def _head(line: LogRow, look: Look, at_cursor: bool) -> Row:
    word, _ = LEVEL_STYLES[line.level]
    group = (Span(set_cell_size(line.group, look.group_width) + " ", "muted"),) if look.group_width else ()
    return (
        Span(look.cursor if at_cursor else " ", "accent-strong"),
        Span(MARK if line.marked else " ", "accent-strong"),
        Span(told(line.at, look.times, look.now), "strong" if at_cursor else "faint"),
        Span(LATE if line.late else " ", "elevated"),
        *group,
        Span(f"{line.level.value:<{LEVEL_WIDTH}} ", word),
    )


def _text(line: LogRow, look: Look) -> tuple[str, Spans]:
    """What is shown of a line, in few words; the line itself when only there stands what was searched for.

    Its level stands beside it: who searches for `ERROR` wants to read what failed.
    """
    short = log_wording.summary(line.text)
    if look.query is None:
        return short, []
    spans = look.query.spans(short[:_LONGEST_LOOK])
    if spans or short == line.text:
        return short, spans
    found = look.query.spans(line.text[:_LONGEST_LOOK])
    whole = [(start, end) for start, end in found if line.text[start:end].upper() != line.level.value]
    return (_around(line.text, whole), look.query.spans(_around(line.text, whole))) if whole else (short, [])


def _around(text: str, spans: Spans) -> str:
    """The text from a little before the first place that is meant."""
    start = max(0, spans[0][0] - 24)
    return f"…{text[start:]}" if start > 8 else text


def _styled(text: str, spans: Spans, style: str) -> list[Span]:
    """The text with the places marked: by weight and underline, not by colour alone."""
    parts: list[Span] = []
    place = 0
    for start, end in spans:
        if start > place:
            parts.append(Span(text[place:start], style))
        parts.append(Span(text[start:end], "match"))
        place = end
    parts.append(Span(text[place:], style))
    return [part for part in parts if part.text] or [Span("", style)]


def _whole(line: LogRow, head: Row, width: int, most: int) -> list[Row]:
    """The line set out under its own head; how many rows are left out is said."""
    full = f"  {line.request}" if line.request else ""
    rows: list[Row] = [cut((*head, Span(cut_text(log_wording.summary(line.text), 4_000), "strong")), width)]
    indent = Span(" " * min(6, width // 8))
    inside = max(8, width - len(indent.text))
    body = [*([(Span("request", "muted"), Span(full))] if full else []), *unfolded(line.text, inside)]
    over = len(body) - max(1, most - 1)
    if over > 0:
        body = [*body[: max(0, most - 2)], (Span(f"… {over + 1} more rows; y copies the whole line", "faint"),)]
    return [*rows, *(cut((indent, *one), width) for one in body)]


def between(older: int | None, younger: int, gaps: Sequence[Gap], width: int, look: Look) -> list[Row]:
    """What stands between two lines, by their times: the day where it changes, and each gap with its own times."""
    rows: list[Row] = []
    if older is not None and day(older, look.times) != day(younger, look.times):
        rows.append(_rule(day(younger, look.times), width, "muted"))
    after = older if older is not None else 0
    rows += [gap_row(gap, width, look) for gap in gaps if _lies(gap, after, younger, first=older is None)]
    return rows


def _lies(gap: Gap, older: int, younger: int, *, first: bool) -> bool:
    """Whether a gap's end lies between two lines: it is told once, where lines go on."""
    return older < gap.end <= younger or (first and gap.start <= younger < gap.end)


def gap_row(gap: Gap, width: int, look: Look) -> Row:
    """`▲ gap 03:07:10 to 03:08:55 · throttled`: what may be missing here, and why."""
    times = Times.UTC if look.times is Times.AGE else look.times
    said = f"▲ gap {told(gap.start, times, 0)} to {told(gap.end, times, 0)}"
    return _rule(f"{said} · {gap.why}" if gap.why else said, width, "warn")


def _rule(text: str, width: int, style: str) -> Row:
    shown = cut_text(f"── {text} ", width)
    return (Span(shown, style), Span("─" * max(0, width - cells([Span(shown)])), "rule"))
