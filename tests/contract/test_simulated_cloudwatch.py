"""CloudWatch of the simulated account as another client meets it: over HTTP, and moved by what other services do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from tests.simulated_support import START, boto, manual, simulated

PRODUCTION_API = {"ApiName": "ec2-manager-api-production", "Stage": "prod"}
FUNCTION = {"FunctionName": "ec2-manager-function-prod"}


def query(name: str, namespace: str, metric: str, dimensions: dict[str, str], stat: str) -> dict[str, Any]:
    given = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    of = {"Namespace": namespace, "MetricName": metric, "Dimensions": given}
    return {"Id": name, "MetricStat": {"Metric": of, "Period": 60, "Stat": stat}}


def minutes(
    account: SimulatedAccount, queries: list[dict[str, Any]], back: int, region: str = "us-west-2"
) -> dict[str, dict[int, float]]:
    """Query id → minutes after the start → value, over the last `back` minutes."""
    now = account.clock.now()
    pages = boto(account, "cloudwatch", region).get_paginator("get_metric_data")
    found: dict[str, dict[int, float]] = {}
    for page in pages.paginate(MetricDataQueries=queries, StartTime=now - timedelta(minutes=back), EndTime=now):
        for result in page["MetricDataResults"]:
            stamps = (round((stamp - START).total_seconds() / 60) for stamp in result["Timestamps"])
            found.setdefault(result["Id"], {}).update(zip(stamps, result["Values"], strict=True))
    return found


def ringing(account: SimulatedAccount) -> set[str]:
    answer = boto(account, "cloudwatch").describe_alarms(StateValue="ALARM", AlarmTypes=["MetricAlarm"])
    return {alarm["AlarmName"] for alarm in answer["MetricAlarms"]}


ERRORS = [
    query("bad", "AWS/ApiGateway", "5XXError", PRODUCTION_API, "Sum"),
    query("all", "AWS/ApiGateway", "5XXError", PRODUCTION_API, "SampleCount"),
]


def rate(found: dict[str, dict[int, float]], first: int, last: int) -> float:
    """Errors per request over the minutes from `first` to before `last`."""
    span = range(first, last)
    return sum(found["bad"].get(m, 0.0) for m in span) / sum(found["all"].get(m, 0.0) for m in span)


def test_the_bad_release_shows_and_rolling_back_heals() -> None:
    with simulated("bad-deploy") as account:
        manual(account).advance(12 * 60)
        assert rate(minutes(account, ERRORS, 12), 4, 10) > 0.1
        assert "EC2Manager-production-api-5xx" in ringing(account)
        functions = boto(account, "lambda")
        alias = functions.get_alias(FunctionName="ec2-manager-function-prod", Name="LIVE")
        assert alias["FunctionVersion"] == "42"
        functions.update_alias(
            FunctionName="ec2-manager-function-prod", Name="LIVE", FunctionVersion="41", RevisionId=alias["RevisionId"]
        )
        manual(account).advance(20 * 60)
        after = minutes(account, ERRORS, 40)
        assert rate(after, 4, 12) > 0.1
        assert rate(after, 12, 30) < 0.01
        assert not ringing(account)


def test_an_invalidation_empties_the_cache() -> None:
    with simulated("calm") as account:
        distributions = boto(account, "cloudfront")
        listed = distributions.list_distributions()["DistributionList"]["Items"]
        production = next(one["Id"] for one in listed if "production" in one["Comment"])
        hits = [
            query(
                "hits", "AWS/CloudFront", "CacheHitRate", {"DistributionId": production, "Region": "Global"}, "Average"
            )
        ]
        distributions.create_invalidation(
            DistributionId=production,
            InvalidationBatch={"CallerReference": "one", "Paths": {"Quantity": 1, "Items": ["/*"]}},
        )
        manual(account).advance(20 * 60)
        found = minutes(account, hits, 30, "us-east-1")["hits"]
        assert found[-3] > 85
        assert min(found[minute] for minute in range(4)) < 50
        assert found[12] > 85


def test_logs_and_metrics_tell_of_the_same_invocations() -> None:
    with simulated("bad-deploy") as account:
        manual(account).advance(10 * 60)
        found = minutes(
            account,
            [
                query("ran", "AWS/Lambda", "Invocations", FUNCTION, "Sum"),
                query("failed", "AWS/Lambda", "Errors", FUNCTION, "Sum"),
            ],
            10,
        )
        pages = boto(account, "logs").get_paginator("filter_log_events")
        begin = START + timedelta(minutes=5)
        started = {
            event["message"].split()[2]
            for page in pages.paginate(
                logGroupName="/aws/lambda/ec2-manager-function-prod",
                startTime=int(begin.timestamp() * 1000),
                endTime=int(begin.timestamp() * 1000) + 65_000,
                filterPattern="START",
            )
            for event in page["events"]
            if event["timestamp"] < (begin + timedelta(minutes=1)).timestamp() * 1000
        }
        assert found["failed"][5] > 0
        assert len(started) == pytest.approx(
            found["ran"][5], abs=3
        )  # a request may arrive in one minute and start in the next


def test_a_page_of_a_large_answer_leads_to_the_next() -> None:
    with simulated("calm") as account:
        cloudwatch = boto(account, "cloudwatch")
        asked: dict[str, Any] = {"MetricDataQueries": ERRORS, "StartTime": START - timedelta(hours=1), "EndTime": START}
        first = cloudwatch.get_metric_data(**asked, MaxDatapoints=50)
        assert first["MetricDataResults"][0]["StatusCode"] == "PartialData"
        second = cloudwatch.get_metric_data(**asked, MaxDatapoints=50, NextToken=first["NextToken"])
        assert sum(len(one["Values"]) for page in (first, second) for one in page["MetricDataResults"]) == 100


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("get_metric_data", {"MetricDataQueries": ERRORS, "StartTime": START, "EndTime": START}, "ValidationError"),
        ("get_dashboard", {"DashboardName": "none"}, "ResourceNotFound"),
        ("put_metric_data", {"Namespace": "AWS/Own", "MetricData": []}, "InvalidParameterValue"),
        ("delete_alarms", {"AlarmNames": ["none"]}, "ResourceNotFound"),
        ("get_metric_widget_image", {"MetricWidget": "{}"}, "AccessDeniedException"),
    ],
)
def test_refusals_arrive_as_aws_s_errors(operation: str, parameters: dict[str, Any], code: str) -> None:
    with simulated("calm") as account, pytest.raises(ClientError) as raised:
        getattr(boto(account, "cloudwatch"), operation)(**parameters)
    assert raised.value.response["Error"]["Code"] == code
