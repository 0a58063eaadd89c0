"""Ticks: what persons and evidence have done about the runbook's checklists and tasks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.hardening import Counts
from services.safe_text import SafeText


class Doing(StrEnum):
    """What a mark says."""

    BEGUN = "begun"
    """A list was opened for an occasion."""
    DONE = "done"
    WAIVED = "waived"
    """Left out on purpose; the note says why."""
    UNDONE = "undone"
    """A tick taken back."""
    CLOSED = "closed"
    """The occasion is over; its list is kept."""


MAINTENANCE = "maintenance"
"""What marks of maintenance tasks stand under in the place of a checklist."""


class Mark(msgspec.Struct, frozen=True):
    """One thing that was said of one item. The newest of an item counts; all are kept."""

    list: str
    """Id of the checklist, or MAINTENANCE."""
    occasion: str
    """What it is ticked for, such as `2026-11-23T03:10`; empty for maintenance."""
    item: str
    """Id of the item or task; empty of BEGUN and CLOSED. `item/part` is a part of an item."""
    doing: Doing
    at: datetime
    by: SafeText
    """The operating system's user, with the machine."""
    note: SafeText = SafeText("")
    verdict: SafeText = SafeText("")
    """`OK`, `FAIL`: what was found when it was ticked; empty: nothing was looked at."""
    evidence: SafeText = SafeText("")
    """What was found, in a line."""
    counts: Counts | None = None
    """Of a check of hardening: what the next one is compared with."""


class Marks(msgspec.Struct, frozen=True):
    """Everything said of one environment's lists, oldest first."""

    marks: tuple[Mark, ...] = ()
    damage: SafeText = SafeText("")
    """Why what was written later is not believed; empty: all of it holds."""

    def newest(self, list_: str, occasion: str, item: str) -> Mark | None:
        """What counts of an item; None: nothing was said, or it was taken back."""
        found = next(
            (
                one
                for one in reversed(self.marks)
                if one.list == list_ and one.occasion == occasion and one.item == item
            ),
            None,
        )
        return found if found is not None and found.doing is not Doing.UNDONE else None

    def open_occasion(self, list_: str) -> Mark | None:
        """The newest occasion of a list that is not closed, as it was begun."""
        for one in reversed(self.marks):
            if one.list == list_ and one.item == "":
                return one if one.doing is Doing.BEGUN else None
        return None


class Standing(StrEnum):
    """How an item stands."""

    OPEN = "open"
    HALF = "half done"
    DONE = "done"
    WAIVED = "waived"


class ItemState(msgspec.Struct, frozen=True):
    """An item of a list at this moment."""

    id: str
    text: SafeText
    standing: Standing
    told: SafeText = SafeText("")
    """When, by whom or by which evidence, the note; of an open item, what it waits for."""
    evidence: SafeText = SafeText("")
    """What was found when a person ticked it."""


class ListState(msgspec.Struct, frozen=True):
    """A checklist for one occasion."""

    id: str
    title: SafeText
    occasion: str
    """Empty: not begun."""
    items: tuple[ItemState, ...]

    @property
    def left(self) -> int:
        """How many items are neither done nor waived."""
        return sum(one.standing in (Standing.OPEN, Standing.HALF) for one in self.items)
