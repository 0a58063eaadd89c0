"""An alarm: what it is made of, and the course of its states, found by asking the past minute by minute.

Nothing runs in the background: whoever asks at a later time gets what an alarm evaluated every minute would say.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from services.simulated.cloudwatch import evaluation
from services.simulated.cloudwatch.checks import moment
from services.simulated.cloudwatch.evaluation import Finding, Point, Rule
from services.simulated.cloudwatch.identity import MetricKey, key_of
from services.simulated.cloudwatch.mathsyntax import MathError
from services.simulated.cloudwatch.mathvalues import Series
from services.simulated.cloudwatch.metricmath import Expressions
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.cloudwatch.statistics import statistic

UNCHECKED = "Unchecked: Initial alarm creation"


class StateChange(msgspec.Struct, frozen=True):
    """The alarm was in `state` from `at` (epoch seconds) on."""

    at: float
    state: str
    reason: str
    data: str = ""


class Watched(msgspec.Struct, frozen=True):
    """One metric that an alarm looks at."""

    id: str
    key: MetricKey
    statistic: str
    period: int
    unit: str = ""


class Alarm:
    """One metric, composite or log alarm of one region. Guarded by the book it is in."""

    def __init__(self, name: str, arn: str, parameters: Mapping[str, Any], created: float) -> None:
        self.name = name
        self.arn = arn
        self.parameters = dict(parameters)
        """As PutMetricAlarm, PutCompositeAlarm or PutLogAlarm was given them."""
        self.created = created
        self.configured = created
        self.enabled = bool(parameters.get("ActionsEnabled", True))
        self.changes = [StateChange(created, evaluation.INSUFFICIENT, UNCHECKED)]
        self.evaluated = int(created) // 60 * 60
        """The last minute at which it was evaluated."""

    @property
    def composite(self) -> bool:
        return "AlarmRule" in self.parameters

    @property
    def of_logs(self) -> bool:
        return "ScheduledQueryConfiguration" in self.parameters

    @property
    def type(self) -> str:
        """As AlarmTypes names it."""
        return "CompositeAlarm" if self.composite else "LogAlarm" if self.of_logs else "MetricAlarm"

    @property
    def state(self) -> str:
        return self.changes[-1].state

    def state_at(self, at: float) -> StateChange:
        """What held at `at`; the first state before it too."""
        index = bisect.bisect_right(self.changes, at, key=lambda change: change.at) - 1
        return self.changes[max(0, index)]

    def actions(self, state: str) -> list[str]:
        """What is told of the alarm's coming into `state`."""
        member = {
            evaluation.OK: "OKActions",
            evaluation.ALARM: "AlarmActions",
            evaluation.INSUFFICIENT: "InsufficientDataActions",
        }
        return list(self.parameters.get(member[state]) or ())

    def change(self, to: StateChange) -> None:
        if to.state != self.state:
            self.changes.append(to)

    def obey(self, order: StateChange) -> None:
        """SetAlarmState: taken as it is, also when it changes only the reason."""
        if order.state == self.state:
            self.changes[-1] = msgspec.structs.replace(self.changes[-1], reason=order.reason, data=order.data)
        else:
            self.changes.append(order)


