"""Alarms and what is around them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.model.alarm_detail import AlarmDetail
from services.model.alarms import Alarm
from services.model.series import MetricId, Metrics, Series, Signal, Sparseness
from services.safe_text import safe

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
TABLE = (("TableName", "audit"),)
THROTTLES = MetricId("us-west-2", "AWS/DynamoDB", "WriteThrottleEvents", TABLE)
ERRORS = MetricId("us-west-2", "AWS/ApiGateway", "5XXError", (("ApiName", "api"), ("Stage", "prod")))
TOPIC = safe("arn:aws:sns:us-west-2:123456789012:alerts")


def an_alarm(name: str, state: str = "OK", *, minutes: float = 60, **fields: Any) -> Alarm:
    """An alarm that has been in its state for so long and tells one topic."""
    alarm = Alarm(
        safe(name), "us-west-2", safe(state), NOW - timedelta(minutes=minutes), safe("because"), True, (TOPIC,)
    )
    return msgspec.structs.replace(alarm, **fields)


def a_detail(name: str, metric: MetricId, **fields: Any) -> AlarmDetail:
    """A plain alarm on one metric."""
    detail = AlarmDetail(safe(name), "us-west-2", safe("metric"), metrics=(metric,), plain=True)
    return msgspec.structs.replace(detail, **fields)


def metrics_of(metric: MetricId, values: dict[int, float], *, sparse: Sparseness = Sparseness.NON_ZERO) -> Metrics:
    """One series, asked for over the last hour; `values` by minutes before NOW."""
    signal = Signal("table.write_throttles", "audit", metric, ("Sum",), 60, 120, sparse)
    end = int(NOW.timestamp())
    points = {end - minutes * 60: value for minutes, value in sorted(values.items(), reverse=True)}
    return Metrics({signal.id: Series(signal, {"Sum": points}, end - 3600, end)})
