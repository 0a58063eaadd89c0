"""GetMetricStatistics, ListMetrics and PutMetricData of the simulated account."""

from __future__ import annotations

from typing import Any

import pytest

from services.simulated.protocol import AwsError
from tests.unit.cloudwatch_support import CloudWatch, at, dimensions_of, metric, seconds

SETTLED = 400.0
"""Seconds after which every source but Cognito has published."""


@pytest.fixture(scope="module")
def calm() -> CloudWatch:
    return CloudWatch()


def stats(cloudwatch: CloudWatch, now: float = 0.0, **parameters: Any) -> list[dict[str, Any]]:
    found = cloudwatch.ask("GetMetricStatistics", now, **parameters)["Datapoints"]
    return sorted(found, key=lambda point: point["Timestamp"])


def test_statistics_come_in_aligned_periods_with_their_unit(calm: CloudWatch) -> None:
    latency: dict[str, Any] = {
        "Namespace": "AWS/ApiGateway",
        "MetricName": "Latency",
        "Dimensions": dimensions_of(calm.api),
    }
    found = stats(calm, StartTime=at(-930), EndTime=at(-290), Period=300, Statistics=["Average", "Maximum"], **latency)
    assert [seconds(point["Timestamp"]) for point in found] == [-1200, -900, -600, -300]
    assert {point["Unit"] for point in found} == {"Milliseconds"}
    assert all(point["Maximum"] >= point["Average"] > 0 and "Sum" not in point for point in found)
    more = stats(calm, StartTime=at(-900), EndTime=at(-300), Period=300, ExtendedStatistics=["p95", "p99"], **latency)
    assert all(point["ExtendedStatistics"]["p95"] <= point["ExtendedStatistics"]["p99"] for point in more)


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"Statistics": ["Average,Maximum"]}, "InvalidParameterValue", "Average,Maximum"),
        ({"Statistics": ["p95"]}, "InvalidParameterValue", "p95"),
        ({"ExtendedStatistics": ["Average"]}, "InvalidParameterValue", "Average"),
        ({"Statistics": ["Sum"], "ExtendedStatistics": ["p95"]}, "InvalidParameterCombination", "same time"),
        ({}, "InvalidParameterCombination", "Must specify"),
        ({"Statistics": ["Sum"], "Period": 61}, "ValidationError", "multiple of 60"),
        ({"Statistics": ["Sum"], "StartTime": at(-1441 * 60)}, "InvalidParameterCombination", "1,440"),
    ],
)
def test_what_getmetricstatistics_refuses(calm: CloudWatch, given: dict[str, Any], code: str, says: str) -> None:
    asked: dict[str, Any] = {"Namespace": "A", "MetricName": "b", "Period": 60, "StartTime": at(-600), "EndTime": at(0)}
    with pytest.raises(AwsError, match=says) as raised:
        calm.ask("GetMetricStatistics", **(asked | given))
    assert raised.value.code == code


def test_a_day_of_the_runbook_s_own_question_has_its_points_in_no_order(calm: CloudWatch) -> None:
    found = calm.ask(
        "GetMetricStatistics",
        SETTLED,
        Namespace="AWS/ApiGateway",
        MetricName="Count",
        Dimensions=dimensions_of({"ApiName": calm.production.api_name}),
        StartTime=at(-86_400),
        EndTime=at(0),
        Period=60,
        Statistics=["SampleCount"],
    )["Datapoints"]
    stamps = [point["Timestamp"] for point in found]
    assert len(set(stamps)) == 1440
    assert stamps != sorted(stamps), "AWS gives them in no order, and so do we"


