"""CloudWatch, served by us: moto has no metric math, no percentiles and evaluates no alarm."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.simulated.cloudwatch import metrics, queries
from services.simulated.cloudwatch.alarmbook import AlarmBook
from services.simulated.cloudwatch.alarmhandlers import AlarmHandlers
from services.simulated.cloudwatch.alarmhistory import describe_alarm_history
from services.simulated.cloudwatch.dashboards import Dashboards
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

_NOTHING_OF = {
    "ListAlarmMuteRules": "AlarmMuteRuleSummaries",
    "DescribeAnomalyDetectors": "AnomalyDetectors",
    "DescribeInsightRules": "InsightRules",
    "ListMetricStreams": "Entries",
}
"""Operation → the list it answers: the account has none of these, and nothing here can make one."""


def _none_of(member: str, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    return {member: []}


def _get_alarm_mute_rule(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    name = parameters["AlarmMuteRuleName"]
    raise AwsError("ResourceNotFoundException", f"Alarm mute rule {name} does not exist.", 404)


def handlers(state: SimulatedState) -> dict[str, Handler]:
    """Operation name → handler of service `cloudwatch`; what is not here the account does not serve."""
    reader = state.metrics = MetricReader(state)
    book = AlarmBook(state, reader)
    return {
        "GetMetricData": partial(queries.get_metric_data, reader),
        "GetMetricStatistics": partial(metrics.get_metric_statistics, reader),
        "ListMetrics": partial(metrics.list_metrics, reader),
        "PutMetricData": partial(metrics.put_metric_data, state, reader),
        "DescribeAlarmHistory": partial(describe_alarm_history, book),
        "GetAlarmMuteRule": _get_alarm_mute_rule,
        **AlarmHandlers(book).operations(),
        **Dashboards(state).operations(),
        **{operation: partial(_none_of, member) for operation, member in _NOTHING_OF.items()},
    }
