"""What the deployments screen and `cockpit events` stand on: the account's answers, and the reader of events."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.aws import change_sets, drift, functions
from services.aws.session import Account
from services.rules.deploys import deploys
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.watch import deploy_questions
from services.watch.stack_events import EventReader
from tests.contract.watch_support import watched
from tests.simulated_support import START, boto, manual, simulated
from tui.cli import run

STACK = "EC2Manager-production"


@pytest.fixture
def nested() -> Iterator[SimulatedAccount]:
    with simulated("nested-deploy-rolled-back") as opened:
        yield opened


@pytest.fixture
def bad() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        yield opened


def asked(account: SimulatedAccount, question: Callable[[Account], Coroutine[Any, Any, Any]]) -> Any:
    """A question as the cockpit asks it."""

    async def answer() -> Any:
        door = Account(at_endpoint(find(load(), "prod"), account.endpoint), account.clock)
        try:
            return await question(door)
        finally:
            await door.close()

    return asyncio.run(answer())


def events(account: SimulatedAccount, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    """`cockpit events prod …`: exit code and lines."""
    capsys.readouterr()
    code = run(["events", "prod", *words, "--endpoint-url", account.endpoint])
    return code, capsys.readouterr().out.splitlines()


# ---- the account


def test_operations_have_ids_and_a_rollback_one_of_its_own_with_the_same_token(nested: SimulatedAccount) -> None:
    manual(nested).advance(300)
    client = boto(nested, "cloudformation")
    rolled, update = client.describe_stacks(StackName=STACK)["Stacks"][0]["LastOperations"]
    assert (rolled["OperationType"], update["OperationType"]) == ("ROLLBACK", "UPDATE_STACK")
    found = client.describe_events(OperationId=update["OperationId"])["OperationEvents"]
    assert {one["OperationId"] for one in found} == {update["OperationId"]}
    failed = client.describe_events(OperationId=update["OperationId"], Filters={"FailedEvents": True})
    assert {one["ResourceStatus"] for one in failed["OperationEvents"]} == {"UPDATE_FAILED"}
    told = client.describe_stack_events(StackName=STACK)["StackEvents"]
    tokens = {one["OperationId"]: one["ClientRequestToken"] for one in told}
    assert tokens[rolled["OperationId"]] == tokens[update["OperationId"]]
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_events(OperationId="00000000-0000-0000-0000-000000000000")


def test_a_nested_stacks_events_are_told_by_itself_alone(nested: SimulatedAccount) -> None:
    manual(nested).advance(300)
    client = boto(nested, "cloudformation")
    parent = client.describe_stack_events(StackName=STACK)["StackEvents"]
    assert not [one for one in parent if one["LogicalResourceId"] == "DeadLetterQueue"]
    child = next(one["PhysicalResourceId"] for one in parent if one["LogicalResourceId"] == "NotificationsStack")
    told = client.describe_stack_events(StackName=child)["StackEvents"]
    failed = [one for one in told if one["ResourceStatus"] == "UPDATE_FAILED"]
    assert "86401" in failed[-1]["ResourceStatusReason"]


def test_a_change_set_waits_before_its_update_and_names_what_it_touches(bad: SimulatedAccount) -> None:
    client = boto(bad, "cloudformation")
    assert client.list_change_sets(StackName=STACK)["Summaries"] == []
    manual(bad).advance(60)
    (waiting,) = client.list_change_sets(StackName=STACK)["Summaries"]
    assert waiting["ExecutionStatus"] == "AVAILABLE"
    manual(bad).advance(90)
    assert client.list_change_sets(StackName=STACK)["Summaries"] == []
    executed = client.describe_stacks(StackName=STACK)["Stacks"][0]["ChangeSetId"]
    assert executed == waiting["ChangeSetId"]
    (opened,) = asked(bad, lambda door: change_sets.change_sets(door, STACK, executed))
    assert (opened.execution, len(opened.changes)) == ("EXECUTE_IN_PROGRESS", 5)


def test_an_alias_moved_by_hand_is_found_by_a_drift_detection_that_takes_its_time(bad: SimulatedAccount) -> None:
    estate = bad.state.estate.environment("production")
    client = boto(bad, "cloudformation")
    assert client.describe_stacks(StackName=STACK)["Stacks"][0]["DriftInformation"]["StackDriftStatus"] == "NOT_CHECKED"
    boto(bad, "lambda").update_alias(FunctionName=estate.function, Name=estate.alias, FunctionVersion="40")
    begun = asked(bad, lambda door: drift.detect(door, STACK))
    assert begun.running
    with pytest.raises(ClientError, match="already in progress"):
        client.detect_stack_drift(StackName=STACK)
    manual(bad).advance(60)
    done = asked(bad, lambda door: drift.detection(door, begun.id))
    assert (done.status, done.result) == ("DETECTION_COMPLETE", "DRIFTED")
    alias, stage = asked(bad, lambda door: drift.drifted(door, STACK))
    assert (alias.logical_id, alias.status, stage.status) == ("ManagerFunctionAliasLIVE", "MODIFIED", "IN_SYNC")
    (change,) = alias.differences
    assert (change.path, change.expected, change.actual) == ("/FunctionVersion", "41", "40")
    assert client.describe_stacks(StackName=STACK)["Stacks"][0]["DriftInformation"]["StackDriftStatus"] == "DRIFTED"


def test_what_is_asked_of_functions_and_buckets_beside_the_polls(bad: SimulatedAccount) -> None:
    estate = bad.state.estate.environment("production")
    told = asked(bad, deploy_questions.standing([estate.function]))
    assert told.latest[0].sha == asked(bad, lambda door: functions.versions(door, estate.function))[0].sha
    assert told.provisioned == ()
    first = asked(bad, deploy_questions.objects([estate.bucket], 5))
    assert len(first) == 5
    assert all(one.key and one.id and one.at for one in first)
    assert first[0].latest


# ---- the reader


@pytest.mark.runbook("R096")
def test_events_come_once_each_and_reading_stops_at_the_first_that_is_known(bad: SimulatedAccount) -> None:
    manual(bad).advance(125)

    async def question(door: Account) -> tuple[int, int, int]:
        reader = EventReader(door, STACK)
        before = await reader.read()
        pages = len([call for call in bad.calls if call.operation == "DescribeStackEvents"])
        manual(bad).advance(20)
        after = await reader.read()
        assert len({event.id for event in after}) == len(after)
        later = len([call for call in bad.calls if call.operation == "DescribeStackEvents"])
        return len(before), len(after), later - pages

    before, after, asked_again = asked(bad, question)
    assert after > before
    assert asked_again == 1, "the history was not paged through again"


def test_the_cause_within_a_nested_stack_is_found_and_calm_children_are_not_asked_again(
    nested: SimulatedAccount,
) -> None:
    manual(nested).advance(400)

    async def question(door: Account) -> Any:
        reader = EventReader(door, STACK)
        first = await reader.read()
        before = len([call for call in nested.calls if call.operation == "DescribeStackEvents"])
        assert await reader.read() == first
        assert len([call for call in nested.calls if call.operation == "DescribeStackEvents"]) == before + 1
        return first

    newest = deploys(asked(nested, question), nested.clock.now())[0]
    cause = newest.operation.root_cause
    assert cause is not None
    assert cause.logical_id == "DeadLetterQueue"
    assert {move.logical_id for move in newest.moves if move.stack == "NotificationsStack"} == {
        "DeliveryRole", "DeadLetterQueue", "Deliveries",
    }  # fmt: skip


@pytest.mark.runbook("R033", "R097", "R226")
def test_the_stack_is_asked_every_few_seconds_while_it_moves_and_seldom_when_it_does_not(bad: SimulatedAccount) -> None:
    with watched(bad) as scene:
        scene.advance(118)
        before = len(bad.calls)
        scene.advance(75, step=2)
        moving = [call for call in bad.calls[before:] if call.operation == "DescribeStacks"]
        gaps = [(later.at - one.at).total_seconds() for one, later in itertools.pairwise(moving)]
        assert max(gaps) <= 30
        during = [call for call in moving if 150 <= (call.at - START).total_seconds() <= 175]
        assert len(during) >= 4, "every five seconds of an update"
        assert {(call.parameters["StackName"], call.region) for call in moving} == {(STACK, "us-west-2")}
        assert scene.situation.stack.value is not None
        assert scene.situation.stack.value.status == "UPDATE_COMPLETE"


# ---- the command


def test_events_of_a_good_operation_are_oldest_first_and_end_0(
    bad: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    manual(bad).advance(300)
    code, lines = events(bad, capsys)
    assert code == 0
    assert "UPDATE_IN_PROGRESS" in lines[0]
    assert lines[-1].split()[2] == "UPDATE_COMPLETE"
    assert lines == sorted(lines, key=lambda line: line[:20])
    assert not [line for line in lines if "ROOT CAUSE" in line]


def test_the_failure_that_caused_it_is_marked_once_and_the_command_ends_1(
    nested: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    manual(nested).advance(300)
    code, lines = events(nested, capsys)
    assert code == 1
    (cause,) = [line for line in lines if "ROOT CAUSE" in line]
    assert "NotificationsStack/DeadLetterQueue" in cause
    code, lines = events(nested, capsys, "--json", "--since", "30d")
    rows = [json.loads(line) for line in lines]
    assert [row["resource"] for row in rows if row["root_cause"]] == ["DeadLetterQueue"]
    assert len(rows) > 60
    since = (nested.clock.now() - timedelta(days=5)).isoformat()
    assert len(events(nested, capsys, "--since", since)[1]) < len(rows)


def test_following_goes_on_until_the_operation_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with SimulatedAccount(scenario="bad-deploy-rolled-back", seed=1, speed=120) as account:
        while boto(account, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"] == (
            "UPDATE_COMPLETE"
        ):
            pass
        code, lines = events(account, capsys, "--follow")
    assert code == 1
    assert lines[-1].split()[2:] == ["UPDATE_ROLLBACK_COMPLETE", STACK]
    assert len(lines) == len(set(lines))


def test_a_time_that_is_none_and_an_account_that_is_not_there_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "prod", "--since", "yesterday", "--endpoint-url", "http://127.0.0.1:1"]) == 2
    assert "write how long ago, such as 90s, 15m" in capsys.readouterr().err
    assert run(["events", "prod", "--since", "999999w", "--endpoint-url", "http://127.0.0.1:1"]) == 2
    assert run(["events", "prod", "--endpoint-url", "http://127.0.0.1:1"]) == 3
