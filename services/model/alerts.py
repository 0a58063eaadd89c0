"""Alerts: the runbook's own alerts and rollback triggers (lines 131-143, 273-275), each with its clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class AlertState(StrEnum):
    """What a rule says now. The word is shown as it stands."""

    QUIET = "quiet"
    """The condition does not hold."""
    COUNTING = "counting"
    """It holds in part: not long enough, or not often enough yet."""
    FIRING = "firing"
    UNOBSERVABLE = "not observable"
    """Nothing can be said: never to be taken for quiet (decisions A12, A14)."""

    @property
    def rank(self) -> int:
        """For choosing the worst: firing 3, counting 2, not observable 1, quiet 0."""
        return _RANKS[self]


_RANKS = {AlertState.FIRING: 3, AlertState.COUNTING: 2, AlertState.UNOBSERVABLE: 1, AlertState.QUIET: 0}


class AlertClass(StrEnum):
    """What kind of rule it is."""

    CRITICAL = "critical"
    """Runbook lines 127-135: immediate response."""
    TRIGGER = "trigger"
    """Runbook lines 271-275: a rollback is offered. The cockpit never acts by itself (decisions C2)."""
    WARNING = "warning"
    """Runbook lines 137-143: monitor and investigate."""
    THRESHOLD = "threshold"
    """A key metric out of its band for which the runbook has no alert row, so no response time (decisions A10)."""


class Measure(StrEnum):
    """What a clock counts."""

    TIME = "time"
    """Seconds for which the condition has held."""
    EVENTS = "events"
    """Events inside a window of fixed length."""


class AlertClock(msgspec.Struct, frozen=True):
    """How much of the condition there is, of how much there must be."""

    measure: Measure
    held: float
    """Seconds (whole settled periods), or events."""
    required: float
    """0: the condition fires as soon as it holds, `held` tells for how long it has."""
    strictly: bool = False
    """More than `required` (`>10 minutes`), not just as much."""
    since: datetime | None = None
    """Start of the first period of the unbroken run; None when the condition does not hold at all."""
    due: datetime | None = None
    """When it fires at the earliest if the run goes on: the last period has to end and to settle. None unless it is
    counting time."""
    resets: str = ""
    """What sets the clock back."""
    missing: str = ""
    """What a period without data does to it."""

    @property
    def met(self) -> bool:
        """Whether there is enough of the condition."""
        if self.held <= 0:
            return False
        return self.held > self.required if self.strictly else self.held >= self.required

    @property
    def share(self) -> float:
        """Progress, 0..1."""
        return min(1.0, self.held / self.required) if self.required > 0 else float(self.held > 0)

    @property
    def text(self) -> str:
        """`7:30 of 10:00`, `2 of 3`; `for 7:30` where nothing is required."""
        if self.measure is Measure.EVENTS:
            return f"{self.held:.0f} of {self.required:.0f}"
        return f"{_clock(self.held)} of {_clock(self.required)}" if self.required > 0 else f"for {_clock(self.held)}"


def _clock(seconds: float) -> str:
    """`7:30`, `2:00:00`."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class AlertReading(msgspec.Struct, frozen=True):
    """One rule, evaluated once. What becomes of it over time is `services/alerting`."""

    key: str
    """`alert.server_errors`, `trigger.error_rate`, `threshold.edge_4xx` …"""
    title: str
    """The runbook's own name: `API Server Errors`."""
    state: AlertState
    severity: AlertClass
    clock: AlertClock
    sentence: SafeText
    """What was found: `37 5xx of 1 412 requests (2.6 %) in 10 min`, or why nothing can be said."""
    definition: str
    """The whole rule in one sentence, with its thresholds as configured."""
    source: str
    """`runbook line 131`."""
    condition: str = ""
    """The definition in a few words, without its duration: `error rate > 10 %`."""
    about: str = ""
    """Key of the judgement that shows the same series: `api.errors`."""
    value: float | None = None
    """The number that was compared; None when there is none."""
    signals: tuple[str, ...] = ()
    """Ids of the series it was taken from."""
    resource: SafeText = SafeText("")
    """Which resource: the worst, when there are several."""
    window: tuple[int, int] | None = None
    """Epoch seconds, start inclusive and end exclusive, of the settled periods that were looked at."""
    respond_s: int | None = None
    """The runbook's response time; None where it gives none."""
    responder: str = ""
    """Who answers first (line 166)."""
    action: str = ""
    """The runbook's own words: `Check logs, consider rollback`."""
    keys: tuple[str, ...] = ()
    """Keys that do it or open the place for it: `R`, or a screen's number."""
    clear_after_s: int = 300
    """One full window of the rule: quiet for this long, it is over."""
    incident: str = ""
    """Incident class to propose (`P1` … `P4`, decisions A15); a person decides."""

    @property
    def firing(self) -> bool:
        return self.state is AlertState.FIRING

    @property
    def holding(self) -> bool:
        """Whether the condition itself is true now, long enough or not. A few events of too few are not."""
        return self.firing or (self.state is AlertState.COUNTING and self.clock.measure is Measure.TIME)


