"""How many lines there were over time, above the lines themselves: errors, warnings, all; and when something changed.

Three rows: errors and warnings of each stretch, all lines of it, and the times with the changes at theirs. Heights are
eighths of a cell; a stretch with a single error shows an eighth at least. Pure but for the ring it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

import msgspec

from services.model.changes import Change
from services.model.logs import Level
from widgets.hideable import Hideable
from widgets.log_marks import both
from widgets.log_ring import LogRing
from widgets.log_times import Times, day, told
from widgets.spans import Row, Span

LEAST_SPAN_MS = 60_000
_LABEL = 9


class Counts(msgspec.Struct, frozen=True):
    """Lines of each stretch."""

    start: int
    """Epoch milliseconds."""
    end: int
    all: tuple[int, ...] = ()
    warnings: tuple[int, ...] = ()
    errors: tuple[int, ...] = ()


def counted(ring: LogRing, width: int, *, fitting: bool = True) -> Counts:
    """The lines of a ring in `width` stretches of the same length; those that pass its filter."""
    if not len(ring) or width <= 0:
        return Counts(0, 0)
    start, end = ring.time(0), max(ring.time(len(ring) - 1) + 1, ring.time(0) + LEAST_SPAN_MS)
    everything = ring.shown(Level.DEBUG, fitting=fitting)
    loud = both(everything, ring.matching(Level.WARN))
    errors = both(loud, ring.matching(Level.ERROR))
    edges = [ring.first_from(start + (end - start) * step // width) for step in range(width)] + [len(ring)]
    pairs = list(pairwise(edges))
    return Counts(
        start,
        end,
        tuple(everything.count(1, low, high) for low, high in pairs),
        tuple(loud.count(1, low, high) - errors.count(1, low, high) for low, high in pairs),
        tuple(errors.count(1, low, high) for low, high in pairs),
    )


class LogHistogram(Hideable):
    """Shows the ring it is given."""

    DEFAULT_CSS = """
    LogHistogram { height: 3; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ring = LogRing()
        self._changes: Sequence[Change] = ()
        self._cursor: int | None = None
        self._times, self._fitting = Times.UTC, True
        self._version = 0
        """The ring's when it was shown: what comes later is not counted for a key."""
        self._counts: tuple[object, Counts, tuple[Row, ...]] = (None, Counts(0, 0), ())
        """What was counted, the counts, and their rows."""

    def show(
        self, ring: LogRing, changes: Sequence[Change], cursor: int | None, times: Times, *, fitting: bool = True
    ) -> None:
        """`cursor`: the time of the line at the cursor, epoch milliseconds."""
        self._ring, self._changes, self._cursor = ring, changes, cursor
        self._times, self._fitting = times if times is not Times.AGE else Times.UTC, fitting
        self._version = ring.version
        self.redraw()

    def point(self, cursor: int | None) -> None:
        """Another line is at the cursor; nothing is counted anew."""
        self._cursor = cursor
        self.redraw()

    def needed_height(self, width: int) -> int:
        return 3

    def draw(self, width: int, height: int) -> Sequence[Row]:
        columns = width - _LABEL - 1
        key = (id(self._ring), self._version, columns, self._fitting)
        if self._counts[0] != key:
            fresh = counted(self._ring, columns, fitting=self._fitting)
            self._counts = (key, fresh, self._heights(fresh) if fresh.all else ())
        _, counts, rows = self._counts
        if not counts.all:
            return [(Span(" no lines yet", "silent"),), (), ()]
        return [*rows, (Span(" " * _LABEL), *self._axis(counts, columns))]

    def _heights(self, counts: Counts) -> tuple[Row, ...]:
        """Errors and warnings, and all lines."""
        bars = self.charset.bar
        upright = " ▁▂▃▄▅▆▇█" if self.charset.braille else bars
        worst = max(max(counts.errors), max(counts.warnings), 1)
        return (
            (_loudest(counts), *_loud(counts, worst, upright)),
            (_label(" ", sum(counts.all), "muted"), Span(_bars(counts.all, max(counts.all), upright), "chart")),
        )

    def _axis(self, counts: Counts, columns: int) -> Row:
        """Times at both ends, changes and the cursor at theirs."""
        signs: list[tuple[str, str]] = [(" ", "")] * columns
        span = counts.end - counts.start
        cursor = None
        if self._cursor is not None and counts.start <= self._cursor:  # a line that came since stands at the end
            cursor = min(columns - 1, (self._cursor - counts.start) * columns // span)
        self._write_ends(signs, counts, cursor)
        shown = [one for one in self._changes if counts.start <= one.at.timestamp() * 1000 < counts.end]
        limit = columns
        for change in sorted(shown, key=lambda one: one.at, reverse=True):  # a label ends where the next one begins
            place = int((change.at.timestamp() * 1000 - counts.start) * columns / span)
            if place < limit:
                label = f"{self.charset.marker}{change.label}"
                _write(signs, place, label if len(label) < limit - place else self.charset.marker, "marker")
                limit = place
        if cursor is not None:
            _write(signs, cursor, "│", "accent-strong")
        return _joined(signs)

    def _write_ends(self, signs: list[tuple[str, str]], counts: Counts, cursor: int | None) -> None:
        """The times at both ends, with their days where these differ; beside the cursor, not below it."""
        columns = len(signs)
        left, right = (told(at, self._times, 0)[:5] for at in (counts.start, counts.end))
        days = [day(at, self._times)[4:10] for at in (counts.start, counts.end)]
        if days[0] != days[1]:
            left, right = f"{days[0]} {left}", f"{days[1]} {right}"
        _write(signs, cursor + 1 if cursor is not None and cursor < len(left) else 0, left, "faint")
        end = cursor if cursor is not None and cursor >= columns - len(right) else columns
        _write(signs, end - len(right), right, "faint")


def _loudest(counts: Counts) -> Span:
    """How many errors there are; where there is none, how many warnings: what the bars beside it are of."""
    errors, warnings = sum(counts.errors), sum(counts.warnings)
    if warnings and not errors:
        return _label("▲", warnings, "warn")
    return _label("✖", errors, "crit" if errors else "faint")


def _label(sign: str, count: int, style: str) -> Span:
    said = f"{count}" if count < 10_000 else f"{count // 1000}k"
    return Span(f"{sign}{said:>{_LABEL - 3}}  ", style)


def _bars(values: Sequence[int], peak: int, bars: str) -> str:
    """One sign a stretch: empty for none, at least an eighth for one."""
    full = len(bars) - 1
    return "".join(bars[0 if not value else max(1, round(value * full / peak))] for value in values)


def _loud(counts: Counts, peak: int, bars: str) -> Row:
    """Errors where there are any, warnings elsewhere; a stretch of both is an error's."""
    heights = [errors or warnings for errors, warnings in zip(counts.errors, counts.warnings, strict=True)]
    pairs = zip(counts.errors, heights, strict=True)
    styles = ["crit" if errors else "warn" if height else "" for errors, height in pairs]
    return _joined(zip(_bars(heights, peak, bars), styles, strict=True))


def _joined(signs: Iterable[tuple[str, str]]) -> Row:
    """Neighbouring signs of one style as one span."""
    groups = groupby(signs, itemgetter(1))
    return tuple(Span("".join(sign for sign, _ in group), style) for style, group in groups)


def _write(signs: list[tuple[str, str]], place: int, text: str, style: str) -> None:
    for offset, sign in enumerate(text):
        if 0 <= place + offset < len(signs):
            signs[place + offset] = (sign, style)
