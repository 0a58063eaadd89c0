"""The ring of log lines: a hundred thousand of them in about 20 MiB, in order of time, the oldest dropped.

Columns, not objects: a time, a level, a group and a text for each line (facts/performance.md 3: 19 to 21 MiB for
100,000 lines; a line as an object of its own takes twice that).
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from services.line_search.query import Query
from services.model.logs import Level, LogLine
from services.safe_text import SafeText

CAPACITY = 100_000

_SLACK = 2_000
"""Lines over the capacity before the oldest are dropped: dropping moves all others."""

_FEW = 64
"""Up to so many out-of-order lines are put in place one by one; more are merged."""

_LEVELS = (Level.DEBUG, Level.NONE, Level.INFO, Level.REPORT, Level.WARN, Level.ERROR)
_RANK = {level: rank for rank, level in enumerate(_LEVELS)}
_LATE, _MARKED, _OPEN, _LEVEL = 0x80, 0x40, 0x20, 0x07
"""Bits of a line's byte: late, marked by a person, unfolded; the rank of its level."""

WORK = 400_000
"""Characters that are read between two looks at what else there is to do: about ten milliseconds."""
_SLOW = 50
"""What a step costs that an expression takes for the first time, in characters."""
_BLOCKS = (16, 4_096)
"""Lines that are looked at in one go, at first and at most."""

