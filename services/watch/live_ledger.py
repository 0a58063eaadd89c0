"""Which lines Live Tail and the tail have handed on, so that a line that both find is shown once.

Live Tail's lines have no event ids. So the two are matched by what both tell: group, stream, both times and the text.
Lines that are equal in all of it are counted: as many are shown as there are.
"""

from __future__ import annotations

from collections import Counter

SLOT_MS = 60_000


class Ledger:
    """For each line by how many one of the two is ahead: above 0 Live Tail, below it the tail."""

    def __init__(self) -> None:
        self._slots: dict[int, Counter[int]] = {}

    def by_live(self, at: int, key: int) -> bool:
        """Live Tail has the line of epoch millisecond `at`: whether it is the first to have it."""
        return self._count(at, key, 1)

    def by_tail(self, at: int, key: int) -> bool:
        """The tail has it: whether it is the first."""
        return self._count(at, key, -1)

    def forget(self, before: int) -> None:
        """Drop what lies wholly before epoch millisecond `before`."""
        for slot in [slot for slot in self._slots if slot < before // SLOT_MS]:
            del self._slots[slot]

    def _count(self, at: int, key: int, step: int) -> bool:
        counts = self._slots.setdefault(at // SLOT_MS, Counter())
        ahead = counts[key]
        counts[key] = ahead + step
        return ahead * step >= 0
