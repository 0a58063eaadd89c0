"""The account's life: it opens fast, stays on loopback, ends cleanly, and the next one starts clean."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from services.clock import ScaledClock
from services.simulated.account import PortTaken, SimulatedAccount, UnknownScenario
from services.simulated.world.scenarios import SCENARIOS
from tests.simulated_support import START, boto, manual, simulated


def get(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        told: dict[str, object] = json.load(answer)
    return told


def test_it_tells_its_time_and_speed() -> None:
    with simulated("bad-deploy", seed=5) as account:
        manual(account).advance(90)
        told = get(account.endpoint + "/_simulated/clock")
        assert told == {"now": "2026-11-23T03:01:30+00:00", "speed": 1.0, "scenario": "bad-deploy", "seed": 5}
        assert get(account.endpoint + "/")["simulated"] is True


def test_a_faster_clock_is_told_with_its_speed() -> None:
    account = SimulatedAccount(speed=60.0, start=START)
    with account:
        told = get(account.endpoint + "/_simulated/clock")
        assert told["speed"] == 60.0
        now = datetime.fromisoformat(str(told["now"]))
        assert START <= now < START + timedelta(minutes=10)
        assert isinstance(account.clock, ScaledClock)


def post(url: str, body: bytes) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, method="POST"), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_another_process_can_order_a_fault_and_read_what_was_asked() -> None:
    with simulated() as account:
        order = b'{"service": "sts", "operation": "GetCallerIdentity", "kind": "deny"}'
        assert post(account.endpoint + "/_simulated/faults", order) == (200, {"pending": 1})
        client = boto(account, "sts")
        with pytest.raises(ClientError):
            client.get_caller_identity()
        client.get_caller_identity()
        with urllib.request.urlopen(account.endpoint + "/_simulated/calls?since=1", timeout=10) as answer:
            (call,) = json.load(answer)
        assert (call["operation"], call["status"], call["at"]) == ("GetCallerIdentity", 200, "2026-11-23T03:00:00Z")


@pytest.mark.parametrize("order", [b"", b"{}", b'{"service": "s", "operation": "o", "kind": "explode"}', b"\xff"])
def test_an_order_that_is_none_is_refused_with_a_reason(order: bytes) -> None:
    with simulated() as account:
        status, told = post(account.endpoint + "/_simulated/faults", order)
        assert status == 400
        assert "no fault" in str(told["error"])
        assert account.faults.pending == 0


def test_it_listens_on_loopback_alone() -> None:
    with simulated() as account:
        port = int(account.endpoint.rpartition(":")[2])
        assert account.endpoint == f"http://127.0.0.1:{port}"
        with socket.socket() as other:
            # Bound to every address it would be taken here too.
            other.bind(("127.0.0.2", port))


def test_a_taken_port_and_an_unknown_scenario_are_said_before_anything_runs() -> None:
    with simulated() as account:
        port = int(account.endpoint.rpartition(":")[2])
        with pytest.raises(PortTaken, match=str(port)):
            SimulatedAccount(port=port).open()
    with pytest.raises(UnknownScenario, match=", ".join(sorted(SCENARIOS))):
        SimulatedAccount(scenario="nonsense").open()


def test_closed_it_answers_no_more_and_may_be_closed_again() -> None:
    account = SimulatedAccount(start=START)
    account.open()
    client = boto(account, "sts")
    client.get_caller_identity()
    account.close()
    account.close()
    with pytest.raises(EndpointConnectionError):
        client.get_caller_identity()
    client.close()


def test_the_next_account_remembers_nothing_of_the_last() -> None:
    with simulated() as first:
        table = first.state.estate.environment("dev").table
        boto(first, "dynamodb").delete_table(TableName=table)
        boto(first, "lambda").update_alias(FunctionName="ec2-manager-function-prod", Name="LIVE", FunctionVersion="38")
    with simulated() as second:
        assert boto(second, "dynamodb").describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"
        alias = boto(second, "lambda").get_alias(FunctionName="ec2-manager-function-prod", Name="LIVE")
        assert alias["FunctionVersion"] == "41"
        assert [call.operation for call in second.calls] == ["DescribeTable", "GetAlias"]


def test_the_same_seed_gives_the_same_account() -> None:
    told = []
    for _ in range(2):
        with simulated(seed=11) as account:
            environment = account.state.estate.environment("production")
            alias = boto(account, "lambda").get_alias(FunctionName=environment.function, Name="LIVE")
            events = boto(account, "cloudformation").describe_stack_events(StackName=environment.stack_name)
            told.append((environment, alias["RevisionId"], [event["EventId"] for event in events["StackEvents"]]))
    assert told[0] == told[1]


@pytest.mark.parametrize("speed", [0.5, 240.0])
def test_the_clock_of_the_account_is_the_clock_of_what_it_makes(speed: float) -> None:
    start = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
    account = SimulatedAccount(start=start, speed=speed)
    with account:
        bucket = account.state.estate.environment("dev").bucket
        s3 = boto(account, "s3")
        s3.put_object(Bucket=bucket, Key="new", Body=b"x")
        made = s3.head_object(Bucket=bucket, Key="new")["LastModified"]
        s3.close()
        assert start <= made + timedelta(seconds=1)
        assert made <= account.clock.now()
