"""What is true of a scenario, for those that judge it: what breaks, since when, why, and what must be said of it.

All times are seconds after the scenario's start. They tell when what the account publishes proves it, lateness of
the source and the reader's settling (aws.md 1.2: API, function and table 120 s, edge 300 s, sign-ins 600 s)
included; a reader that asks each minute may say so a minute later.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import msgspec

from services.model.assessment import State


class Rule(IntEnum):
    """The runbook's alerts and automatic rollback conditions, each by its line."""

    API_SERVER_ERRORS = 131
    HIGH_LATENCY = 132
    THROTTLING = 133
    FUNCTION_ERRORS = 134
    SECURITY = 135
    ELEVATED_ERRORS = 141
    DEGRADED = 142
    LOW_ACTIVITY = 143
    HEALTH_TRIGGER = 273
    ERROR_TRIGGER = 274
    LATENCY_TRIGGER = 275


class Reach(msgspec.Struct, frozen=True):
    """A judgement comes into a state: not before `after`, and at `by`; there it stays until `until`, if that is told.

    Between `after` and `by` it may pass through lower states, or through this one already.
    """

    key: str
    """A judgement's key, `api.latency`."""
    state: State
    after: float
    by: float
    until: float | None = None


class Ring(msgspec.Struct, frozen=True):
    """An alert or trigger fires for the first time: not before `after`, no later than `by`."""

    rule: Rule
    after: float
    by: float


class Sign(msgspec.Struct, frozen=True):
    """A figure that the account publishes, beyond a value in every period from `begins` to `ends`."""

    figure: str
    """`edge.hits`, `api.latency`, … as the catalogue of signals names it, or one beside it (scenario tests' table)."""
    statistic: str
    beyond: Literal["above", "below"]
    value: float
    begins: float
    ends: float
    period: int = 300


class Count(msgspec.Struct, frozen=True):
    """How far a rule has come: seconds for which it has held, or events it has counted."""

    rule: Rule
    least: float
    most: float


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever looks at production must be told at one instant. The bands are those of Truth.reaches."""

    at: float
    state: State
    """Of the whole."""
    says: tuple[str, ...]
    """Parts that the one sentence must have."""
    since: float | None = None
    """When what is said began; a reader knows it to the period."""
    rings: tuple[Rule, ...] = ()
    """What fires; nothing else does."""
    counts: tuple[Count, ...] = ()
    clock: str = ""
    """Part of the line about what counts; empty: nothing is said to count."""
    blames: bool = False
    """The cause is near enough to be suspected; else nothing is."""
    key: str = ""
    """What is offered to press."""
    alarms: tuple[str, ...] = ()
    """The account's own alarms that ring, without the stack's name."""


class Cause(msgspec.Struct, frozen=True):
    """The change that did it."""

    kind: Literal["deployment", "canary", "configuration", "stage", "content"]
    what: str
    """`v42`, `UpdateDistribution`, `stage`."""
    at: float
    """When it took effect: the alias moved, the call was made."""
    remedy: str = ""
    """The key that puts it right; empty: none does."""
    creeps: bool = False
    """It lies hours back, and what it does has grown ever since."""


class Truth(msgspec.Struct, frozen=True):
    """One scenario's ground truth. What is not named here stays as it is in calm."""

    breaks: str
    """What is wrong, in a sentence's part."""
    onsets: tuple[float, ...] = ()
    """When it begins, and begins to be worse."""
    ends: float | None = None
    """When it is over by itself; None: it goes on until somebody does something."""
    cause: Cause | None = None
    """None: no change did it, and none near it may be blamed."""
    reaches: tuple[Reach, ...] = ()
    signs: tuple[Sign, ...] = ()
    rings: tuple[Ring, ...] = ()
    may_ring: tuple[Rule, ...] = ()
    """Rules whose band is passed through on the way: they may fire for a while, and need not."""
    may_reach: tuple[str, ...] = ()
    """Judgement keys that wander between OK and ELEVATED: neither is promised, and nothing worse comes."""
    silent: tuple[str, ...] = ()
    """Log groups and feeds that fall silent or are refused: `log:application`, `logs:FilterLogEvents`."""
    tells: tuple[Telling, ...] = ()
    """At chosen instants, ascending, none of them inside a Reach's or a Ring's time of doubt."""
    horizon: float = 3_600.0
    """Until when this tells everything: tests look no further."""

    @property
    def quiet(self) -> frozenset[Rule]:
        """The rules that must never fire."""
        return frozenset(Rule) - {ring.rule for ring in self.rings} - frozenset(self.may_ring)