def test_listmetrics_filters_and_tells_what_is_published(calm: CloudWatch) -> None:
    function = calm.production.function
    wanted = [{"Name": "FunctionName", "Value": function}]
    found = calm.ask("ListMetrics", Namespace="AWS/Lambda", MetricName="Errors", Dimensions=wanted)["Metrics"]
    names = [tuple(sorted(d["Name"] for d in one["Dimensions"])) for one in found]
    assert names.count(("FunctionName",)) == 1
    assert names.count(("FunctionName", "Resource")) == 1
    versions = {d["Value"] for one in found for d in one["Dimensions"] if d["Name"] == "ExecutedVersion"}
    assert versions == {"40", "41"}
    recent = calm.ask("ListMetrics", Namespace="AWS/Lambda", Dimensions=wanted, RecentlyActive="PT3H")["Metrics"]
    assert {d["Value"] for one in recent for d in one["Dimensions"] if d["Name"] == "ExecutedVersion"} == {"41"}
    throttles = calm.ask("ListMetrics", Namespace="AWS/DynamoDB", MetricName="WriteThrottleEvents")
    assert throttles["Metrics"] == []
    assert calm.ask("ListMetrics", Namespace="AWS/CloudFront")["Metrics"] == []
    assert calm.ask("ListMetrics", region="us-east-1", Namespace="AWS/CloudFront")["Metrics"]


def test_listmetrics_gives_five_hundred_a_page() -> None:
    cloudwatch = CloudWatch()
    data = [{"MetricName": f"m{n:04d}", "Value": 1.0} for n in range(700)]
    cloudwatch.ask("PutMetricData", Namespace="Mine", MetricData=data)
    first = cloudwatch.ask("ListMetrics", Namespace="Mine")
    second = cloudwatch.ask("ListMetrics", Namespace="Mine", NextToken=first["NextToken"])
    assert (len(first["Metrics"]), len(second["Metrics"])) == (500, 200)
    assert "NextToken" not in second
    with pytest.raises(AwsError, match="NextToken"):
        cloudwatch.ask("ListMetrics", NextToken="nonsense")


def test_what_is_put_is_read_back() -> None:
    cloudwatch = CloudWatch()
    datum = {"MetricName": "latency", "Dimensions": dimensions_of({"Job": "a"}), "Unit": "Seconds"}
    cloudwatch.ask(
        "PutMetricData",
        Namespace="Mine",
        MetricData=[
            datum | {"Value": 4.0, "Timestamp": at(-100)},
            datum | {"Values": [1.0, 2.0], "Counts": [2.0, 1.0], "Timestamp": at(-110)},
            datum
            | {
                "StatisticValues": {"SampleCount": 4.0, "Sum": 20.0, "Minimum": 2.0, "Maximum": 9.0},
                "Timestamp": at(-65),
            },
        ],
    )
    found = {
        stat: cloudwatch.values("Mine", "latency", {"Job": "a"}, stat)
        for stat in ("Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50")
    }
    assert found["Sum"] == {-120: 28.0}
    assert found["SampleCount"] == {-120: 8.0}
    assert found["Average"] == {-120: 3.5}
    assert found["Minimum"] == {-120: 1.0}
    assert found["Maximum"] == {-120: 9.0}
    assert not cloudwatch.values("Mine", "latency", {}, "Sum")
    query = metric("m1", "Mine", "latency", {"Job": "a"}, "Sum")
    query["MetricStat"]["Unit"] = "Bytes"
    assert cloudwatch.data([query], -600, 0, 0)["MetricDataResults"][0]["Values"] == []


@pytest.mark.parametrize(
    ("namespace", "datum", "says"),
    [
        ("AWS/Lambda", {"MetricName": "a", "Value": 1.0}, "Namespace is invalid"),
        ("Mine", {"MetricName": "a"}, "Exactly one of"),
        ("Mine", {"MetricName": "a", "Value": 1.0, "Timestamp": at(-15 * 86_400)}, "past two weeks"),
        ("Mine", {"MetricName": "a", "Value": 1.0, "Timestamp": at(3 * 3600)}, "next two hours"),
        ("Mine", {"MetricName": "a", "Values": [1.0, 2.0], "Counts": [1.0]}, "same size"),
    ],
)
def test_what_putmetricdata_refuses(calm: CloudWatch, namespace: str, datum: dict[str, Any], says: str) -> None:
    with pytest.raises(AwsError, match=says):
        calm.ask("PutMetricData", Namespace=namespace, MetricData=[datum])
