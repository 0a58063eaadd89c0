"""Alarms that stand on a query and not on one metric's threshold: log alarms, Metrics Insights, anomaly bands.

Each is evaluated from what the account publishes, as far as the account's own alarms go: of log queries the count of
a group's error lines, of Metrics Insights the sum of one metric, of anomaly bands one made of the two hours before.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.simulated.cloudwatch import evaluation
from services.simulated.cloudwatch.alarms import Alarm, StateChange
from services.simulated.cloudwatch.identity import MetricKey, key_of
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.cloudwatch.statistics import statistic
from services.simulated.state import SimulatedState

_PERIOD = 300
_BAND = 24
"""Periods that a band is made of."""
_WIDTH = 6
"""Standard deviations on both sides of their mean."""

_INSIGHT = re.compile(r"""SELECT SUM\((\w+)\) FROM SCHEMA\("([^"]+)", (\w+)\) WHERE \3 = '([^']+)'""")


class QueryAlarms:
    """Evaluates them at any minute, with what was visible then."""

    def __init__(self, state: SimulatedState, reader: MetricReader) -> None:
        self._state = state
        self._reader = reader

    def at(self, region: str, alarm: Alarm, tick: int) -> StateChange:
        """The state that an evaluation at `tick` (epoch seconds, a minute) comes to."""
        parameters = alarm.parameters
        if alarm.of_logs:
            return self._by_logs(parameters, tick)
        if "ThresholdMetricId" in parameters:
            return self._by_band(region, parameters, tick)
        return self._by_insight(region, parameters, tick)

    def _by_logs(self, parameters: Mapping[str, Any], tick: int) -> StateChange:
        groups = parameters["ScheduledQueryConfiguration"]["LogGroupIdentifiers"]
        own = [one.name for one in self._state.estate.environments if one.app_log_group in groups]
        results = [
            float(sum(self._failed(name, tick - _PERIOD * back) for name in own))
            for back in range(int(parameters["QueryResultsToEvaluate"]))
        ]
        breaches = evaluation.COMPARISONS[parameters["ComparisonOperator"]][0]
        over = sum(breaches(value, parameters["Threshold"]) for value in results)
        bad = over >= int(parameters["QueryResultsToAlarm"])
        said = f"{over} of the last {len(results)} query results were beyond {parameters['Threshold']:g}: {results}"
        return _change(tick, bad, said)

    def _failed(self, environment: str, until: int) -> int:
        """Requests that failed in the five minutes to `until`: the application logs one error each."""
        minutes = (self._state.world.minute(environment, until - 60 * back) for back in range(1, 6))
        return sum(version.errors for minute in minutes for version in minute.versions.values())

    def _by_insight(self, region: str, parameters: Mapping[str, Any], tick: int) -> StateChange:
        found = _INSIGHT.match(parameters["Metrics"][0]["Expression"])
        assert found is not None  # the account's own, see the seeds
        name, namespace, dimension, value = found.groups()
        key = MetricKey(namespace, name, ((dimension, value),))
        total = self._sum(region, key, tick - _PERIOD, tick) or 0.0
        bad = total > parameters["Threshold"]
        return _change(tick, bad, f"The query's newest value {total:g} is {'' if bad else 'not '}above the threshold.")

    def _by_band(self, region: str, parameters: Mapping[str, Any], tick: int) -> StateChange:
        metric = next(one["MetricStat"] for one in parameters["Metrics"] if "MetricStat" in one)
        key = key_of(metric["Metric"])
        ends = [tick - _PERIOD * back for back in range(_BAND + 1)]
        newest, *before = [self._sum(region, key, end - _PERIOD, end) or 0.0 for end in ends]
        middle = math.fsum(before) / len(before)
        width = _WIDTH * math.sqrt(math.fsum((value - middle) ** 2 for value in before) / len(before))
        bad = not middle - width <= newest <= middle + width
        where = "outside of" if bad else "within"
        said = f"{newest:g} is {where} the band {middle - width:.1f} to {middle + width:.1f}"
        return _change(tick, bad, f"Thresholds Crossed: {said}." if bad else f"{said}.")

    def _sum(self, region: str, key: MetricKey, begin: int, end: int) -> float | None:
        compute = statistic("Sum")
        assert compute is not None
        sample = self._reader.span(region, key, begin, end, end)
        return compute(sample) if sample.values else None


def queries(parameters: Mapping[str, Any]) -> bool:
    """Whether an alarm is one of these."""
    if "ScheduledQueryConfiguration" in parameters or "ThresholdMetricId" in parameters:
        return True
    members: Sequence[Mapping[str, Any]] = parameters.get("Metrics") or ()
    return any(str(one.get("Expression", "")).startswith("SELECT ") for one in members)


def _change(tick: int, bad: bool, reason: str) -> StateChange:
    return StateChange(float(tick), evaluation.ALARM if bad else evaluation.OK, reason)
