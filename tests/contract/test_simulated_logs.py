"""The simulated account's CloudWatch Logs, asked by boto3 as any other client asks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.simulated.account import SimulatedAccount
from tests.simulated_support import START, boto, manual, simulated

PROD = "/aws/lambda/ec2-manager-function-prod"
APP = "/aws/ec2-manager/prod"
ACCESS = "/aws/apigateway/ec2-manager-api-production/access"
BASE = int(START.timestamp() * 1000)


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        manual(opened).advance(600)
        yield opened


@pytest.fixture(scope="module")
def logs(account: SimulatedAccount) -> Any:
    return boto(account, "logs")


def everything(logs: Any, group: str, **asked: Any) -> tuple[list[dict[str, Any]], list[int]]:
    """All events, following every token; and how many each page held."""
    events: list[dict[str, Any]] = []
    sizes: list[int] = []
    while True:
        page = logs.filter_log_events(logGroupName=group, **asked)
        events += page["events"]
        sizes.append(len(page["events"]))
        if "nextToken" not in page:
            return events, sizes
        asked["nextToken"] = page["nextToken"]


def execution_group(logs: Any) -> str:
    groups = logs.describe_log_groups(logGroupNamePrefix="API-Gateway-Execution-Logs_")["logGroups"]
    return str(next(group["logGroupName"] for group in groups if group["logGroupName"].endswith("/prod")))


def test_events_are_sorted_and_their_ids_are_long_unique_and_grow_with_time(logs: Any) -> None:
    events, _ = everything(logs, PROD, startTime=BASE, endTime=BASE + 300_000)
    keys = [(event["timestamp"], event["ingestionTime"]) for event in events]
    assert len(events) > 1_000
    assert keys == sorted(keys)
    assert len({event["eventId"] for event in events}) == len(events)
    assert all(re.fullmatch(r"\d{56}", event["eventId"]) for event in events)
    stamps = {event["eventId"]: event["timestamp"] for event in events}
    assert [stamps[one] for one in sorted(stamps)] == sorted(stamps.values())


def test_both_ends_of_the_range_are_inclusive(logs: Any) -> None:
    events, _ = everything(logs, PROD, startTime=BASE, endTime=BASE + 60_000)
    first, last = events[10]["timestamp"], events[20]["timestamp"]
    inner, _ = everything(logs, PROD, startTime=first, endTime=last)
    assert inner[0]["timestamp"] == first
    assert inner[-1]["timestamp"] == last


def test_pages_whatever_their_size_add_up_to_the_same_events(logs: Any) -> None:
    asked = {"startTime": BASE, "endTime": BASE + 120_000}
    whole, _ = everything(logs, APP, **asked)
    for limit in (7, 100, 10_000):
        paged, sizes = everything(logs, APP, limit=limit, **asked)
        assert paged == whole
        assert max(sizes) <= limit


def test_newest_first_is_the_same_backwards(logs: Any) -> None:
    asked = {"startTime": BASE, "endTime": BASE + 240_000}
    forwards, _ = everything(logs, APP, **asked)
    backwards, _ = everything(logs, APP, startFromHead=False, limit=50, **asked)
    assert backwards == forwards[::-1]


def test_some_pages_are_empty_and_have_a_token(logs: Any) -> None:
    empty = 0
    for second in range(0, 60, 2):
        _, sizes = everything(logs, APP, startTime=BASE + second * 1000, endTime=BASE + 120_000)
        empty += sizes[0] == 0
    assert empty > 0


def test_a_search_of_hours_comes_in_several_pages_though_it_finds_nothing(logs: Any) -> None:
    events, sizes = everything(logs, APP, startTime=BASE - 7_200_000, filterPattern="no_such_word")
    assert events == []
    assert len(sizes) > 4


@pytest.mark.runbook("R093")
def test_the_runbooks_error_search_finds_errors_and_nothing_else(logs: Any) -> None:
    events, _ = everything(logs, APP, startTime=BASE - 3_600_000, filterPattern="ERROR")
    assert events
    assert all("ERROR" in event["message"] for event in events)


def test_one_failed_request_has_the_same_ids_in_all_four_logs(logs: Any) -> None:
    failed = everything(logs, PROD, startTime=BASE + 200_000, endTime=BASE + 260_000, filterPattern='"[ERROR]"')[0][0]
    request = failed["message"].split("\t")[2]
    asked = {"startTime": BASE + 180_000, "endTime": BASE + 400_000, "filterPattern": f'"{request}"'}
    own, _ = everything(logs, PROD, **asked)
    kinds = [event["message"].split()[0] for event in own]
    assert kinds[-3:] == ["[ERROR]", "END", "REPORT"]
    assert "START" in kinds
    application, _ = everything(logs, APP, **asked)
    assert [json.loads(event["message"])["level"] for event in application] == ["ERROR"]
    access, _ = everything(logs, ACCESS, **asked)
    answered = json.loads(access[0]["message"])
    assert answered["status"] >= 500
    gateway, _ = everything(logs, execution_group(logs), **(asked | {"filterPattern": f'"{answered["requestId"]}"'}))
    assert any(f"Method completed with status: {answered['status']}" in event["message"] for event in gateway)
    assert any(request in event["message"] for event in gateway)


def test_errors_begin_with_the_bad_version(logs: Any) -> None:
    events, _ = everything(logs, PROD, startTime=BASE, filterPattern='"[ERROR]"')
    minutes = Counter((event["timestamp"] - BASE) // 60_000 for event in events)
    assert sum(minutes[minute] for minute in (0, 1)) * 10 < sum(minutes[minute] for minute in (4, 5))
    failing = {event["logStreamName"] for event in events if event["timestamp"] > BASE + 240_000}
    assert all("[42]" in stream for stream in failing)


def test_an_event_is_found_only_after_it_was_ingested() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        manual(account).advance(120)
        now = BASE + 120_000
        early, _ = everything(client, PROD, startTime=BASE, endTime=now)
        assert all(event["ingestionTime"] <= now for event in early)
        manual(account).advance(120)
        later, _ = everything(client, PROD, startTime=BASE, endTime=now)
        known = {event["eventId"] for event in early}
        added = [event for event in later if event["eventId"] not in known]
        assert known <= {event["eventId"] for event in later}
        assert added
        assert all(now < event["ingestionTime"] for event in added)
        lags = [event["ingestionTime"] - event["timestamp"] for event in later]
        late = sum(lag > 3_400 for lag in lags) / len(lags)
        assert 0.02 < late < 0.09
        assert max(lags) < 62_000


def test_two_accounts_of_one_seed_write_the_same_logs() -> None:
    def sample() -> list[dict[str, Any]]:
        with simulated("bad-deploy") as account:
            manual(account).advance(300)
            return everything(boto(account, "logs"), PROD, startTime=BASE + 60_000, endTime=BASE + 200_000)[0]

    assert sample() == sample()


def test_moving_the_alias_changes_nothing_of_the_past() -> None:
    with simulated("bad-deploy") as account:
        client = boto(account, "logs")
        manual(account).advance(300)
        before, _ = everything(client, PROD, startTime=BASE, endTime=BASE + 300_000)
        boto(account, "lambda").update_alias(
            FunctionName="ec2-manager-function-prod", Name="LIVE", FunctionVersion="41"
        )
        after, _ = everything(client, PROD, startTime=BASE, endTime=BASE + 300_000)
        assert after == before
        manual(account).advance(240)
        fresh, _ = everything(client, PROD, startTime=BASE + 330_000, filterPattern='"START RequestId"')
        assert fresh
        assert all("Version: 41" in event["message"] for event in fresh)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"logGroupName": "/no/such/group"}, "ResourceNotFoundException"),
        ({"logGroupName": APP, "filterPattern": "{ broken"}, "InvalidParameterException"),
        ({"logGroupName": APP, "filterPattern": "a-b"}, "InvalidParameterException"),
        ({"logGroupName": APP, "nextToken": "bogus"}, "InvalidParameterException"),
        ({"logGroupName": APP, "logGroupIdentifier": APP}, "InvalidParameterException"),
        ({"logGroupName": APP, "logStreamNames": ["a"], "logStreamNamePrefix": "b"}, "InvalidParameterException"),
        ({"logGroupName": APP, "startFromHead": False, "startTime": 0}, "InvalidParameterException"),
    ],
)
def test_a_wrong_question_is_refused_as_aws_refuses_it(logs: Any, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(logs.exceptions.ClientError) as caught:
        logs.filter_log_events(**asked)
    assert caught.value.response["Error"]["Code"] == code


def test_a_token_of_another_question_is_refused(logs: Any) -> None:
    token = logs.filter_log_events(logGroupName=APP, startTime=BASE - 7_200_000)["nextToken"]
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.filter_log_events(logGroupName=APP, startTime=BASE, nextToken=token)


@pytest.mark.runbook("R217")
def test_groups_are_described_with_retention_and_both_forms_of_their_arn(logs: Any) -> None:
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/ec2-manager")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [
        f"/aws/ec2-manager/{one}" for one in ("dev", "prod", "staging")
    ]
    production = groups[1]
    assert production["retentionInDays"] == 30
    assert production["arn"] == production["logGroupArn"] + ":*"
    assert production["storedBytes"] > 0


def test_groups_are_found_by_a_part_of_their_name_with_three_fields_only(logs: Any) -> None:
    groups = logs.describe_log_groups(logGroupNamePattern="function-prod")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [PROD]
    assert set(groups[0]) == {"logGroupName", "creationTime", "arn"}


def test_groups_come_in_pages(logs: Any) -> None:
    first = logs.describe_log_groups(limit=5)
    second = logs.describe_log_groups(limit=50, nextToken=first["nextToken"])
    names = [group["logGroupName"] for group in (*first["logGroups"], *second["logGroups"])]
    assert names == sorted(names)
    assert len(first["logGroups"]) == 5
    assert "nextToken" not in second


def test_streams_are_containers_of_a_version_and_can_be_read_one_by_one(logs: Any) -> None:
    streams = logs.describe_log_streams(logGroupName=PROD, orderBy="LastEventTime", descending=True)["logStreams"]
    assert all(re.fullmatch(r"2026/11/23/\[\d+\][0-9a-f]{32}", stream["logStreamName"]) for stream in streams)
    name = streams[0]["logStreamName"]
    page = logs.get_log_events(logGroupName=PROD, logStreamName=name, startFromHead=True, limit=20)
    assert len(page["events"]) == 20
    read = list(page["events"])
    while True:
        following = logs.get_log_events(
            logGroupName=PROD, logStreamName=name, startFromHead=True, nextToken=page["nextForwardToken"]
        )
        if following["nextForwardToken"] == page["nextForwardToken"]:
            break
        read += following["events"]
        page = following
    by_filter, _ = everything(logs, PROD, startTime=read[0]["timestamp"], logStreamNames=[name])
    assert [event["message"] for event in read] == [event["message"] for event in by_filter]


def test_what_a_caller_puts_is_kept_and_found(logs: Any, account: SimulatedAccount) -> None:
    now = int(account.clock.now().timestamp() * 1000)
    logs.create_log_group(logGroupName="/own/group")
    logs.create_log_stream(logGroupName="/own/group", logStreamName="a")
    answer = logs.put_log_events(
        logGroupName="/own/group",
        logStreamName="a",
        logEvents=[{"timestamp": now - 15 * 86_400_000 + 86_400_000 * 14, "message": "one \x1b[31m"}],
    )
    assert "rejectedLogEventsInfo" not in answer
    logs.put_log_events(
        logGroupName="/own/group", logStreamName="a", logEvents=[{"timestamp": now, "message": "ERROR two"}]
    )
    events, _ = everything(logs, "/own/group", startTime=now - 2 * 86_400_000)
    assert [event["message"] for event in events] == ["one \x1b[31m", "ERROR two"]
    found, _ = everything(logs, "/own/group", startTime=now - 60_000, filterPattern="ERROR")
    assert [event["message"] for event in found] == ["ERROR two"]
    logs.delete_log_group(logGroupName="/own/group")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.filter_log_events(logGroupName="/own/group")


@pytest.mark.runbook("R013")
def test_a_line_put_into_the_application_log_stands_among_the_worlds_own(logs: Any, account: SimulatedAccount) -> None:
    now = int(account.clock.now().timestamp() * 1000)
    logs.create_log_stream(logGroupName=APP, logStreamName="by-hand")
    logs.put_log_events(
        logGroupName=APP, logStreamName="by-hand", logEvents=[{"timestamp": now - 1, "message": "by hand"}]
    )
    events, _ = everything(logs, APP, startTime=now - 30_000)
    assert len(events) > 10
    assert sum(event["message"] == "by hand" for event in events) == 1


@pytest.mark.runbook("R218")
def test_retention_takes_the_documented_days_only_and_hides_what_is_older(logs: Any, account: SimulatedAccount) -> None:
    group = "/aws/ec2-manager/staging"
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.put_retention_policy(logGroupName=group, retentionInDays=31)
    two_days = int((account.clock.now() - timedelta(days=2)).timestamp() * 1000)
    asked = {"startTime": two_days, "endTime": two_days + 600_000}
    assert everything(logs, group, **asked)[0]
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert everything(logs, group, **asked)[0] == []
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert described["retentionInDays"] == 1


def test_other_regions_have_no_groups(account: SimulatedAccount) -> None:
    assert boto(account, "logs", "us-east-1").describe_log_groups()["logGroups"] == []


@pytest.mark.runbook("R092")
def test_the_trails_group_holds_who_moved_the_alias(logs: Any) -> None:
    found, _ = everything(
        logs,
        "/aws/cloudtrail/ec2-manager-trail",
        startTime=BASE,
        filterPattern='{ $.eventSource = "lambda.amazonaws.com" && $.requestParameters.functionVersion = "42" }',
    )
    assert [json.loads(event["message"])["eventName"] for event in found] == ["UpdateAlias20150331"]
    assert "deploy" in json.loads(found[0]["message"])["userIdentity"]["arn"]


def test_stagings_function_writes_json_as_its_logging_configuration_says(account: SimulatedAccount, logs: Any) -> None:
    function = boto(account, "lambda").get_function_configuration(FunctionName="ec2-manager-function-staging")
    told = function["LoggingConfig"]
    assert (told["LogFormat"], told["SystemLogLevel"], told["ApplicationLogLevel"]) == ("JSON", "INFO", "INFO")
    asked = {"startTime": BASE - 3_600_000, "endTime": BASE + 300_000}
    reports, _ = everything(logs, told["LogGroup"], filterPattern='{ $.type = "platform.report" }', **asked)
    assert reports
    report = json.loads(reports[0]["message"])["record"]
    assert report["metrics"]["memorySizeMB"] == 512
    own, _ = everything(logs, told["LogGroup"], filterPattern=f'"{report["requestId"]}"', **asked)
    lines = [json.loads(event["message"]) for event in own]
    assert {line.get("type", line.get("level")) for line in lines} >= {"platform.start", "INFO", "platform.report"}
    access, _ = everything(
        logs, "/aws/apigateway/ec2-manager-api-staging/access", filterPattern=f'"{report["requestId"]}"', **asked
    )
    assert len(access) == 1
