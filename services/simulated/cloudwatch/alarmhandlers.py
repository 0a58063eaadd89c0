"""The operations on alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from services.simulated.cloudwatch import checks, evaluation
from services.simulated.cloudwatch.alarmbook import AlarmBook
from services.simulated.cloudwatch.alarmchecks import check_composite, check_metric_alarm
from services.simulated.cloudwatch.alarms import Alarm, StateChange, watched_of
from services.simulated.cloudwatch.checks import moment
from services.simulated.cloudwatch.identity import key_of
from services.simulated.protocol import AwsError, Context, Handler

_STATES = (evaluation.OK, evaluation.ALARM, evaluation.INSUFFICIENT)
_TYPES = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
_PAGE = 50
_MOST = 100


class AlarmHandlers:
    """DescribeAlarms and everything that creates, changes or forces an alarm. History: `alarmhistory.py`."""

    def __init__(self, book: AlarmBook) -> None:
        self._book = book

    def operations(self) -> dict[str, Handler]:
        return {
            "DescribeAlarms": self.describe,
            "DescribeAlarmsForMetric": self.describe_for_metric,
            "PutMetricAlarm": self.put_metric_alarm,
            "PutCompositeAlarm": self.put_composite_alarm,
            "DeleteAlarms": self.delete,
            "SetAlarmState": self.set_state,
            "EnableAlarmActions": self.enable_actions,
            "DisableAlarmActions": self.disable_actions,
        }

    def describe(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """Metric alarms only unless AlarmTypes asks for more (aws.md 2.2)."""
        names, prefix = parameters.get("AlarmNames") or (), parameters.get("AlarmNamePrefix", "")
        if names and prefix:
            raise checks.validation("AlarmNamePrefix and AlarmNames are mutually exclusive")
        state = parameters.get("StateValue")
        if state is not None and state not in _STATES:
            raise checks.validation(f"The value {state} for parameter StateValue is not one of {', '.join(_STATES)}.")
        types = parameters.get("AlarmTypes") or ["MetricAlarm"]
        for name in types:
            if name not in _TYPES:
                raise checks.validation(f"The value {name} for parameter AlarmTypes is not one of {', '.join(_TYPES)}.")
        size = int(parameters.get("MaxRecords") or _PAGE)
        if not 1 <= size <= _MOST:
            raise checks.validation(f"The parameter MaxRecords must be between 1 and {_MOST}.")
        action = parameters.get("ActionPrefix", "")
        related = self._related(context.region, parameters)
        found = [
            alarm
            for alarm in self._book.all(context.region, context.now.timestamp())
            if alarm.type in types
            and (not names or alarm.name in names)
            and alarm.name.startswith(prefix)
            and (related is None or related(alarm))
            and state in (None, alarm.state)
            and (not action or any(target.startswith(action) for target in _all_actions(alarm)))
        ]
        page, token = checks.page_of(found, parameters.get("NextToken"), size)
        answer: dict[str, Any] = {
            f"{name}s": [_shape(alarm) for alarm in page if alarm.type == name] for name in _TYPES
        }
        return answer | ({"NextToken": token} if token else {})

    def _related(self, region: str, parameters: dict[str, Any]) -> Callable[[Alarm], bool] | None:
        """The filter that ChildrenOfAlarmName or ParentsOfAlarmName asks for, if any."""
        parent, child = parameters.get("ChildrenOfAlarmName"), parameters.get("ParentsOfAlarmName")
        if parent and child:
            raise checks.validation("ChildrenOfAlarmName and ParentsOfAlarmName are mutually exclusive")
        if parent:
            children = self._book.children(region, parent)
            return lambda alarm: alarm.name in children
        if child:
            return lambda alarm: child in self._book.children(region, alarm.name)
        return None

    def describe_for_metric(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """Alarms on exactly this metric, and by this statistic, period and unit where they are given."""
        wanted = key_of(parameters)
        found = []
        for alarm in self._book.all(context.region, context.now.timestamp()):
            if alarm.type != "MetricAlarm" or alarm.parameters.get("Metrics"):
                continue
            (watched,) = watched_of(alarm.parameters)
            statistic = parameters.get("Statistic") or parameters.get("ExtendedStatistic")
            if (
                watched.key == wanted
                and statistic in (None, watched.statistic)
                and parameters.get("Period") in (None, watched.period)
                and parameters.get("Unit", "") in ("", watched.unit)
            ):
                found.append(_shape(alarm))
        return {"MetricAlarms": found}

    def put_metric_alarm(self, context: Context, parameters: dict[str, Any]) -> None:
        check_metric_alarm(parameters)
        self._advance(context)
        self._book.put(context.region, parameters, context.now.timestamp())

    def put_composite_alarm(self, context: Context, parameters: dict[str, Any]) -> None:
        self._advance(context)
        check_composite(parameters, lambda name: self._book.find(context.region, name) is not None)
        self._book.put(context.region, parameters, context.now.timestamp())

    def delete(self, context: Context, parameters: dict[str, Any]) -> None:
        """All or none: ResourceNotFound when one of them is not there."""
        names = parameters["AlarmNames"]
        missing = [name for name in names if self._book.find(context.region, name) is None]
        if missing:
            raise AwsError("ResourceNotFound", f"The alarm {missing[0]} does not exist.", 404)
        self._book.delete(context.region, names)

    def set_state(self, context: Context, parameters: dict[str, Any]) -> None:
        name, state = parameters["AlarmName"], parameters["StateValue"]
        if state not in _STATES:
            raise checks.validation(f"The value {state} for parameter StateValue is not one of {', '.join(_STATES)}.")
        if self._book.find(context.region, name) is None:
            raise AwsError("ResourceNotFound", f"The alarm {name} does not exist.", 404)
        now = context.now.timestamp()
        data = parameters.get("StateReasonData") or ""
        self._book.order(context.region, name, StateChange(now, state, parameters["StateReason"], data))

    def enable_actions(self, context: Context, parameters: dict[str, Any]) -> None:
        self._switch(context, parameters["AlarmNames"], enabled=True)

    def disable_actions(self, context: Context, parameters: dict[str, Any]) -> None:
        self._switch(context, parameters["AlarmNames"], enabled=False)

    def _switch(self, context: Context, names: list[str], *, enabled: bool) -> None:
        """Names that are not there are passed over, as AWS does."""
        for name in names:
            alarm = self._book.find(context.region, name)
            if alarm is not None:
                alarm.enabled = enabled

    def _advance(self, context: Context) -> None:
        """Let the old configuration have its say up to now before there is a new one."""
        self._book.all(context.region, context.now.timestamp())


def _all_actions(alarm: Alarm) -> Iterator[str]:
    for state in _STATES:
        yield from alarm.actions(state)


_COPIED = (
    "AlarmDescription",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "AlarmRule",
    "ThresholdMetricId",
    "ScheduledQueryConfiguration",
    "QueryResultsToEvaluate",
    "QueryResultsToAlarm",
)


def _shape(alarm: Alarm) -> dict[str, Any]:
    """As botocore's MetricAlarm or CompositeAlarm."""
    last = alarm.changes[-1]
    shape: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        "AlarmConfigurationUpdatedTimestamp": moment(alarm.configured),
        "ActionsEnabled": alarm.enabled,
        "OKActions": alarm.actions(evaluation.OK),
        "AlarmActions": alarm.actions(evaluation.ALARM),
        "InsufficientDataActions": alarm.actions(evaluation.INSUFFICIENT),
        "StateValue": last.state,
        "StateReason": last.reason,
        "StateUpdatedTimestamp": moment(last.at),
        "StateTransitionedTimestamp": moment(last.at),
    }
    if last.data:
        shape["StateReasonData"] = last.data
    copied = {name: alarm.parameters[name] for name in _COPIED if alarm.parameters.get(name) is not None}
    if alarm.type == "MetricAlarm" and not alarm.parameters.get("Metrics"):
        copied.setdefault("Dimensions", [])
    return shape | copied
