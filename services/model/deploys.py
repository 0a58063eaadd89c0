"""A stack operation as a person follows it: its legs, each resource's way through them, how far it has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.assessment import State
from services.model.stacks import StackEvent, StackOperation
from services.safe_text import SafeText


class Leg(StrEnum):
    """A stretch of an operation. What happens in one means something else in another."""

    FORWARD = "forward"
    """What was asked for: creation, update, deletion."""
    ROLLBACK = "rollback"
    """Back to what stood before."""
    CLEANUP = "cleanup"
    """What has been replaced is deleted; what serves is settled already."""


class ResourceMove(msgspec.Struct, frozen=True):
    """One resource's way through one leg."""

    leg: Leg
    stack: SafeText
    """What the parent calls the nested stack it is in; empty: the watched stack's own."""
    logical_id: SafeText
    physical_id: SafeText
    type: SafeText
    status: SafeText
    """CloudFormation's newest word."""
    word: str
    """The same for a person: `updating`, `updated`, `failed`, `cancelled`, `going back`, `restored`, `kept`."""
    state: State
    """WAITING: under way."""
    began: datetime
    ended: datetime | None
    reason: SafeText
    """The newest that was given."""
    events: tuple[StackEvent, ...]
    """Oldest first."""
    depth: int = 0
    """How many stacks it is within."""

    def took(self, now: datetime) -> float:
        """Seconds until its end, or until now."""
        return max(0.0, ((self.ended or now) - self.began).total_seconds())


class Progress(msgspec.Struct, frozen=True):
    """How far the running leg, or the one that ended last, has come."""

    done: int
    moving: int
    failed: int
    of: int | None
    """How many resources it will touch; None: not known, and no percentage is told (aws.md 4.2)."""
    elapsed: float
    """Seconds since the operation began, to its end or to now."""
    usual: float | None
    """Median seconds of past operations of the kind that went through; None: there were none."""

    @property
    def percent(self) -> float | None:
        """0..100, where the number of resources is known."""
        return min(100.0, 100.0 * self.done / self.of) if self.of else None


class Deploy(msgspec.Struct, frozen=True):
    """One operation, read."""

    operation: StackOperation
    kind: str
    """`creation`, `update`, `deletion`, `import`."""
    leg: Leg
    """The one it is in, or ended in."""
    word: str
    """What is going on, or how it ended: `update under way`, `rolling back`, `failed, rolled back`."""
    state: State
    moves: tuple[ResourceMove, ...]
    """In the order in which they began, leg by leg."""
    progress: Progress
