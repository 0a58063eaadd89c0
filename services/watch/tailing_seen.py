"""Which events have been handed on: ids by time, so that old ones can be forgotten together."""

from __future__ import annotations

SLOT_MS = 10_000


class Seen:
    """Remembers ids of events until their time is forgotten."""

    def __init__(self) -> None:
        # Hashes, not the 56 digits themselves: a busy group has a million ids in its overlap.
        self._slots: dict[int, set[int]] = {}

    def add(self, at: int, identity: str) -> bool:
        """Whether the event of epoch millisecond `at` is new; from now on it is not."""
        slot = self._slots.setdefault(at // SLOT_MS, set())
        mark = hash(identity)
        if mark in slot:
            return False
        slot.add(mark)
        return True

    def has(self, at: int, identity: str) -> bool:
        """Whether the event has been added."""
        slot = self._slots.get(at // SLOT_MS)
        return slot is not None and hash(identity) in slot

    def forget(self, before: int) -> None:
        """Drop what lies wholly before epoch millisecond `before`."""
        last = before // SLOT_MS
        for number in [number for number in self._slots if number < last]:
            del self._slots[number]

    def __len__(self) -> int:
        return sum(len(slot) for slot in self._slots.values())
