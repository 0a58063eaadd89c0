"""Judgements: what the rules make of a situation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.alerts import AlertReading
from services.model.changes import Change
from services.model.suspects import Suspicion
from services.safe_text import SafeText


class State(StrEnum):
    """The band of a value, or which of the silences there is instead. The word is shown as it stands.

    Four bands (runbook lines 92-98; ELEVATED is the gap between normal and warning, decisions A3) and seven
    silences that are never one green zero, and WAITING before anything was answered.
    """

    OK = "OK"
    ELEVATED = "ELEVATED"
    WARN = "WARN"
    CRIT = "CRIT"
    NO_TRAFFIC = "NO TRAFFIC"
    """The resource was not used: a rate or a latency is undefined."""
    NO_DATA = "NO DATA"
    """Nothing was published though something should have been."""
    NOT_ENABLED = "NOT ENABLED"
    """The metric has to be switched on (and paid for) first."""
    DENIED = "DENIED"
    UNVERIFIED = "UNVERIFIED"
    """ListMetrics does not know this identity: silence may mean a wrong name."""
    LATE = "LATE"
    """The newest settled point is older than the source's lateness explains."""
    STALE = "STALE"
    """We could not ask: the value is old and ageing."""
    WAITING = "WAITING"
    """Asked, not answered yet."""

    @property
    def silent(self) -> bool:
        """Whether this is a silence rather than a band."""
        return self not in (State.OK, State.ELEVATED, State.WARN, State.CRIT)

    @property
    def severity(self) -> int:
        """For choosing the worst: CRIT 6, WARN 5, then what cannot be seen, ELEVATED, harmless silence, OK."""
        return _SEVERITY[self]


_SEVERITY = {
    State.CRIT: 6,
    State.WARN: 5,
    State.DENIED: 4,
    State.STALE: 4,
    State.LATE: 4,
    State.NO_DATA: 4,
    State.UNVERIFIED: 4,
    State.ELEVATED: 3,
    State.NOT_ENABLED: 2,
    State.NO_TRAFFIC: 2,
    State.WAITING: 1,
    State.OK: 0,
}


class Unit(StrEnum):
    """What a value is measured in; wording turns it into short text."""

    MILLISECONDS = "ms"
    PERCENT = "%"
    COUNT = "count"
    PER_MINUTE = "/min"
    UNITS_PER_SECOND = "units/s"


class Threshold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line on the chart: above `value` (strictly, decisions A4) the band is `state`."""

    value: float
    state: State
    label: str = ""
    """What it is when it is no band of the runbook's: `timeout`."""


class Standing(msgspec.Struct, frozen=True):
    """One of several resources that a judgement is the worst of."""

    resource: SafeText
    state: State
    value: float | None
    """In the judgement's unit; None when there is none."""


class Judgement(msgspec.Struct, frozen=True):
    """One key metric, judged."""

    key: str
    """`api.latency`, `api.errors`, `api.requests`, `lambda.duration`, `lambda.errors`, `table.throttles`,
    `table.capacity`, `edge.4xx`, `edge.hits`."""
    title: str
    """`API latency`."""
    state: State
    value: float | None
    """The number that was judged, in `unit`; None when there is none."""
    unit: Unit
    detail: SafeText
    """Beside the value: `p95 3.1 s · p99 4.8 s`, `171 of 1 412 · 5 min`."""
    reason: SafeText
    """The whole definition in one sentence: what was computed over which window and why this state."""
    thresholds: tuple[Threshold, ...] = ()
    since: datetime | None = None
    """Start of the first period of the unbroken run in the present breach; None when not in breach."""
    as_of: datetime | None = None
    """End of the newest settled period that was judged."""
    newest: datetime | None = None
    """End of the newest period with any point: its age is shown."""
    coverage: tuple[int, int] = (0, 0)
    """Periods with data, periods in the window."""
    chart: tuple[tuple[int, float], ...] = ()
    """What to draw: period start (epoch seconds) and value in `unit`, ascending, gaps left out."""
    chart_period: int = 60
    settled_until: int | None = None
    """Epoch seconds: points from here on are still filling; drawn faint, never judged."""
    source: str = ""
    """`runbook line 94`, or what else defines it."""
    standings: tuple[Standing, ...] = ()
    """Every resource of the panel, the worst first; empty when there is but one."""


class Node(msgspec.Struct, frozen=True):
    """One component of the topology strip (runbook lines 66-80)."""

    key: str
    """`users`, `cloudfront`, `s3`, `api`, `lambda`, `dynamodb`, `cognito`, `health`, `cloudwatch`, `sns`."""
    title: str
    state: State
    note: SafeText = SafeText("")
    """`v42`, `2 in alarm`, `DELETING`."""


STACK = "stack"
"""What a verdict is about that begins with the stack's own state."""


class Verdict(msgspec.Struct, frozen=True):
    """One sentence a tired person can read."""

    state: State
    sentence: SafeText
    """What, how bad, since when, after what. Without the state word and the key."""
    since: datetime | None = None
    suspect: Change | None = None
    """The nearest earlier change, if there is one."""
    key: str = ""
    """The key that puts it right: `R`; empty when none does."""
    remedy: SafeText = SafeText("")
    """What that key does: `rolls LIVE back to v41`."""
    clock: SafeText = SafeText("")
    """The line under it while an alert or a rollback trigger counts or fires: `trigger: error rate > 10 % for 4:00 of
    10:00; rollback offered at 03:20`. Empty otherwise."""
    about: str = ""
    """STACK, or empty."""


class Assessment(msgspec.Struct, frozen=True):
    """Everything the rules say of one situation."""

    at: datetime
    verdict: Verdict
    judgements: Mapping[str, Judgement]
    nodes: tuple[Node, ...]
    changes: tuple[Change, ...] = ()
    """Ascending by time; the markers of every chart."""
    alerts: tuple[AlertReading, ...] = ()
    """Every alert and trigger of the runbook, evaluated now, in the runbook's order."""
    suspects: tuple[Suspicion, ...] = ()
    """For each breach of a key metric: what may have caused it. In the order of the judgements."""

    @property
    def worst(self) -> State:
        """The worst state of all judgements and nodes."""
        states = [judgement.state for judgement in self.judgements.values()] + [node.state for node in self.nodes]
        return max(states, key=lambda state: state.severity, default=State.WAITING)
