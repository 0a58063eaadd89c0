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

from services.model.logs import Level, LogLine
from services.safe_text import SafeText

CAPACITY = 100_000

_SLACK = 2_000
"""Lines over the capacity before the oldest are dropped: dropping moves all others."""

_FEW = 64
"""Up to so many out-of-order lines are put in place one by one; more are merged."""

_LEVELS = (Level.DEBUG, Level.NONE, Level.INFO, Level.REPORT, Level.WARN, Level.ERROR)
_RANK = {level: rank for rank, level in enumerate(_LEVELS)}
_LATE = 0x80


class Row(msgspec.Struct, frozen=True):
    """One line as it is shown."""

    at: int
    """Epoch milliseconds."""
    group: str
    level: Level
    text: SafeText
    request: str
    late: bool


class LogRing:
    """Lines in order of time. An index counts from the oldest line that is kept."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._at = array("q")
        self._marks = bytearray()
        """Rank of the level, and the bit for late."""
        self._groups = bytearray()
        self._texts: list[SafeText] = []
        self._requests: list[str] = []
        self._names: list[str] = []
        self.anchor: int | None = None
        """An index that keeps naming the same line, whatever comes before it or is dropped; None: not used."""
        self.dropped = 0
        """Lines that fell out at the old end."""

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, index: int) -> Row:
        mark = self._marks[index]
        return Row(
            self._at[index],
            self._names[self._groups[index]],
            _LEVELS[mark & 0x7F],
            self._texts[index],
            self._requests[index],
            bool(mark & _LATE),
        )

    @property
    def names(self) -> Sequence[str]:
        """The groups that have been seen, in the order of their first line."""
        return self._names

    def extend(self, lines: Sequence[LogLine]) -> None:
        """Add lines that are ascending by time among themselves; those older than what is here go to their place."""
        if not lines:
            return
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

    def first_from(self, at: int) -> int:
        """Index of the first line at or after a moment in epoch milliseconds; the length when there is none."""
        return bisect_left(self._at, at)

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
        self._groups.extend([self._group(line.group) for line in lines])
        self._texts.extend([line.text for line in lines])
        # A request leaves five to fifteen lines; its id is kept once.
        self._requests.extend([intern(str(line.request)) for line in lines])

    def _insert(self, line: LogLine) -> None:
        place = bisect_right(self._at, line.at)
        self._at.insert(place, line.at)
        self._marks.insert(place, _mark(line))
        self._groups.insert(place, self._group(line.group))
        self._texts.insert(place, line.text)
        self._requests.insert(place, sys.intern(str(line.request)))
        if self.anchor is not None and place <= self.anchor:
            self.anchor += 1

    def _merge(self, lines: Sequence[LogLine]) -> None:
        """Take off everything younger than the oldest of `lines`, and put both back in order."""
        place = bisect_right(self._at, lines[0].at)
        if self.anchor is not None and self.anchor >= place:
            anchored = self._at[self.anchor]
            self.anchor += sum(line.at < anchored for line in lines)
        ats = [*self._at[place:], *(line.at for line in lines)]
        order = sorted(range(len(ats)), key=ats.__getitem__)
        marks = bytes(self._marks[place:]) + bytes(map(_mark, lines))
        groups = bytes(self._groups[place:]) + bytes(self._group(line.group) for line in lines)
        texts = [*self._texts[place:], *(line.text for line in lines)]
        requests = [*self._requests[place:], *(sys.intern(str(line.request)) for line in lines)]
        self._at[place:] = array("q", [ats[index] for index in order])
        self._marks[place:] = bytes(marks[index] for index in order)
        self._groups[place:] = bytes(groups[index] for index in order)
        self._texts[place:] = [texts[index] for index in order]
        self._requests[place:] = [requests[index] for index in order]

    def _drop(self, count: int) -> None:
        del self._at[:count]
        del self._marks[:count]
        del self._groups[:count]
        del self._texts[:count]
        del self._requests[:count]
        self.dropped += count
        if self.anchor is not None:
            self.anchor = max(0, self.anchor - count)

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


_TABLES = tuple(bytes(int((mark & 0x7F) >= rank) for mark in range(256)) for rank in range(len(_LEVELS)))
