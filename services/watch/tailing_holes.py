"""Stretches that the tail still has to read, and those that it never will. Values and their arithmetic; no asking."""

from __future__ import annotations

import msgspec

from services.model.logs import Gap

DAY_MS = 86_400_000


class Hole(msgspec.Struct):
    """A stretch still to be read, newest part first. Epoch milliseconds, both ends included."""

    start: int
    end: int
    why: str
    token: str = ""
    lost: bool = False
    """It cannot be read; it stays a gap."""


class Holes:
    """One group's, in the order in which they were torn."""

    def __init__(self) -> None:
        self._holes: list[Hole] = []
        self.closed = 0
        """How many have been filled."""

    def add(self, hole: Hole) -> None:
        """Note a stretch. Of what overlaps one of the same reason only one stays, unless its reading has begun."""
        for known in self._holes:
            alike = known.lost == hole.lost and known.why == hole.why and not known.token
            if alike and hole.start <= known.end + 1 and known.start <= hole.end + 1:
                known.start, known.end = min(known.start, hole.start), max(known.end, hole.end)
                return
        self._holes.append(hole)

    def next(self) -> Hole | None:
        """The newest that can still be filled."""
        return next((hole for hole in reversed(self._holes) if not hole.lost), None)

    def close(self, hole: Hole) -> None:
        """It has been read to its end."""
        self._holes.remove(hole)
        self.closed += 1

    def expire(self, oldest: int, why: str) -> None:
        """Nothing before `oldest` is kept any more: what lies there is lost, the rest can still be read."""
        for hole in [hole for hole in self._holes if not hole.lost and hole.start < oldest]:
            if hole.end < oldest:
                hole.lost, hole.why, hole.token = True, why, ""
            else:
                self.add(Hole(hole.start, oldest - 1, why, lost=True))
                hole.start, hole.token = oldest, ""

    @property
    def earliest(self) -> int | None:
        """Start of the earliest that is still to be filled."""
        return min((hole.start for hole in self._holes if not hole.lost), default=None)

    def gaps(self) -> list[Gap]:
        return [Gap(hole.start, hole.end, hole.why, hole.lost) for hole in self._holes]
