"""Which of the pictures that were drawn the terminal has taken whole: each is some writes, taken in their order."""

from __future__ import annotations

from collections import deque


class Pictures:
    """Counts writes and pictures. Not safe to use from several threads: the stall guard holds its lock around it."""

    def __init__(self) -> None:
        self.drawn = 0
        """Pictures drawn; the number of the newest."""
        self.taken = 0
        """The number of the newest that the terminal has taken whole."""
        self._queued = 0
        self._written = 0
        self._ends: deque[int] = deque()
        """Of each picture that is not taken yet: how many writes there are with its last."""

    def forget(self) -> None:
        """Nothing that was queued is waited for any more."""
        self._written = self._queued
        self._count_taken()

    def write_queued(self) -> None:
        """Something is to be written, in its turn."""
        self._queued += 1

    def picture_drawn(self) -> None:
        """All writes of a picture have been queued."""
        self.drawn += 1
        self._ends.append(self._queued)
        self._count_taken()

    def write_ended(self) -> None:
        """The terminal has taken one write."""
        self._written += 1
        self._count_taken()

    def _count_taken(self) -> None:
        while self._ends and self._ends[0] <= self._written:
            self._ends.popleft()
            self.taken += 1
