"""The body of the team's dashboard, in CloudWatch's dashboard syntax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.simulated.cloudwatch.alarmseeds import alarm_name
from services.simulated.cloudwatch.published import BUSINESS_NAMESPACE, EDGE_REGION
from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate

Widget = dict[str, Any]

_WIDTH = 24
_HEIGHT = 6


def body(environment: EnvironmentEstate) -> dict[str, Any]:
    """The four sections of runbook lines 106-111, each a heading and a row of graphs."""
    widgets: list[Widget] = []
    for title, row in (
        ("API Performance Overview", _api(environment)),
        ("DynamoDB Performance", _table(environment)),
        ("Business Metrics", _business(environment)),
        ("System Health", _health(environment)),
    ):
        _place(widgets, title, row)
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": widgets}


def _place(widgets: list[Widget], title: str, row: Sequence[Widget]) -> None:
    """Put a section under what is there."""
    top = max((widget["y"] + widget["height"] for widget in widgets), default=0)
    heading = {
        "type": "text",
        "x": 0,
        "y": top,
        "width": _WIDTH,
        "height": 1,
        "properties": {"markdown": f"## {title}"},
    }
    widgets.append(heading)
    width = _WIDTH // len(row)
    for column, widget in enumerate(row):
        widgets.append({"x": column * width, "y": top + 1, "width": width, "height": _HEIGHT} | widget)


def _graph(title: str, metrics: list[list[Any]], region: str, **more: Any) -> Widget:
    properties = {"title": title, "view": "timeSeries", "stacked": False, "region": region, "period": 60}
    return {"type": "metric", "properties": properties | {"metrics": metrics} | more}


def _line(value: float, label: str) -> dict[str, Any]:
    return {"horizontal": [{"label": label, "value": value}]}


def _api(environment: EnvironmentEstate) -> list[Widget]:
    api = ["ApiName", environment.api_name, "Stage", environment.stage]
    of = "AWS/ApiGateway"
    return [
        _graph("Request count", [[of, "Count", *api, {"stat": "Sum"}]], environment.region),
        _graph(
            "Latency",
            [[of, "Latency", *api, {"stat": stat, "label": stat}] for stat in ("Average", "p95", "p99")],
            environment.region,
            annotations=_line(1000, "warning"),
        ),
        _graph(
            "Errors",
            [
                [{"expression": "100 * errors / requests", "label": "Error rate %", "id": "rate", "yAxis": "right"}],
                [of, "5XXError", *api, {"stat": "Sum", "id": "errors"}],
                [of, "4XXError", *api, {"stat": "Sum", "id": "client"}],
                [of, "Count", *api, {"stat": "SampleCount", "id": "requests", "visible": False}],
            ],
            environment.region,
        ),
    ]


def _table(environment: EnvironmentEstate) -> list[Widget]:
    table = ["TableName", environment.table]
    of = "AWS/DynamoDB"
    return [
        _graph(
            "Read/write capacity",
            [[of, f"Consumed{kind}CapacityUnits", *table, {"stat": "Sum"}] for kind in ("Read", "Write")],
            environment.region,
        ),
        _graph(
            "Throttling",
            [[of, f"{kind}ThrottleEvents", *table, {"stat": "Sum"}] for kind in ("Read", "Write")],
            environment.region,
            annotations=_line(0, "any"),
        ),
    ]


def _business(environment: EnvironmentEstate) -> list[Widget]:
    own = ["Environment", environment.name]
    operations = ("InstancesStarted", "InstancesStopped", "EC2OperationFailures")
    return [
        _graph(
            "EC2 operations",
            [[BUSINESS_NAMESPACE, name, *own, {"stat": "Sum"}] for name in operations],
            environment.region,
        ),
        _graph("User activity", [[BUSINESS_NAMESPACE, "ActiveUsers", *own, {"stat": "Maximum"}]], environment.region),
    ]


def _health(environment: EnvironmentEstate) -> list[Widget]:
    own = ["Environment", environment.name]
    edge = ["DistributionId", environment.distribution, "Region", "Global"]
    row = [
        _graph(
            "Health score",
            [[BUSINESS_NAMESPACE, "HealthScore", *own, {"stat": "Average"}]],
            environment.region,
            view="singleValue",
        ),
        _graph("Response times", [[BUSINESS_NAMESPACE, "ResponseTime", *own, {"stat": "Average"}]], environment.region),
        _graph("Cache hit rate", [["AWS/CloudFront", "CacheHitRate", *edge, {"stat": "Average"}]], EDGE_REGION),
    ]
    if environment.name == "production":
        prefix = f"arn:aws:cloudwatch:{environment.region}:{ACCOUNT_ID}:alarm:"
        names = ("api-5xx", "api-latency", "lambda-errors", "dynamodb-throttles")
        alarms = [prefix + alarm_name(environment, name) for name in names]
        row.append({"type": "alarm", "properties": {"title": "Alarms", "alarms": alarms}})
    return row