class Acknowledgement(msgspec.Struct, frozen=True):
    """Somebody has taken an alert on."""

    at: datetime
    by: SafeText
    """User and host, as a person would name them."""


class Handled(msgspec.Struct, frozen=True):
    """A rung of the escalation ladder that somebody has dealt with."""

    rung: int
    """Index, from 0."""
    at: datetime
    by: SafeText
    dismissed: bool = False
    """They were not called, on purpose."""


class StepMark(msgspec.Struct, frozen=True):
    """A step of the first response (runbook lines 149-161) that somebody has taken; of several the newest."""

    step: int
    """From 1, as the runbook counts."""
    at: datetime
    by: SafeText
    note: SafeText = SafeText("")
    """What was found."""


class Alert(msgspec.Struct, frozen=True):
    """One breach of one rule, from its first firing until it was quiet for one full window."""

    id: str
    """The rule's key and the instant of the first firing: the same for everyone who saw it."""
    key: str
    title: SafeText
    severity: AlertClass
    raised: datetime
    """The first firing: every clock of the response starts here (decisions B2)."""
    began: datetime | None = None
    """Since when the condition had held then."""
    sentence: SafeText = SafeText("")
    """What was found at the first firing."""
    respond_s: int | None = None
    acknowledged: Acknowledgement | None = None
    handled: tuple[Handled, ...] = ()
    """Rungs of the escalation ladder that were called or dismissed, the lowest first."""
    steps: tuple[StepMark, ...] = ()
    """Steps of the first response that were taken besides acknowledging, in the runbook's order."""
    quiet_since: datetime | None = None
    """Since when it has been seen quiet, on the way to being cleared."""
    cleared: datetime | None = None

    @property
    def open(self) -> bool:
        return self.cleared is None

    @property
    def rings(self) -> bool:
        """Whether it is of a kind that makes itself heard (runbook lines 127, 137)."""
        return self.severity in (AlertClass.CRITICAL, AlertClass.TRIGGER)

    @property
    def waits(self) -> bool:
        """Whether it waits for somebody: open, of a kind that rings, and not acknowledged."""
        return self.open and self.rings and self.acknowledged is None

    def on_rung(self, rung: int) -> Handled | None:
        """How a rung was dealt with; None when it was not."""
        return next((one for one in self.handled if one.rung == rung), None)

    def on_step(self, step: int) -> StepMark | None:
        """Who took a step, and when; None when nobody has. The first is to acknowledge."""
        if step == 1 and self.acknowledged is not None:
            return StepMark(1, self.acknowledged.at, self.acknowledged.by)
        return next((one for one in self.steps if one.step == step), None)

    @property
    def due(self) -> datetime | None:
        """Until when somebody has to respond; None when nobody has to, or somebody has."""
        if self.respond_s is None or self.acknowledged is not None:
            return None
        return self.raised + timedelta(seconds=self.respond_s)

    def overdue(self, now: datetime) -> bool:
        """Whether the response time has run out unanswered: after it, not at it."""
        return self.open and self.due is not None and now > self.due