_NO, _YES, _UNKNOWN = 0, 1, 2
"""Whether a line passes the filter."""


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
        self._fits = bytearray()
        """Whether a line passes the filter."""
        self._query: Query | None = None
        self._block = _BLOCKS[0]
        self._flags: tuple[object, bytes] = (None, b"")
        self._groups = bytearray()
        self._texts: list[SafeText] = []
        self._requests: list[str] = []
        self._names: list[str] = []
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
            _LEVELS[mark & _LEVEL],
            self._texts[index],
            self._requests[index],
            bool(mark & _LATE),
            bool(mark & _MARKED),
            bool(mark & _OPEN),
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
            self._merge(older)
        self._append(lines[first:])
        if len(self._at) > self._capacity + _SLACK:
            self._drop(len(self._at) - self._capacity)

    def matching(self, least: Level) -> bytes:
        """One byte for each line: 1 where the level is at least `least`, 0 elsewhere."""
        return bytes(self._marks.translate(_TABLES[_RANK[least]]))

    def time(self, index: int) -> int:
        """Epoch milliseconds of a line."""
        return self._at[index]

    def text(self, index: int) -> SafeText:
        return self._texts[index]

    def columns(self, flags: bytes) -> list[tuple[int, str, Level, SafeText]]:
        """Time, group, level and text of the lines that are flagged, as they are now: nothing that moves later."""
        places = [index for index, flag in enumerate(flags) if flag]
        at, names, groups, marks, texts = self._at, self._names, self._groups, self._marks, self._texts
        return [(at[one], names[groups[one]], _LEVELS[marks[one] & _LEVEL], texts[one]) for one in places]

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
        self._query, self._block = query, _BLOCKS[0]
        self._fits = bytearray([_YES if query is None else _UNKNOWN]) * len(self._at)
        self.version += 1

    @property
    def looking(self) -> bool:
        """Whether there are lines of which it is not known yet whether they pass."""
        return _UNKNOWN in self._fits

    def look(self, work: int = WORK) -> bool:
        """Look at more lines, the youngest first, until about `work` characters are read. Whether more are left."""
        while work > 0:
            end = self._fits.rfind(_UNKNOWN) + 1
            if end == 0 or self._query is None:
                return False
            start, read = end, 0
            while start > max(0, end - self._block) and read < work:
                start -= 1
                read += len(self._texts[start])
            steps = self._query.steps
            self._fits[start:end] = self._passing(self._query, start, end)
            slow = (self._query.steps - steps) * _SLOW
            self._block = _BLOCKS[0] if slow > read else min(_BLOCKS[1], self._block * 4)
            work -= read + slow + (end - start) * 20
        self.version += 1
        return self.looking

    def shown(self, least: Level, *, fitting: bool = True) -> bytes:
        """One byte for each line: 1 where it is at least `least` and, with `fitting`, passes the filter."""
        wanted = (self.version, least, fitting)
        if self._flags[0] != wanted:
            flags = self.matching(least)
            if fitting and self._query is not None:
                flags = both(flags, self._fits.translate(_YES_ALONE))
            self._flags = (wanted, flags)
        return self._flags[1]

    def _passing(self, query: Query, start: int, end: int) -> bytes:
        least = _RANK[query.least] if query.least is not None else 0
        alive: Sequence[int] = range(end - start)
        if least:
            marks = self._marks
            alive = [index for index in alive if marks[start + index] & _LEVEL >= least]
        if query.groups or query.no_groups:
            takes = [query.takes_group(name) for name in self._names]
            groups = self._groups
            alive = [index for index in alive if takes[groups[start + index]]]
        passing = bytearray(end - start)
        for index in query.select(self._texts[start:end], alive):
            passing[index] = _YES
        return bytes(passing)

    # ---- what a person did to lines

    def toggle_mark(self, index: int) -> None:
        """Mark a line, or take the mark away."""
        self._marks[index] ^= _MARKED
        self.version += 1

    def toggle_open(self, index: int) -> None:
        """Unfold a line, or fold it."""
        self._marks[index] ^= _OPEN
        self.version += 1

    def marked(self) -> list[int]:
        """Indices of the lines that a person has marked."""
        return [index for index, mark in enumerate(self._marks) if mark & _MARKED]

    def count(self, lines: Iterable[LogLine], least: Level) -> int:
        """How many of `lines` are at least `least`."""
        rank = _RANK[least]
        return sum(_RANK[line.level] >= rank for line in lines) if rank else sum(1 for _ in lines)

    def back(self, end: int, least: Level, flags: bytes | None = None) -> Iterator[int]:
        """Indices of the lines of at least that level, from `end` (exclusive) backwards."""
        if not _RANK[least]:
            yield from range(min(end, len(self)) - 1, -1, -1)
            return
        flags = self.matching(least) if flags is None else flags
        index = flags.rfind(1, 0, max(0, end))
        while index >= 0:
            yield index
            index = flags.rfind(1, 0, index)

    def forward(self, start: int, least: Level) -> Iterator[int]:
        """Indices of the lines of at least that level, from `start` (inclusive) on."""
        if not _RANK[least]:
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
        self._marks.extend([_mark(line) for line in lines])
        self._fits.extend(self._new_fits * len(lines))
        self._groups.extend([self._group(line.group) for line in lines])
        self._texts.extend([line.text for line in lines])
        # A request leaves five to fifteen lines; its id is kept once.
        self._requests.extend([intern(str(line.request)) for line in lines])

    def _insert(self, line: LogLine) -> None:
        place = bisect_right(self._at, line.at)
        self._at.insert(place, line.at)
        self._marks.insert(place, _mark(line))
        self._fits.insert(place, self._new_fits[0])
        self._groups.insert(place, self._group(line.group))
        self._texts.insert(place, line.text)
        self._requests.insert(place, sys.intern(str(line.request)))
        for pin in self._pins:
            if pin.index is not None and place <= pin.index:
                pin.index += 1

    def _merge(self, lines: Sequence[LogLine]) -> None:
        """Take off everything younger than the oldest of `lines`, and put both back in order."""
        place = bisect_right(self._at, lines[0].at)
        for pin in self._pins:
            if pin.index is not None and pin.index >= place:
                pinned = self._at[pin.index]
                pin.index += sum(line.at < pinned for line in lines)
        ats = [*self._at[place:], *(line.at for line in lines)]
        order = sorted(range(len(ats)), key=ats.__getitem__)
        marks = bytes(self._marks[place:]) + bytes(map(_mark, lines))
        fits = bytes(self._fits[place:]) + self._new_fits * len(lines)
        groups = bytes(self._groups[place:]) + bytes(self._group(line.group) for line in lines)
        texts = [*self._texts[place:], *(line.text for line in lines)]
        requests = [*self._requests[place:], *(sys.intern(str(line.request)) for line in lines)]
        self._at[place:] = array("q", [ats[index] for index in order])
        self._marks[place:] = bytes(marks[index] for index in order)
        self._fits[place:] = bytes(fits[index] for index in order)
        self._groups[place:] = bytes(groups[index] for index in order)
        self._texts[place:] = [texts[index] for index in order]
        self._requests[place:] = [requests[index] for index in order]

    def _drop(self, count: int) -> None:
        gone = slice(None, count) if self.newest else slice(len(self._at) - count, None)
        for column in (self._at, self._marks, self._fits, self._groups, self._texts, self._requests):
            del column[gone]
        self.dropped += count
        for pin in self._pins:
            if pin.index is not None:
                pin.index = max(0, pin.index - count) if self.newest else min(pin.index, len(self._at) - 1)

    @property
    def _new_fits(self) -> bytes:
        return b"\x01" if self._query is None else b"\x02"

    def _group(self, name: str) -> int:
        try:
            return self._names.index(name)
        except ValueError:
            # A byte names the group; more groups than it can name share the last one.
            if len(self._names) < 256:
                self._names.append(name)
            return len(self._names) - 1


def _mark(line: LogLine) -> int:
    return _RANK[line.level] | _LATE if line.late else _RANK[line.level]


def both(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
    """Two rows of flags of the same length, 1 where both are: as two large numbers, at the machine's pace."""
    joint = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return joint.to_bytes(len(one), "little")


_YES_ALONE = bytes(int(fits == _YES) for fits in range(256))
_TABLES = tuple(bytes(int((mark & _LEVEL) >= rank) for mark in range(256)) for rank in range(len(_LEVELS)))
