"""Whether each layer could be rolled back right now, check by check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from services.problems import Problem
from services.safe_text import SafeText


class Answer(StrEnum):
    """What a check found."""

    YES = "READY"
    NO = "BLOCKED"
    """It would stop a rollback, or make it do nothing."""
    CAREFUL = "CAREFUL"
    """It can be done; something about it has to be known first."""
    UNKNOWN = "NOT KNOWN"
    """It could not be read, which is neither."""


class Check(msgspec.Struct, frozen=True):
    """One thing a rollback needs."""

    name: str
    answer: Answer
    said: SafeText
    remedy: SafeText = SafeText("")
    """What lifts it, in a sentence; empty when nothing has to be."""


class Layer(msgspec.Struct, frozen=True):
    """A layer and what it needs."""

    name: str
    checks: tuple[Check, ...]

    @property
    def answer(self) -> Answer:
        """The worst of its checks."""
        order = (Answer.NO, Answer.UNKNOWN, Answer.CAREFUL, Answer.YES)
        return min((check.answer for check in self.checks), key=order.index, default=Answer.UNKNOWN)


class Footing(msgspec.Struct, frozen=True):
    """What is asked for readiness alone, beyond what the watch reads."""

    at: datetime
    allowed: Mapping[str, bool] = {}
    """IAM action → what the simulation of this identity's policies says; left out: not known."""
    why_not_known: str = ""
    """Why permissions are not known; empty when they are."""
    provisioned: int | None = None
    """Provisioned concurrency of the live version; 0: none; None: not known."""
    lease_holders: tuple[SafeText, ...] = ()
    """Who holds a lease of the table now, with what and since when; of a dead one it is not known yet that it is."""
    lease_problem: Problem | None = None
    """Why the lease table cannot be used; None when it can, or when none is configured."""
    skew_s: float | None = None
    """This machine's clock less AWS's, in seconds; None: not known, or a sandbox with a time of its own."""


class Ground(msgspec.Struct, frozen=True):
    """What the hands need on this machine."""

    folder: str
    free_bytes: int | None = None
    problem: str = ""
    """Why the journal cannot be written; empty when it can."""
    holder: str = ""
    """Who else is at work on the environment; empty: nobody."""


class Readiness(msgspec.Struct, frozen=True):
    """The answer to: can I roll back right now?"""

    layers: tuple[Layer, ...]

    @property
    def blockers(self) -> tuple[Check, ...]:
        return tuple(check for layer in self.layers for check in layer.checks if check.answer is Answer.NO)
