"""The journal's records, and what they add up to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.plan import Plan
from services.safe_text import SafeText


class Phase(StrEnum):
    """What a record says. Written in this order; each is on disk before the next thing happens."""

    ORDERED = "ordered"
    """A person confirmed the plan. Holds the plan."""
    STARTED = "started"
    """The executor took it up."""
    LEASED = "leased"
    """The lease among operators was taken: what about, and with which fence."""
    PAUSED = "paused"
    """It waits, and for what: renewed credentials, the lease of somebody who may be gone. It goes on by itself."""
    SNAPSHOT = "snapshot"
    """What stood before, read again."""
    VOID = "void"
    """The world is not what the plan was made for; nothing was sent."""
    INTENT = "intent"
    """The next call, exactly. On disk before it is sent."""
    REPLY = "reply"
    """What the service answered."""
    UNKNOWN = "unknown"
    """No answer we can trust; the world is being read to find out."""
    RECONCILED = "reconciled"
    """What reading found: applied, not applied, or a third value."""
    APPLIED = "applied"
    """All steps stand, by a read after the last call."""
    VERIFYING = "verifying"
    """Progress of the judgement: what is waited for."""
    OUTPUT = "output"
    """What a program wrote while it ran; its newest line is the text."""
    FAILED = "failed"
    """A step was refused or did not hold; what is applied is said."""
    DONE = "done"
    """The verdict."""
    HEARTBEAT = "heartbeat"
    """The executor is alive."""
    REMARK = "remark"
    """What a person saw or did about it, in a file of its own."""


class Outcome(StrEnum):
    """How an operation ended."""

    RECOVERED = "RECOVERED"
    NOT_RECOVERED = "NOT RECOVERED"
    INCONCLUSIVE = "INCONCLUSIVE"
    COMPLETED = "COMPLETED"
    """An action without a recovery criterion reached what it was for."""
    FAILED = "FAILED"
    VOID = "VOID"


class Actor(msgspec.Struct, frozen=True):
    """Who did it."""

    os_user: str
    host: str
    arn: SafeText = SafeText("")
    ssh_from: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record of an operation's journal. Chained: `previous` is the hash of the record before."""

    operation: str
    sequence: int
    at: datetime
    phase: Phase
    text: SafeText
    """For a person."""
    step: int | None = None
    """Which step, from 0."""
    data: dict[str, object] = {}
    """The exact call, the reply's request id, what was read."""
    plan: Plan | None = None
    actor: Actor | None = None
    reason: SafeText = SafeText("")
    outcome: Outcome | None = None
    previous: str = ""
    hash: str = ""


class Operation(msgspec.Struct, frozen=True):
    """An operation as its entries tell it: what the screen follows."""

    id: str
    plan: Plan
    entries: tuple[Entry, ...]
    ordered: datetime
    phase: Phase
    """Of the newest entry that is not a heartbeat."""
    text: SafeText
    """Of that entry."""
    switched: datetime | None = None
    """When the last call took effect: markers and the fresh window start here."""
    outcome: Outcome | None = None
    ended: datetime | None = None
    beat: datetime | None = None
    """The newest sign of life."""
    progress: tuple[int, int] = (0, 0)
    """Settled periods judged, periods needed; while many objects are copied, of these."""
    judge_at: datetime | None = None
    """When the verdict can fall, as the executor said last; None: it has not begun to judge."""
    remarks: tuple[Entry, ...] = ()
    """What persons added: what they saw, whom they told."""

    @property
    def open(self) -> bool:
        return self.outcome is None

    @property
    def queued(self) -> Entry | None:
        """The record of a step that waits for its turn, nothing of it sent; None: none does."""
        newest = next((entry for entry in reversed(self.entries) if entry.phase is not Phase.HEARTBEAT), None)
        return newest if self.open and newest is not None and newest.data.get("waits") else None

    @property
    def standing(self) -> tuple[int, ...]:
        """The steps that took effect, by their numbers: all of them, or those before the one that failed."""
        if self.switched is not None:
            return tuple(range(len(self.plan.steps)))
        told = [entry for entry in self.entries if entry.phase is Phase.RECONCILED and entry.step is not None]
        return tuple(sorted({entry.step or 0 for entry in told if entry.data.get("standing") == "applied"}))

    @property
    def reversible(self) -> bool:
        """Whether `z` can take it back: something was applied that has an undo."""
        return any(self.plan.steps[number].undoable for number in self.standing)