class Evaluator:
    """Evaluates metric alarms at any minute, with what was visible then."""

    def __init__(self, reader: MetricReader) -> None:
        self._reader = reader

    def at(self, region: str, alarm: Alarm, tick: int) -> StateChange | None:
        """The state that an evaluation at `tick` (epoch seconds, a minute) comes to; None: stay."""
        rule = rule_of(alarm.parameters)
        watched = watched_of(alarm.parameters)
        period = watched[0].period
        points = self._points(region, alarm, watched, rule, tick)
        finding: Finding = evaluation.evaluate(rule, points)
        if finding.state is None:
            return None
        name = watched[0].statistic if not alarm.parameters.get("Metrics") else ""
        return StateChange(
            float(tick),
            finding.state,
            evaluation.reason(rule, finding, alarm.state),
            evaluation.reason_data(rule, finding, moment(tick), period, name),
        )

    def _points(self, region: str, alarm: Alarm, watched: list[Watched], rule: Rule, tick: int) -> list[Point]:
        """The periods of the evaluation range, which ends at `tick` and slides with it; older ones only if needed."""
        period = watched[0].period
        # More than are needed, so that points that come late are not taken for missing.
        most = rule.periods + 2 + -(-240 // period)
        starts = [tick - period * back for back in range(most, 0, -1)]
        found = self._values(region, alarm, watched, starts[-rule.periods :], tick)
        if len(found) < rule.periods:
            found = self._values(region, alarm, watched, starts, tick)
        return [(start, found.get(start)) for start in starts]

    def _values(
        self, region: str, alarm: Alarm, watched: list[Watched], starts: list[int], tick: int
    ) -> Mapping[int, float]:
        """Start of period → value, of the metric or the expression, as far as there are any."""

        def series(of: Watched) -> Series:
            compute = statistic(of.statistic)
            assert compute is not None
            spans = ((at, self._reader.span(region, of.key, at, at + of.period, tick, of.unit)) for at in starts)
            return Series({at: compute(sample) for at, sample in spans if sample.values}, of.period, is_metric=True)

        if not alarm.parameters.get("Metrics"):
            return series(watched[0]).points
        known = {of.id: series(of) for of in watched}
        return self._expression(alarm.parameters["Metrics"], known, starts).points

    @staticmethod
    def _expression(metrics: list[Mapping[str, Any]], known: Mapping[str, Series], starts: list[int]) -> Series:
        texts = {member["Id"]: member["Expression"] for member in metrics if member.get("Expression")}
        readers = {name: (lambda found=found: found) for name, found in known.items()}
        expressions = Expressions(readers, texts, lambda period: starts)
        try:
            return expressions.series(returned_of(metrics))[0]
        except MathError:
            # Checked when the alarm was put; what is left is an expression over an empty array.
            return Series({}, 60)


def rule_of(parameters: Mapping[str, Any]) -> Rule:
    """The alarm's rule; a plain alarm on DynamoDB ignores missing data whatever it says (aws.md 0.10)."""
    missing = parameters.get("TreatMissingData") or "missing"
    if parameters.get("Namespace") == "AWS/DynamoDB":
        missing = "ignore"
    periods = int(parameters["EvaluationPeriods"])
    return Rule(
        threshold=float(parameters["Threshold"]),
        comparison=parameters["ComparisonOperator"],
        periods=periods,
        to_alarm=int(parameters.get("DatapointsToAlarm") or periods),
        missing=missing,
    )


def watched_of(parameters: Mapping[str, Any]) -> list[Watched]:
    """The metrics of an alarm: its own, or those of its expression."""
    if parameters.get("Metrics"):
        return [
            Watched(
                member["Id"],
                key_of(member["MetricStat"]["Metric"]),
                member["MetricStat"]["Stat"],
                int(member["MetricStat"]["Period"]),
                member["MetricStat"].get("Unit", ""),
            )
            for member in parameters["Metrics"]
            if member.get("MetricStat")
        ]
    name = parameters.get("Statistic") or parameters.get("ExtendedStatistic") or ""
    return [Watched("m1", key_of(parameters), name, int(parameters["Period"]), parameters.get("Unit", ""))]


def returned_of(metrics: list[Mapping[str, Any]]) -> str:
    """The id whose values the alarm is about: the one that returns data."""
    return str(next(member["Id"] for member in metrics if member.get("ReturnData", True)))


def history_data(old: StateChange, new: StateChange) -> str:
    """HistoryData of a StateUpdate."""
    data: dict[str, Any] = {"version": "1.0"}
    for name, change in (("oldState", old), ("newState", new)):
        data[name] = {"stateValue": change.state, "stateReason": change.reason}
        if change.data:
            data[name]["stateReasonData"] = json.loads(change.data)
    return json.dumps(data)
