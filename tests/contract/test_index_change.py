"""One index of a table changed from a file: checked, previewed, sent once, followed until it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.actions.index_change import completed, missing, plan_index_change, read_change
from services.aws import table_indexes
from services.aws.session import Account
from services.model.entry import Outcome, Phase
from services.model.plan import Grade, Plan, Refusal
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.simulated_support import boto, manual, simulated
from tui.index_file import read_index_line, read_types

TABLE = "ec2-manager-audit-production"
UPDATE = "UpdateTable"
CREATE: dict[str, Any] = {
    "IndexName": "by-region",
    "KeySchema": [
        {"AttributeName": "region", "KeyType": "HASH"},
        {"AttributeName": "timestamp", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "ALL"},
}
TYPES = [{"AttributeName": "region", "AttributeType": "S"}]
WHOLE = json.dumps({"AttributeDefinitions": TYPES, "GlobalSecondaryIndexUpdates": [{"Create": CREATE}]})


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Iterator[Desk]:
    """The table has its one index at the end again."""
    account.faults.clear()
    yield Desk(account, tmp_path)
    manual(account).advance(3600)
    if "by-region" in indexes(account):
        gone = [{"Delete": {"IndexName": "by-region"}}]
        boto(account, "dynamodb").update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=gone)
        manual(account).advance(3600)


def indexes(account: SimulatedAccount) -> dict[str, str]:
    found = boto(account, "dynamodb").describe_table(TableName=TABLE)["Table"]["GlobalSecondaryIndexes"]
    return {one["IndexName"]: one["IndexStatus"] for one in found}


async def changed(desk: Desk, text: str) -> Plan | Refusal:
    situation, account = await situation_of(desk.environment, desk.clock), Account(desk.environment, desk.clock)
    try:
        there = await table_indexes.read(account, TABLE)
    finally:
        await account.close()
    return plan_index_change(situation, desk.environment, SETTINGS, desk.clock.now(), there, read_change(text))


@pytest.mark.runbook("R244")
async def test_an_index_is_made_from_a_file_by_one_call_and_followed_until_it_is_active(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "gsi-update.json"
    file.write_text(json.dumps([{"Create": CREATE}]))
    table, change = read_index_line(f"{TABLE} {file}")
    account = Account(desk.environment, desk.clock)
    there = await table_indexes.read(account, table)
    await account.close()
    assert missing(change, there) == ("region",), "what the file does not tell is asked for"
    change = read_types(change, ("region",), "region=S")
    situation = await situation_of(desk.environment, desk.clock)
    plan = planned(plan_index_change(situation, desk.environment, SETTINGS, desk.clock.now(), there, change))
    assert "make by-region (region HASH, timestamp RANGE; ALL)" in plan.steps[0].title
    assert plan.steps[0].call.parameters["AttributeDefinitions"] == TYPES
    assert desk.sends(UPDATE) == 0
    operation = desk.order(plan)
    seen: list[str] = []

    def looked(one: Any) -> bool:
        if one.phase is Phase.VERIFYING and not seen:
            seen.append(indexes(desk.account)["by-region"])
        return False

    assert await desk.carry_out(operation, until=looked) is Outcome.COMPLETED
    assert seen == ["CREATING"]
    assert indexes(desk.account) == {"user-timestamp-index": "ACTIVE", "by-region": "ACTIVE"}
    assert desk.sends(UPDATE) == 1
    assert "index by-region is ACTIVE after" in text_of(desk.read(operation), Phase.DONE)


async def test_an_index_is_deleted_by_its_typed_word_and_followed_until_it_is_gone(desk: Desk) -> None:
    assert await desk.carry_out(desk.order(planned(await changed(desk, WHOLE)))) is Outcome.COMPLETED
    plan = planned(await changed(desk, '[{"Delete": {"IndexName": "by-region"}}]'))
    assert plan.grade is Grade.TYPED
    assert "fails at once" in plan.irreversible[0]
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert "by-region" not in indexes(desk.account)
    assert "index by-region is gone" in text_of(desk.read(operation), Phase.DONE)


async def test_a_lost_answer_is_resolved_by_the_table_and_a_stale_plan_sends_nothing(desk: Desk) -> None:
    plan, before = planned(await changed(desk, WHOLE)), desk.sends(UPDATE)
    desk.account.faults.add(Fault("dynamodb", UPDATE, FaultKind.RESET_AFTER, times=1))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert "unknown" in desk.phases(operation)
    stale = desk.order(plan)
    assert await desk.carry_out(stale) is Outcome.VOID
    assert "index.status was none, is ACTIVE" in text_of(desk.read(stale), Phase.VOID)
    assert desk.sends(UPDATE) == before + 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps([{"Create": CREATE}]), "the types of region are not told"),
        ('[{"Delete": {"IndexName": "none"}}]', "has no index none"),
        (WHOLE.replace("by-region", "user-timestamp-index"), "has an index user-timestamp-index already"),
        (
            '[{"Update": {"IndexName": "user-timestamp-index", "ProvisionedThroughput": '
            '{"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}}]',
            "is on demand: an index of it has no units",
        ),
    ],
)  # fmt: skip
async def test_what_dynamodb_would_not_take_is_refused(desk: Desk, text: str, reason: str) -> None:
    refusal = await changed(desk, text)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "gsi.json: "),
        ("[]", "has 0 entries"),
        ('[{"Create": {}}]', r"IndexName.*GlobalSecondaryIndexUpdates\[0\].Create"),
        ('[{"Drop": {}}]', r"unknown field `Drop`"),
        ("[{}]", "one of Create, Update and Delete"),
        (WHOLE.replace("RANGE", "HASH"), "a HASH key, then RANGE"),
        (WHOLE.replace('"S"', '"X"'), r"Invalid enum value 'X'"),
    ],
)
def test_a_file_that_says_something_else_is_told_apart_by_its_field(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "gsi.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=reason):
        read_index_line(f"t {file}")


def test_a_file_that_is_not_there_and_a_type_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        read_index_line(f"t {tmp_path / 'none.json'}")
    with pytest.raises(ValueError, match="path of a JSON file"):
        read_index_line("t")
    (tmp_path / "large.json").write_bytes(b" " * 100_001)
    with pytest.raises(ValueError, match="longer than"):
        read_index_line(f"t {tmp_path / 'large.json'}")
    change = read_change(json.dumps([{"Create": CREATE}]))
    with pytest.raises(ValueError, match="S is text"):
        completed(change, {"region": "TEXT"})
    with pytest.raises(ValueError, match="One type for each of region"):
        read_types(change, ("region",), "day=S")


def test_the_account_refuses_as_dynamodb_does(account: SimulatedAccount, desk: Desk) -> None:
    client = boto(account, "dynamodb")
    create = [{"Create": CREATE}]
    with pytest.raises(client.exceptions.ClientError, match="not defined in AttributeDefinitions"):
        client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=create)
    client.update_table(TableName=TABLE, AttributeDefinitions=TYPES, GlobalSecondaryIndexUpdates=create)
    assert indexes(account)["by-region"] == "CREATING"
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-region"}}])
    manual(account).advance(300)
    assert indexes(account)["by-region"] == "ACTIVE"
