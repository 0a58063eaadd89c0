"""Metrics of the simulated account: AWS's identities, silences, lateness, periods, pages and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.simulated.cloudwatch.checks import page_token
from services.simulated.protocol import AwsError
from services.simulated.world import spreads
from tests.unit.cloudwatch_support import CloudWatch, at, metric, seconds

HOUR = 3600
SETTLED = 400.0
"""Seconds after which every source but Cognito has published."""


@pytest.fixture(scope="module")
def calm() -> CloudWatch:
    return CloudWatch()


def test_every_minute_of_the_api_is_the_world_s(calm: CloudWatch) -> None:
    start = int(at(-600).timestamp())
    found = calm.values("AWS/ApiGateway", "Count", calm.api, "SampleCount")
    assert found[-600] == calm.world.minute("production", start).requests
    latency = calm.values("AWS/ApiGateway", "Latency", calm.api, "Average")
    assert latency[-600] == pytest.approx(spreads.mean(calm.world.minute("production", start).latency))


@pytest.mark.parametrize("statistic", ["Sum", "SampleCount"])
def test_the_rate_of_errors_is_their_average(calm: CloudWatch, statistic: str) -> None:
    errors = calm.values("AWS/ApiGateway", "4XXError", calm.api, "Sum")
    rate = calm.values("AWS/ApiGateway", "4XXError", calm.api, "Average")
    count = calm.values("AWS/ApiGateway", "Count", calm.api, statistic)
    assert rate == pytest.approx({minute: errors[minute] / count[minute] for minute in errors})


@pytest.mark.parametrize(
    ("namespace", "name", "dimensions"),
    [
        ("AWS/ApiGateway", "Count", {}),
        ("AWS/ApiGateway", "Count", {"Stage": "prod"}),
        ("AWS/ApiGateway", "Count", {"ApiName": "another", "Stage": "prod"}),
        ("AWS/DynamoDB", "SuccessfulRequestLatency", {"TableName": "ec2-manager-audit-production"}),
        ("AWS/DynamoDB", "ThrottledRequests", {"TableName": "ec2-manager-audit-production"}),
        ("AWS/Lambda", "Count", {"FunctionName": "ec2-manager-function-prod"}),
        ("EC2Manager", "HealthScore", {}),
    ],
)
def test_a_dimension_set_that_is_not_published_answers_complete_and_empty(
    calm: CloudWatch, namespace: str, name: str, dimensions: dict[str, str]
) -> None:
    answer = calm.data([metric("m1", namespace, name, dimensions, "Sum")], -HOUR, 0, 0)
    (result,) = answer["MetricDataResults"]
    assert (result["StatusCode"], result["Values"]) == ("Complete", [])


def test_dimensions_may_come_in_any_order(calm: CloudWatch) -> None:
    turned = dict(reversed(calm.api.items()))
    assert calm.values("AWS/ApiGateway", "Count", turned, "Sum") == calm.values(
        "AWS/ApiGateway", "Count", calm.api, "Sum"
    )


def test_cloudfront_answers_in_its_own_region_and_with_both_dimensions_only(calm: CloudWatch) -> None:
    both = {"DistributionId": calm.production.distribution, "Region": "Global"}
    rate = calm.values("AWS/CloudFront", "CacheHitRate", both, "Average", region="us-east-1")
    assert 85 < sum(rate.values()) / len(rate) < 97
    assert not calm.values("AWS/CloudFront", "CacheHitRate", both, "Average")
    one = {"DistributionId": calm.production.distribution}
    assert not calm.values("AWS/CloudFront", "CacheHitRate", one, "Average", region="us-east-1")


def test_throttles_are_not_published_while_there_are_none(calm: CloudWatch) -> None:
    table = {"TableName": calm.production.table}
    assert not calm.values("AWS/DynamoDB", "WriteThrottleEvents", table, "Sum")
    assert calm.values("AWS/DynamoDB", "ConsumedReadCapacityUnits", table, "Sum")
    function = {"FunctionName": calm.production.function}
    assert set(calm.values("AWS/Lambda", "Throttles", function, "Sum").values()) == {0.0}


def test_minutes_without_requests_have_no_point(calm: CloudWatch) -> None:
    dev = calm.estate.environment("dev")
    api = {"ApiName": dev.api_name, "Stage": dev.stage}
    found = calm.values("AWS/ApiGateway", "Latency", api, "Average")
    empty = [m for m in range(-3600, -60, 60) if not calm.world.minute("dev", int(at(m).timestamp())).requests]
    assert empty
    assert not set(empty) & set(found)
    assert len(found) + len(empty) == 59


def test_versions_are_told_apart_by_executed_version() -> None:
    cloudwatch = CloudWatch("bad-deploy", (-330.0, 42))
    alias = f"{cloudwatch.production.function}:LIVE"
    of = {"FunctionName": cloudwatch.production.function, "Resource": alias}

    def ran(version: str) -> dict[int, float]:
        return cloudwatch.values("AWS/Lambda", "Invocations", of | {"ExecutedVersion": version}, "Sum", begin=-600)

    old, new = ran("41"), ran("42")
    whole = cloudwatch.values("AWS/Lambda", "Invocations", of, "Sum", begin=-600)
    assert min(new) == max(old) == -360  # the minute in which the alias moved has both
    for minute, count in whole.items():
        assert old.get(minute, 0) + new.get(minute, 0) == count
    assert not ran("39")


@pytest.mark.parametrize(
    ("namespace", "name", "newest_after", "whole_after"),
    [
        ("AWS/ApiGateway", "Count", 61, 120),
        ("AWS/Lambda", "Invocations", 76, 135),
        ("AWS/DynamoDB", "ConsumedReadCapacityUnits", 150, 150),
        ("AWS/CloudFront", "Requests", 270, 270),
        ("AWS/Cognito", "SignInSuccesses", 600, 600),
    ],
)
def test_points_come_late_and_the_newest_fills_up(
    calm: CloudWatch, namespace: str, name: str, newest_after: int, whole_after: int
) -> None:
    p = calm.production
    dimensions = {
        "AWS/ApiGateway": calm.api,
        "AWS/Lambda": {"FunctionName": p.function},
        "AWS/DynamoDB": {"TableName": p.table},
        "AWS/CloudFront": {"DistributionId": p.distribution, "Region": "Global"},
        "AWS/Cognito": {"UserPool": p.user_pool, "UserPoolClient": p.user_pool_client},
    }[namespace]
    region = "us-east-1" if namespace == "AWS/CloudFront" else "us-west-2"

    def first_minute(now: float) -> float | None:
        found = calm.values(namespace, name, dimensions, "SampleCount", now=now, begin=0, end=now, region=region)
        return found.get(0)

    assert first_minute(newest_after - 2) is None
    partial, whole = first_minute(newest_after + 2), first_minute(whole_after)
    assert partial is not None
    assert whole is not None
    assert partial < whole if newest_after < whole_after else partial == whole
    assert first_minute(whole_after + 600) == whole


@settings(deadline=None, max_examples=30)
@given(begin=st.integers(-120, -2), end=st.integers(-1, 0), period=st.sampled_from([60, 120, 300, 600]))
def test_asking_for_less_or_in_other_periods_never_changes_what_happened(begin: int, end: int, period: int) -> None:
    cloudwatch = _shared()
    minutes = cloudwatch.values("AWS/ApiGateway", "Count", cloudwatch.api, "Sum", now=SETTLED, begin=-9000, end=0)
    found = cloudwatch.values(
        "AWS/ApiGateway", "Count", cloudwatch.api, "Sum", now=SETTLED, begin=begin * 60, end=end * 60, period=period
    )
    assert all(start % period == 0 for start in found)
    for start, value in found.items():
        assert value == sum(minutes.get(minute, 0.0) for minute in range(start, start + period, 60) if minute < 0)


_SHARED: list[CloudWatch] = []


def _shared() -> CloudWatch:
    if not _SHARED:
        _SHARED.append(CloudWatch())
    return _SHARED[0]


def test_a_start_inside_a_minute_is_rounded_down_and_the_end_is_exclusive(calm: CloudWatch) -> None:
    found = calm.values("AWS/ApiGateway", "Count", calm.api, "Sum", now=SETTLED, begin=-330, end=-180)
    assert sorted(found) == [-360, -300, -240]


def test_percentiles_come_from_the_requests_themselves(calm: CloudWatch) -> None:
    minute = int(at(-300).timestamp())
    latencies = sorted(request.latency_ms for request in calm.world.requests("production", minute))
    found = calm.values("AWS/ApiGateway", "Latency", calm.api, "p99")[-300]
    assert found == pytest.approx(latencies[-(-99 * len(latencies) // 100) - 1])
    p50 = calm.values("AWS/ApiGateway", "Latency", calm.api, "p50")[-300]
    p999 = calm.values("AWS/ApiGateway", "Latency", calm.api, "p99.9")[-300]
    assert p50 < found <= p999 == latencies[-1]


def test_points_of_a_minute_are_kept_for_fifteen_days_and_no_longer(calm: CloudWatch) -> None:
    later = 16 * 86_400.0
    asked = {"now": later, "begin": 0.0, "end": 1800.0}
    assert not calm.values("AWS/ApiGateway", "Count", calm.api, "Sum", **asked)
    assert calm.values("AWS/ApiGateway", "Count", calm.api, "Sum", period=300, **asked)


def test_newest_comes_first_unless_told_otherwise(calm: CloudWatch) -> None:
    query = [metric("m1", "AWS/ApiGateway", "Count", calm.api, "Sum")]
    newest = calm.ask("GetMetricData", MetricDataQueries=query, StartTime=at(-600), EndTime=at(-300))
    (result,) = newest["MetricDataResults"]
    assert [seconds(stamp) for stamp in result["Timestamps"]] == [-360, -420, -480, -540, -600]
    assert result["Label"] == "Count"


def test_pages_hold_max_datapoints_and_add_up(calm: CloudWatch) -> None:
    queries = [
        metric("a", "AWS/ApiGateway", "Count", calm.api, "Sum"),
        metric("none", "AWS/ApiGateway", "Count", {"ApiName": "x"}, "Sum"),
        metric("b", "AWS/ApiGateway", "Latency", calm.api, "Average"),
    ]
    whole = calm.data(queries, -600, 0, 0)["MetricDataResults"]
    collected: dict[str, list[float]] = {}
    states: list[tuple[str, str]] = []
    token: str | None = None
    for _ in range(10):
        more = {"NextToken": token} if token else {}
        page = calm.data(queries, -600, 0, 0, MaxDatapoints=7, **more)
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= 7
        for result in page["MetricDataResults"]:
            collected.setdefault(result["Id"], []).extend(result["Values"])
            states.append((result["Id"], result["StatusCode"]))
        token = page.get("NextToken")
        if token is None:
            break
    assert collected == {result["Id"]: result["Values"] for result in whole}
    assert states[0] == ("a", "PartialData")
    assert states[-1] == ("b", "Complete")


@pytest.mark.parametrize("token", ["nonsense", "e30x", page_token({"now": "x"}), page_token({"offset": -1})])
def test_a_token_that_was_never_given_is_refused(calm: CloudWatch, token: str) -> None:
    query = [metric("a", "AWS/ApiGateway", "Count", calm.api, "Sum")]
    with pytest.raises(AwsError) as raised:
        calm.data(query, -600, 0, 0, NextToken=token)
    assert raised.value.code == "InvalidNextToken"


def test_math_over_metrics_of_the_request(calm: CloudWatch) -> None:
    queries = [
        {"Id": "rate", "Expression": "100 * bad / all", "Label": "rate ${LAST}"},
        metric("bad", "AWS/ApiGateway", "4XXError", calm.api, "Sum", ReturnData=False),
        metric("all", "AWS/ApiGateway", "Count", calm.api, "SampleCount", ReturnData=False),
    ]
    (result,) = calm.data(queries, -600, 0, 0)["MetricDataResults"]
    errors = calm.values("AWS/ApiGateway", "4XXError", calm.api, "Sum", begin=-600)
    count = calm.values("AWS/ApiGateway", "Count", calm.api, "SampleCount", begin=-600)
    assert result["Values"] == pytest.approx([100 * errors[minute] / count[minute] for minute in errors])
    assert result["Label"] == f"rate {result['Values'][-1]:g}"


def test_default_labels_tell_series_apart(calm: CloudWatch) -> None:
    queries = [
        metric("a", "AWS/ApiGateway", "Latency", calm.api, "Average"),
        metric("b", "AWS/ApiGateway", "Latency", calm.api, "p99"),
        metric("c", "AWS/ApiGateway", "Count", calm.api, "Sum"),
    ]
    labels = [result["Label"] for result in calm.data(queries, -600, 0, 0)["MetricDataResults"]]
    assert labels == ["Latency Average", "Latency p99", "Count"]


COUNT = metric("m1", "AWS/ApiGateway", "Count", {}, "Sum")


@pytest.mark.parametrize(
    ("queries", "says"),
    [
        ([COUNT | {"Id": "M1"}], "not matching the expected pattern"),
        ([COUNT | {"Id": "1m"}], "not matching the expected pattern"),
        ([COUNT, COUNT], "not unique"),
        ([COUNT | {"Expression": "m1"}], "mutually exclusive"),
        ([{"Id": "m1"}], "is required"),
        ([], "MetricDataQueries is required"),
        ([metric(f"m{n}", "A", "b", {}, "Sum") for n in range(501)], "size greater than 500"),
        ([metric("m1", "A", "b", {}, "Sum", 90)], "multiple of 60"),
        ([metric("m1", "A", "b", {}, "Middling")], "Middling"),
        ([{"Id": "e1", "Expression": "SEARCH('x', 'Sum')"}], "SEARCH is not served"),
        ([{"Id": "e1", "Expression": 'SELECT AVG(x) FROM "y"'}], "Metrics Insights"),
        ([{"Id": "e1", "Expression": "m1 +"}], "Error in expression 'e1'"),
        ([{"Id": "e1", "Expression": "nobody"}], "Undefined variable"),
    ],
)
def test_what_getmetricdata_refuses(calm: CloudWatch, queries: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(AwsError, match=says) as raised:
        calm.data(queries, -600, 0, 0)
    assert raised.value.code == "ValidationError"


@pytest.mark.parametrize("end", [-600, -700])
def test_an_end_that_is_not_after_the_start_is_refused(calm: CloudWatch, end: float) -> None:
    with pytest.raises(AwsError, match="StartTime must be less than"):
        calm.data([COUNT], -600, end, 0)
    asked: dict[str, Any] = {"Namespace": "A", "MetricName": "b", "Period": 60, "Statistics": ["Sum"]}
    with pytest.raises(AwsError, match="StartTime must be less than"):
        calm.ask("GetMetricStatistics", StartTime=at(-600), EndTime=at(end), **asked)


def test_a_day_of_twenty_five_metrics_is_one_answer() -> None:
    cloudwatch = CloudWatch()
    table, function = {"TableName": cloudwatch.production.table}, {"FunctionName": cloudwatch.production.function}
    wanted = [
        *(("AWS/ApiGateway", name, cloudwatch.api, "Sum") for name in ("Count", "4XXError", "5XXError")),
        *(("AWS/ApiGateway", "Latency", cloudwatch.api, stat) for stat in ("Average", "Maximum", "p95", "p99")),
        *(("AWS/ApiGateway", "IntegrationLatency", cloudwatch.api, stat) for stat in ("Average", "SampleCount", "p99")),
        *(("AWS/Lambda", name, function, "Sum") for name in ("Invocations", "Errors", "Throttles")),
        *(("AWS/Lambda", "Duration", function, stat) for stat in ("Average", "Maximum", "SampleCount", "p95", "p99")),
        ("AWS/Lambda", "ConcurrentExecutions", function, "Maximum"),
        *(("AWS/DynamoDB", f"{kind}ThrottleEvents", table, "Sum") for kind in ("Read", "Write")),
        *(("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", table, "Sum") for kind in ("Read", "Write")),
        *(("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", table, "SampleCount") for kind in ("Read", "Write")),
    ]
    queries = [metric(f"q{n}", *one) for n, one in enumerate(wanted)]
    assert len(queries) == 25
    results = cloudwatch.data(queries, -86_400, 0, 0)["MetricDataResults"]
    assert sum(len(result["Values"]) for result in results) > 20 * 1400
