"""Log export of the simulated account: checked beforehand in AWS's words, one at a time, objects that are there."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from services.simulated.platform.bucket_access import logs_policy, service_may
from tests.contract.test_simulated_logs import APP, BASE
from tests.simulated_support import boto, manual, simulated

HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def logs(account: SimulatedAccount) -> Any:
    return boto(account, "logs")


@pytest.fixture(scope="module")
def wrong() -> Iterator[SimulatedAccount]:
    """An account with buckets that nothing can be exported to."""
    with simulated("calm") as opened:
        s3, east = boto(opened, "s3"), boto(opened, "s3", "us-east-1")
        east.create_bucket(Bucket="elsewhere")
        for name in ("closed", "half"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        half = json.loads(logs_policy("half", "us-west-2", "123456789012"))
        half["Statement"] = half["Statement"][:1]
        s3.put_bucket_policy(Bucket="half", Policy=json.dumps(half))
        yield opened


def create(account: SimulatedAccount, logs: Any, **asked: Any) -> str:
    given = {
        "logGroupName": APP,
        "from": BASE - 13 * HOUR,
        "to": BASE,
        "destination": account.state.estate.export_bucket,
    }
    return str(logs.create_export_task(**(given | asked))["taskId"])


def state(logs: Any, task: str) -> str:
    return str(logs.describe_export_tasks(taskId=task)["exportTasks"][0]["status"]["code"])


def complete(account: SimulatedAccount, logs: Any, task: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while state(logs, task) != "COMPLETED":
        assert time.monotonic() < deadline, "the task does not end"
        manual(account).advance(1)
        time.sleep(0.01)
    found: dict[str, Any] = logs.describe_export_tasks(taskId=task)["exportTasks"][0]
    return found


def test_a_task_goes_its_way_and_its_files_hold_the_lines_but_not_the_newest(
    account: SimulatedAccount, logs: Any
) -> None:
    lines = [
        (f"2026/{number % 2}", BASE - 13 * HOUR + number * 60_000, BASE - 13 * HOUR + number * 60_000, f"line {number}")
        for number in range(13 * 60)
    ]
    account.state.logs.plant("/own/old", lines)
    task = create(account, logs, logGroupName="/own/old", destinationPrefix="evidence/app")
    assert state(logs, task) == "PENDING"
    manual(account).advance(6)
    assert state(logs, task) == "RUNNING"
    done = complete(account, logs, task)
    assert done["executionInfo"]["completionTime"] > done["executionInfo"]["creationTime"]
    s3 = boto(account, "s3")
    bucket = account.state.estate.export_bucket
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="evidence/app")["Contents"]]
    assert "evidence/app/aws-logs-write-test" in keys
    files = [key for key in keys if key.startswith(f"evidence/app/{task}/") and key.endswith("/000000.gz")]
    assert len(files) == len(keys) - 1 == 2
    written = []
    for key in files:
        assert key.split("/")[3] in ("2026-0", "2026-1")
        body = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode()
        written += body.splitlines()
    assert "2026-11-22T14:00:00.000Z line 0" in written
    kept = {line.split(" ", 1)[1] for line in written}
    assert len(kept) == len(written) < len(lines)
    assert kept == {message for _, _, _, message in lines[: len(kept)]}
    assert 2 * HOUR <= BASE - lines[len(kept)][1] <= 12 * HOUR


def test_one_task_at_a_time_and_a_cancelled_one_makes_room(account: SimulatedAccount, logs: Any) -> None:
    task = create(account, logs)
    with pytest.raises(logs.exceptions.LimitExceededException, match="Resource limit exceeded"):
        create(account, logs)
    logs.cancel_export_task(taskId=task)
    assert state(logs, task) == "PENDING_CANCEL"
    manual(account).advance(3)
    assert state(logs, task) == "CANCELLED"
    with pytest.raises(logs.exceptions.InvalidOperationException):
        logs.cancel_export_task(taskId=task)
    again = create(account, logs)
    assert [one["taskId"] for one in logs.describe_export_tasks()["exportTasks"]] == [again, task]
    assert [one["taskId"] for one in logs.describe_export_tasks(statusCode="CANCELLED")["exportTasks"]] == [task]


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"destination": "no-such-bucket"}, "InvalidParameterException", "does not exist"),
        ({"destination": "elsewhere"}, "InvalidParameterException", "same region"),
        ({"destination": "closed"}, "InvalidParameterException", "GetBucketAcl call on the given bucket failed"),
        ({"destination": "half"}, "InvalidParameterException", "PutObject call on the given bucket failed"),
        ({"to": BASE - 13 * HOUR}, "InvalidParameterException", "time range"),
        ({"from": 1, "to": BASE - 400 * DAY}, "InvalidParameterException", "created"),
        ({"logGroupName": "/no/such"}, "ResourceNotFoundException", "does not exist"),
    ],
)
def test_what_would_not_work_is_refused_beforehand(
    wrong: SimulatedAccount, asked: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(ClientError) as caught:
        create(wrong, boto(wrong, "logs"), **asked)
    assert caught.value.response["Error"]["Code"] == code
    assert said in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"Service": "logs.eu-west-1.amazonaws.com"}}, False),
        ({"Action": ["s3:Get*", "s3:putobject"]}, True),
        ({"Resource": "arn:aws:s3:::b/other/*"}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": ["999999999999"]}}}, False),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:logs:*"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
    ],
)
def test_a_policy_allows_what_it_says(change: dict[str, Any], allowed: bool) -> None:
    statement = json.loads(logs_policy("b", "us-west-2", "123456789012"))["Statement"][1] | change
    facts = {"aws:SourceAccount": "123456789012", "aws:SourceArn": "arn:aws:logs:us-west-2:1:log-group:g:*"}
    policy = json.dumps({"Statement": statement})
    assert service_may(policy, "logs.us-west-2.amazonaws.com", "s3:PutObject", "arn:aws:s3:::b/p/x", facts) is allowed


def test_an_explicit_deny_wins() -> None:
    policy = json.loads(logs_policy("b", "us-west-2", "1"))
    policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})
    facts = {"aws:SourceAccount": "1"}
    assert not service_may(
        json.dumps(policy), "logs.us-west-2.amazonaws.com", "s3:PutObject", "arn:aws:s3:::b/x", facts
    )
