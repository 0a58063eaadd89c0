"""The ring of log lines: a hundred thousand of them in about 20 MiB, in order of time, the oldest dropped.

Columns, not objects: a time, a level, a group and a text for each line (facts/performance.md 3: 19 to 21 MiB for
100,000 lines; a line as an object of its own takes twice that).
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from services.line_search.query import Query
from services.model.logs import Level, LogLine
from services.safe_text import SafeText
from widgets.log_marks import AT_LEAST, LATE, LEVEL, LEVELS, MARKED, OPEN, RANK, both, mark_of
from widgets.log_sieve import WORK, Sieve

CAPACITY = 100_000

_SLACK = 2_000
"""Lines over the capacity before the oldest are dropped: dropping moves all others."""

_FEW = 8
"""Up to so many out-of-order lines are put in place one by one; more are woven in, in one go over what is younger."""


class Row(msgspec.Struct, frozen=True):
    """One line as it is shown."""

    at: int
    """Epoch milliseconds."""
    group: str
    level: Level
    text: SafeText
    request: str
    late: bool
    marked: bool = False
    """A person has marked it."""
    unfolded: bool = False
    """It is shown whole."""


class Pin:
    """An index that keeps naming the same line, whatever comes before it or is dropped; None: it names none."""

    def __init__(self) -> None:
        self.index: int | None = None


class LogRing:
    """Lines in order of time. An index counts from the oldest line that is kept."""

    def __init__(self, capacity: int = CAPACITY, *, newest: bool = True) -> None:
        """Over `capacity` the oldest lines are dropped, or the youngest when it is not the `newest` that count."""
        self._capacity = capacity
        self.newest = newest
        """Over the capacity it is the oldest that are dropped."""
        self._at = array("q")
        self._marks = bytearray()
        """Rank of the level, and bits for late, marked and unfolded."""
        self._flags: tuple[object, bytes] = (None, b"")
        self._groups = bytearray()
        self._texts: list[SafeText] = []
        self._requests: list[str] = []
        self._names: list[str] = []
        self._sieve = Sieve(self._texts, self._marks, self._groups, self._names)
        self._fits = self._sieve.fits
        self._anchor = Pin()
        self._pins = [self._anchor]
        self.dropped = 0
        """Lines that fell out."""
        self.version = 0
        """Goes up with every change."""

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, index: int) -> Row:
        mark = self._marks[index]
        return Row(
            self._at[index],
            self._names[self._groups[index]],
            LEVELS[mark & LEVEL],
            self._texts[index],
            self._requests[index],
            bool(mark & LATE),
            bool(mark & MARKED),
            bool(mark & OPEN),
        )

    @property
    def anchor(self) -> int | None:
        """The ring's first pin: where the overview's pane holds still."""
        return self._anchor.index

    @anchor.setter
    def anchor(self, index: int | None) -> None:
        self._anchor.index = index

    def pin(self) -> Pin:
        """A pin of one's own."""
        self._pins.append(Pin())
        return self._pins[-1]

    def unpin(self, pin: Pin) -> None:
        """It is not moved any more."""
        self._pins.remove(pin)

    @property
    def names(self) -> Sequence[str]:
        """The groups that have been seen, in the order of their first line."""
        return self._names

    def extend(self, lines: Sequence[LogLine]) -> None:
        """Add lines that are ascending by time among themselves; those older than what is here go to their place."""
        if not lines:
            return
        self.version += 1
        newest = self._at[-1] if self._at else lines[0].at
        first = next((index for index, line in enumerate(lines) if line.at >= newest), len(lines))
        older = lines[:first]
        if len(older) <= _FEW:
            for line in older:
                self._insert(line)
        else:
            self._weave(older)
        self._append(lines[first:])
        if len(self._at) > self._capacity + _SLACK:
            self._drop(len(self._at) - self._capacity)

    def matching(self, least: Level) -> bytes:
        """One byte for each line: 1 where the level is at least `least`, 0 elsewhere."""
        return bytes(self._marks.translate(AT_LEAST[RANK[least]]))

    def time(self, index: int) -> int:
        """Epoch milliseconds of a line."""
        return self._at[index]

    def text(self, index: int) -> SafeText:
        return self._texts[index]

    def columns(self, flags: bytes) -> list[tuple[int, str, Level, SafeText]]:
        """Time, group, level and text of the lines that are flagged, as they are now: nothing that moves later."""
        places = [index for index, flag in enumerate(flags) if flag]
        at, names, groups, marks, texts = self._at, self._names, self._groups, self._marks, self._texts
        return [(at[one], names[groups[one]], LEVELS[marks[one] & LEVEL], texts[one]) for one in places]

    def holding(self, text: str) -> list[int]:
        """Indices of the lines that hold `text`, or whose request it is."""
        requests = self._requests
        return [index for index, one in enumerate(self._texts) if text in one or requests[index] == text]

    def first_from(self, at: int) -> int:
        """Index of the first line that is not older than `at`; the length when all are."""
        return bisect_left(self._at, at)

    # ---- the filter

    def filter_by(self, query: Query | None) -> None:
        """Show what passes `query`; None: everything. What passes is found by `look`."""
        self._sieve.take(query)
        self.version += 1

    @property
    def query(self) -> Query | None:
        """What is filtered by now: the newest that anybody asked for."""
        return self._sieve.query

    @property
    def looking(self) -> bool:
        """Whether there are lines of which it is not known yet whether they pass."""
        return self._sieve.looking

    def look(self, work: int = WORK) -> bool:
        """Look at more lines, the youngest first, until about `work` characters are read. Whether more are left."""
        if self._sieve.look(work):
            self.version += 1
        return self.looking

    def shown(self, least: Level, *, fitting: bool = True) -> bytes:
        """One byte for each line: 1 where it is at least `least` and, with `fitting`, passes the filter."""
        wanted = (self.version, least, fitting)
        if self._flags[0] != wanted:
            flags = self.matching(least)
            if fitting and self._sieve.query is not None:
                flags = both(flags, self._sieve.passing)
            self._flags = (wanted, flags)
        return self._flags[1]

    # ---- what a person did to lines

    def toggle_mark(self, index: int) -> None:
        """Mark a line, or take the mark away."""
        self._marks[index] ^= MARKED
        self.version += 1

    def toggle_open(self, index: int) -> None:
        """Unfold a line, or fold it."""
        self._marks[index] ^= OPEN
        self.version += 1

    def marked(self) -> list[int]:
        """Indices of the lines that a person has marked."""
        return [index for index, mark in enumerate(self._marks) if mark & MARKED]

    def count(self, lines: Iterable[LogLine], least: Level) -> int:
        """How many of `lines` are at least `least`."""
        rank = RANK[least]
        return sum(RANK[line.level] >= rank for line in lines) if rank else sum(1 for _ in lines)

    def back(self, end: int, least: Level, flags: bytes | None = None) -> Iterator[int]:
        """Indices of the lines of at least that level, from `end` (exclusive) backwards."""
        if not RANK[least]:
            yield from range(min(end, len(self)) - 1, -1, -1)
            return
        flags = self.matching(least) if flags is None else flags
        index = flags.rfind(1, 0, max(0, end))
        while index >= 0:
            yield index
            index = flags.rfind(1, 0, index)

    def forward(self, start: int, least: Level) -> Iterator[int]:
        """Indices of the lines of at least that level, from `start` (inclusive) on."""
        if not RANK[least]:
            yield from range(max(0, start), len(self))
            return
        flags = self.matching(least)
        index = flags.find(1, max(0, start))
        while index >= 0:
            yield index
            index = flags.find(1, index + 1)

    def _append(self, lines: Sequence[LogLine]) -> None:
        intern = sys.intern
        self._at.extend([line.at for line in lines])
        self._marks.extend([mark_of(line) for line in lines])
        self._fits.extend(self._sieve.fresh(len(lines)))
        self._groups.extend([self._group(line.group) for line in lines])
        self._texts.extend([line.text for line in lines])
        # A request leaves five to fifteen lines; its id is kept once.
        self._requests.extend([intern(str(line.request)) for line in lines])

    def _insert(self, line: LogLine) -> None:
        place = bisect_right(self._at, line.at)
        self._at.insert(place, line.at)
        self._marks.insert(place, mark_of(line))
        self._fits.insert(place, self._sieve.fresh(1)[0])
        self._groups.insert(place, self._group(line.group))
        self._texts.insert(place, line.text)
        self._requests.insert(place, sys.intern(str(line.request)))
        for pin in self._pins:
            if pin.index is not None and place <= pin.index:
                pin.index += 1

    def _weave(self, lines: Sequence[LogLine]) -> None:
        """Each line to its place. What lies between two places is moved in one piece, not line by line."""
        places = [bisect_right(self._at, line.at) for line in lines]
        for pin in self._pins:
            if pin.index is not None:
                pin.index += bisect_right(places, pin.index)
        for column, values in (
            (self._at, [line.at for line in lines]),
            (self._marks, [mark_of(line) for line in lines]),
            (self._fits, self._sieve.fresh(len(lines))),
            (self._groups, [self._group(line.group) for line in lines]),
            (self._texts, [line.text for line in lines]),
            (self._requests, [sys.intern(str(line.request)) for line in lines]),
        ):
            _woven(column, places, values)

    def _drop(self, count: int) -> None:
        gone = slice(None, count) if self.newest else slice(len(self._at) - count, None)
        for column in (self._at, self._marks, self._fits, self._groups, self._texts, self._requests):
            del column[gone]
        self.dropped += count
        for pin in self._pins:
            if pin.index is not None:
                pin.index = max(0, pin.index - count) if self.newest else min(pin.index, len(self._at) - 1)

    def _group(self, name: str) -> int:
        try:
            return self._names.index(name)
        except ValueError:
            # A byte names the group; more groups than it can name share the last one.
            if len(self._names) < 256:
                self._names.append(name)
            return len(self._names) - 1


def _woven(column: Any, places: Sequence[int], values: Iterable[object]) -> None:
    """Put each value before what stands at its place now; places ascend. Changes the column itself."""
    start = places[0]
    younger = column[start:]
    del column[start:]
    done = 0
    for place, value in zip(places, values, strict=True):
        column.extend(younger[done : place - start])
        column.append(value)
        done = place - start
    column.extend(younger[done:])
