"""What a metric's values are counted in. GetMetricData does not tell; the services' documents do (aws.md 1.1)."""

from __future__ import annotations

import re

from services.model.dashboards import Line, ValueUnit
from services.model.series import MetricId

_BY_NAME = {
    ("AWS/ApiGateway", "Latency"): ValueUnit.MILLISECONDS,
    ("AWS/ApiGateway", "IntegrationLatency"): ValueUnit.MILLISECONDS,
    ("AWS/ApiGateway", "DataProcessed"): ValueUnit.BYTES,
    ("AWS/Lambda", "Duration"): ValueUnit.MILLISECONDS,
    ("AWS/Lambda", "PostRuntimeExtensionsDuration"): ValueUnit.MILLISECONDS,
    ("AWS/Lambda", "IteratorAge"): ValueUnit.MILLISECONDS,
    ("AWS/DynamoDB", "SuccessfulRequestLatency"): ValueUnit.MILLISECONDS,
    ("AWS/DynamoDB", "ReturnedBytes"): ValueUnit.BYTES,
    ("AWS/CloudFront", "OriginLatency"): ValueUnit.MILLISECONDS,
    ("AWS/ApplicationELB", "TargetResponseTime"): ValueUnit.SECONDS,
    ("AWS/ELB", "Latency"): ValueUnit.SECONDS,
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ValueUnit.SECONDS,
    ("AWS/RDS", "ReadLatency"): ValueUnit.SECONDS,
    ("AWS/RDS", "WriteLatency"): ValueUnit.SECONDS,
}
_COUNTED = ("AWS/ApiGateway", "AWS/Lambda", "AWS/DynamoDB", "AWS/Cognito", "AWS/SNS", "AWS/SQS", "AWS/Events")
"""Services whose other metrics are counts."""

_WORDS = (
    (re.compile(r"(utilization|percentage|percent)$", re.IGNORECASE), ValueUnit.PERCENT),
    (re.compile(r"bytes", re.IGNORECASE), ValueUnit.BYTES),
)

_PUBLISHED = {
    "Milliseconds": ValueUnit.MILLISECONDS,
    "Seconds": ValueUnit.SECONDS,
    "Percent": ValueUnit.PERCENT,
    "Count": ValueUnit.COUNT,
    "Bytes": ValueUnit.BYTES,
}
_PERCENT = re.compile(r"%|\bpercent(age)?\b", re.IGNORECASE)
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_ALIKE = re.compile(r"[\s()+\-,.0-9]*\Z")
"""What an expression may hold besides ids so that its unit is theirs: sums, differences, brackets."""


def published(unit: str) -> ValueUnit:
    """The unit that a datapoint of GetMetricStatistics carries."""
    return _PUBLISHED.get(unit, ValueUnit.PLAIN)


def known(metric: MetricId) -> ValueUnit | None:
    """The unit of one metric by its name; None when only its publisher knows."""
    found = _BY_NAME.get((metric.namespace, metric.name))
    if found is not None:
        return found
    if metric.namespace == "AWS/CloudFront":
        return ValueUnit.PERCENT if metric.name.endswith("Rate") else _by_words(metric.name) or ValueUnit.COUNT
    if metric.namespace.startswith("AWS/"):
        return _by_words(metric.name) or (ValueUnit.COUNT if metric.namespace in _COUNTED else None)
    return None


def of_line(line: Line, lines: tuple[Line, ...], learned: dict[tuple[str, str], ValueUnit]) -> ValueUnit:
    """The unit of one row. `learned`: (namespace, name) → what datapoints of it carried."""
    if line.statistic == "SampleCount" and line.metric is not None:
        return ValueUnit.COUNT
    if line.metric is not None:
        unit = known(line.metric)
        return unit if unit is not None else learned.get((line.metric.namespace, line.metric.name), ValueUnit.PLAIN)
    if _PERCENT.search(line.label):
        return ValueUnit.PERCENT
    rest = _ID.sub("", line.expression)
    named = [one for one in lines if one.id and one.metric is not None and _names(line.expression, one.id)]
    units = {of_line(one, lines, learned) for one in named}
    return units.pop() if len(units) == 1 and _ALIKE.match(rest) else ValueUnit.PLAIN


def _names(expression: str, identity: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(identity)}(?![A-Za-z0-9_])", expression) is not None


def _by_words(name: str) -> ValueUnit | None:
    return next((unit for pattern, unit in _WORDS if pattern.search(name)), None)
