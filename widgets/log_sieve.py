"""Which lines of a ring pass a filter: looked at in pieces, the youngest first, between which keys are heard."""

from __future__ import annotations

from collections.abc import Sequence

from services.line_search.query import Query
from services.safe_text import SafeText
from widgets.log_marks import LEVEL, RANK

WORK = 400_000
"""Characters that are read between two looks at what else there is to do: about ten milliseconds."""
_SLOW = 50
"""What a step costs that an expression takes for the first time, in characters."""
_BLOCKS = (16, 4_096)
"""Lines that are looked at in one go, at first and at most."""

_NO, _YES, _UNKNOWN = 0, 1, 2
"""Whether a line passes the filter."""
_YES_ALONE = bytes(int(fits == _YES) for fits in range(256))


class Sieve:
    """Knows of each line whether it passes, or that it has not looked yet."""

    def __init__(
        self, texts: Sequence[SafeText], marks: Sequence[int], groups: Sequence[int], names: Sequence[str]
    ) -> None:
        """The columns of the ring, which changes them in place: `fits` along with them."""
        self._texts, self._marks, self._groups, self._names = texts, marks, groups, names
        self.fits = bytearray()
        """A column more: one byte a line."""
        self.query: Query | None = None
        self._block = _BLOCKS[0]

    def take(self, query: Query | None) -> None:
        """Sieve by `query` from now on; None: everything passes. Nothing is looked at yet."""
        self.query, self._block = query, _BLOCKS[0]
        self.fits[:] = self.fresh(len(self.fits))

    def fresh(self, count: int) -> bytes:
        """What stands in `fits` for so many lines that nobody has looked at."""
        return bytes([_YES if self.query is None else _UNKNOWN]) * count

    @property
    def looking(self) -> bool:
        """Whether there are lines of which it is not known yet whether they pass."""
        return _UNKNOWN in self.fits

    @property
    def passing(self) -> bytes:
        """One byte a line: 1 where it is known to pass."""
        return bytes(self.fits.translate(_YES_ALONE))

    def look(self, work: int) -> bool:
        """Look at more lines until about `work` characters are read. Whether anything is known now that was not."""
        learned = False
        while work > 0 and self.query is not None and (end := self.fits.rfind(_UNKNOWN) + 1):
            start, read = self._piece(end, work)
            steps = self.query.steps
            self.fits[start:end] = self._sieved(self.query, start, end)
            slow = (self.query.steps - steps) * _SLOW
            self._block = _BLOCKS[0] if slow > read else min(_BLOCKS[1], self._block * 4)
            work -= read + slow + (end - start) * 20
            learned = True
        return learned

    def _piece(self, end: int, work: int) -> tuple[int, int]:
        """Where the next piece before `end` begins, and its characters."""
        start, read = end, 0
        while start > max(0, end - self._block) and read < work:
            start -= 1
            read += len(self._texts[start])
        return start, read

    def _sieved(self, query: Query, start: int, end: int) -> bytes:
        least = RANK[query.least] if query.least is not None else 0
        alive: Sequence[int] = range(end - start)
        if least:
            marks = self._marks
            alive = [index for index in alive if marks[start + index] & LEVEL >= least]
        if query.groups or query.no_groups:
            takes = [query.takes_group(name) for name in self._names]
            groups = self._groups
            alive = [index for index in alive if takes[groups[start + index]]]
        passing = bytearray(end - start)
        for index in query.select(self._texts[start:end], alive):
            passing[index] = _YES
        return bytes(passing)
