"""Conditions on a rate or a mean that have to hold for a while."""

from __future__ import annotations

import msgspec

from services.model.alerts import AlertClock, AlertState, Measure
from services.model.assessment import Unit
from services.plural import several
from services.rules.alerts.rule import Found
from services.rules.judging import Finding
from services.rules.runs import Run, run
from services.rules.windows import Window, instant
from services.rules.words import clock, count, figure, minutes


class Condition(msgspec.Struct, frozen=True):
    """A range of the mean over `mean_s`, and how long the mean has to stay in it."""

    above: float
    """Strictly (decisions A4)."""
    mean_s: int
    unit: Unit
    required_s: int = 0
    strictly: bool = False
    """Longer than `required_s`, not just as long."""
    up_to: float = float("inf")
    """Above this another, more severe rule speaks."""
    floor: float = 0
    """Fewer requests than this in the window: a rate says nothing."""

    def holds(self, value: float, among: float) -> bool:
        """Whether a window's value, of so many requests, is in the range and may be judged."""
        return self.above < value <= self.up_to and (not self.floor or among >= self.floor)


def held(condition: Condition, finding: Finding) -> Found:
    """One resource's mean against `condition`, now and back to where the run began."""
    track, window = finding.track, _window(finding, condition.mean_s)
    value = track.value(window)
    found = run(track, window, condition.holds, lambda one: one > condition.above)
    ticking = _clock(condition, finding, window, found)
    state = AlertState.QUIET if found is None else AlertState.COUNTING
    if found is not None and ticking.met:
        state = AlertState.FIRING
    return Found(
        state,
        ticking,
        _sentence(condition, finding, window, value, found),
        value,
        (finding.series.signal.id,),
        finding.series.signal.resource,
        window,
    )


def _window(finding: Finding, seconds: int) -> Window:
    period = finding.window.period
    return Window(finding.window.end - max(1, seconds // period) * period, finding.window.end, period)


def _clock(condition: Condition, finding: Finding, window: Window, found: Run | None) -> AlertClock:
    since = due = None
    if found is not None:
        since = instant(found.since)
        more = window.period if condition.strictly else 0
        due = instant(found.since + condition.required_s + more + finding.series.signal.settle)
    over = minutes(window.end - window.start)
    few = f", or with fewer than {count(condition.floor)} requests," if condition.floor else ""
    return AlertClock(
        Measure.TIME,
        0 if found is None else found.seconds,
        condition.required_s,
        condition.strictly,
        since,
        due,
        f"a mean over {over} that is {_outside(condition)}",
        f"{over} without data{few} break the run",
    )


def _outside(condition: Condition) -> str:
    lower = f"not above {figure(condition.above, condition.unit)}"
    if condition.up_to == float("inf"):
        return lower
    return f"{lower}, or above {figure(condition.up_to, condition.unit)}"


def _sentence(condition: Condition, finding: Finding, window: Window, value: float | None, found: Run | None) -> str:
    over, limit = minutes(window.end - window.start), figure(condition.above, condition.unit)
    if value is None:
        return f"no request in the {over} to {clock(window.ends_at)}"
    shown = f"{figure(value, condition.unit)} over {over}"
    if found is not None:
        return f"{shown}, above {limit} since {clock(instant(found.since))}"
    if value > condition.up_to:
        return f"{shown}, above {figure(condition.up_to, condition.unit)}: the critical rules speak"
    if value > condition.above:
        among = several(finding.track.weight(window), "request")
        return f"{shown}, but only {among}: fewer than {count(condition.floor)} are not judged by a rate"
    return f"{shown}, not above {limit}"
