"""Whether an alarm's points mean OK, ALARM or nothing new: M out of N, with what CloudWatch does about missing ones.

Source: CloudWatch User Guide, "Using Amazon CloudWatch alarms", both tables of "How alarm state is evaluated when
data is missing", and its rule against alarms too early.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.simulated.cloudwatch.checks import moment

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"

COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}

Point = tuple[int, float | None]
"""Start of a period (epoch seconds) and its value, None where there is none."""


class Rule(msgspec.Struct, frozen=True):
    """What an alarm looks at its points with."""

    threshold: float
    comparison: str
    periods: int
    """Evaluation Periods, N."""
    to_alarm: int
    """Datapoints to Alarm, M."""
    missing: str = "missing"
    """`missing`, `ignore`, `breaching`, `notBreaching`."""


class Finding(msgspec.Struct, frozen=True):
    """The outcome of one evaluation. `state` None: stay as it is."""

    state: str | None
    used: tuple[tuple[int, float], ...] = ()
    """The real points that decided, newest first."""
    filled: int = 0
    """How many missing ones were filled in."""


def evaluate(rule: Rule, points: Sequence[Point]) -> Finding:
    """The state that the points of the evaluation range, oldest first, give."""
    breaches = COMPARISONS[rule.comparison][0]
    real = [(at, value) for at, value in points if value is not None][-rule.periods :]
    used = tuple(reversed(real))
    breaching = sum(breaches(value, rule.threshold) for _, value in real)
    filled = rule.periods - len(real)
    if filled <= 0:
        return Finding(ALARM if breaching >= rule.to_alarm else OK, used)
    if rule.missing == "breaching":
        return Finding(ALARM if breaching + filled >= rule.to_alarm else OK, used, filled)
    if rule.missing == "notBreaching" or breaching >= rule.to_alarm:
        return Finding(ALARM if breaching >= rule.to_alarm else OK, used, filled)
    if breaching < len(real):
        return Finding(OK, used, filled)
    if rule.missing == "ignore":
        return Finding(None, used, filled)
    # Nothing but breaching points, too few of them: only an old one makes an alarm.
    age = len(points) - next((index for index, (_, value) in enumerate(points) if value is not None), len(points))
    return Finding(ALARM if real and age >= rule.to_alarm else INSUFFICIENT, used, filled)


def reason(rule: Rule, finding: Finding, old: str) -> str:
    """StateReason in CloudWatch's words."""
    assert finding.state is not None
    if finding.state == INSUFFICIENT:
        count = finding.filled
        return f"Insufficient Data: {count} datapoint{' was' if count == 1 else 's were'} unknown."
    if not finding.used:
        treated = "Breaching" if rule.missing == "breaching" else "NonBreaching"
        return (
            f"Threshold Crossed: no datapoints were received for {_counted(finding.filled, 'period')} and "
            f"{_counted(finding.filled, 'missing datapoint')} {_were(finding.filled)} treated as [{treated}]."
        )
    breaches, words = COMPARISONS[rule.comparison]
    agreeing = [point for point in finding.used if breaches(point[1], rule.threshold) == (finding.state == ALARM)]
    shown = ", ".join(f"{_number(value)} ({moment(at):%d/%m/%y %H:%M:%S})" for at, value in agreeing[:5])
    minimum = rule.to_alarm if finding.state == ALARM else rule.periods - rule.to_alarm + 1
    negation = "" if finding.state == ALARM else "not "
    return (
        f"Threshold Crossed: {len(agreeing)} out of the last {len(finding.used)} datapoints [{shown}] "
        f"{_were(len(agreeing))} {negation}{words} the threshold ({_number(rule.threshold)}) "
        f"(minimum {_counted(minimum, 'datapoint')} for {old} -> {finding.state} transition)."
    )


def reason_data(rule: Rule, finding: Finding, at: datetime, period: int, statistic: str) -> str:
    """StateReasonData: the same for programs."""
    data: dict[str, Any] = {"version": "1.0", "queryDate": _stamp(at)}
    if finding.used:
        data["startDate"] = _stamp(moment(finding.used[-1][0]))
    if statistic:
        data["statistic"] = statistic
    data |= {
        "period": period,
        "recentDatapoints": [value for _, value in reversed(finding.used)],
        "threshold": rule.threshold,
        "evaluatedDatapoints": [{"timestamp": _stamp(moment(start)), "value": value} for start, value in finding.used],
    }
    return json.dumps(data)


def _number(value: float) -> str:
    return repr(float(value))


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
