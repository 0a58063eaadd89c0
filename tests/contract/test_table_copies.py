"""Backups and restores of a table: what there is, a new table out of it, followed until it is ACTIVE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.actions import table_copies
from services.actions.guards import resource_of
from services.aws import backups
from services.aws.session import Account
from services.model.backups import Backup, Copies, Recovery, Target
from services.model.entry import Outcome, Phase
from services.model.parts import Parts
from services.model.plan import Grade, Plan, Refusal
from services.model.reading import Reading
from services.model.situation import Situation
from services.redact import redact
from services.safe_text import SafeText
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, environment_at, planned, situation_of, text_of
from tests.simulated_support import boto, manual, simulated

TABLE = "ec2-manager-audit-production"
TEST, RECOVERY = "ec2-manager-audit-test", "ec2-manager-audit-recovery"
FROM_BACKUP, TO_POINT = "RestoreTableFromBackup", "RestoreTableToPointInTime"
HALF_PAST_TWO = datetime(2026, 11, 23, 14, 30, 0, 417_000, tzinfo=UTC)


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", start=HALF_PAST_TWO) as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Iterator[Desk]:
    """Tables that a test restored go with it."""
    account.faults.clear()
    yield Desk(account, tmp_path)
    manual(account).advance(3600)
    client = boto(account, "dynamodb")
    for name in set(client.list_tables()["TableNames"]) - set(LIVE):
        client.delete_table(TableName=name)


LIVE = (TABLE, "ec2-manager-audit-staging", "ec2-manager-audit-dev")


class Ground:
    """What a plan rests on, read anew."""

    def __init__(self, situation: Situation, environment: Environment, now: datetime, copies: Copies, target: Target):
        self.given = (situation, environment, SETTINGS, now, copies)
        self.copies, self.target, self.environment = copies, target, environment

    def newest(self) -> Plan | Refusal:
        """From the newest backup."""
        return table_copies.plan_backup_restore(*self.given, self.copies.backups[0], self.target)

    def point(self, instant: datetime) -> Plan | Refusal:
        return table_copies.plan_point_restore(*self.given, instant, self.target)


async def ground(desk: Desk, name: str = TEST, table: str = TABLE, environment: Environment | None = None) -> Ground:
    environment = environment or desk.environment
    situation, account = await situation_of(environment, desk.clock), Account(environment, desk.clock)
    try:
        found, target = await backups.copies(account, table), await backups.target(account, name)
    finally:
        await account.close()
    now = desk.clock.now()
    parts = Parts(SafeText(environment.stack), SafeText(""), (), tables=(SafeText(table),))
    return Ground(situation.folded("parts", Reading(parts, now, now), now), environment, now, found, target)


def statuses(desk: Desk, name: str) -> dict[str, Any]:
    found: dict[str, Any] = boto(desk.account, "dynamodb").describe_table(TableName=name)["Table"]
    return found


# ---- what there is


@pytest.mark.runbook("R212")
async def test_the_window_is_told_in_utc_and_without_one_nothing_is_restored_to_an_instant(desk: Desk) -> None:
    found = (await ground(desk)).copies.recovery
    now = desk.clock.now()
    assert found.enabled
    assert found.earliest is not None and now - found.earliest == timedelta(days=35)
    assert found.latest is not None and timedelta(minutes=5) <= now - found.latest < timedelta(minutes=6)
    off = await ground(desk, table="ec2-manager-audit-dev", environment=environment_at(desk.account, "development"))
    assert off.copies.recovery == Recovery(False)
    refusal = off.point(now - timedelta(hours=1))
    assert isinstance(refusal, Refusal)
    assert "is DISABLED" in refusal.reason
    assert table_copies.preset(off.copies.recovery, now) is None


@pytest.mark.runbook("R213")
async def test_backups_of_two_pages_come_newest_first_with_type_size_and_age(desk: Desk) -> None:
    client = boto(desk.account, "dynamodb")
    for number in range(101):
        client.create_backup(TableName="ec2-manager-audit-dev", BackupName=f"many-{number:03}")
    first = client.list_backups(TableName="ec2-manager-audit-dev")
    assert len(first["BackupSummaries"]) == 100
    assert "LastEvaluatedBackupArn" in first
    manual(desk.account).advance(60)
    found = (await ground(desk, table="ec2-manager-audit-dev")).copies.backups
    assert len(found) == 103, "two from before the account opened"
    made = [one.created for one in found if one.created is not None]
    assert made == sorted(made, reverse=True)
    assert {(one.type, one.status) for one in found} == {("USER", "AVAILABLE")}
    assert all(one.size_bytes > 500 for one in found)
    assert made[-1] == HALF_PAST_TWO - timedelta(days=7)


async def test_a_deleted_table_leaves_a_backup_of_the_systems(desk: Desk) -> None:
    client = boto(desk.account, "dynamodb")
    client.create_table(
        TableName="short-lived", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    on = {"PointInTimeRecoveryEnabled": True}
    client.update_continuous_backups(TableName="short-lived", PointInTimeRecoverySpecification=on)
    client.delete_table(TableName="short-lived")
    assert client.list_backups(TableName="short-lived")["BackupSummaries"] == []
    (left,) = client.list_backups(TableName="short-lived", BackupType="ALL")["BackupSummaries"]
    assert (left["BackupName"], left["BackupType"]) == ("short-lived$DeletedTableBackup", "SYSTEM")


# ---- from a backup


@pytest.mark.runbook("R214")
@pytest.mark.runbook("R275")
@pytest.mark.runbook("R336")
async def test_a_chosen_backup_is_restored_once_and_followed_until_it_is_active(desk: Desk) -> None:
    assert table_copies.proposed_name(TABLE, desk.environment, "test") == TEST
    found = await ground(desk)
    plan = planned(found.newest())
    assert (plan.grade, plan.word) == (Grade.TYPED, TEST), "outside development the target's name is typed"
    assert plan.steps[0].call.parameters["BackupArn"] == found.copies.backups[0].arn
    told = "\n".join(plan.notes)
    assert f"the application still uses {TABLE}" in told
    for lost in ("time to live", "streams", "auto scaling", "tags", "alarms"):
        assert lost in told
    before = desk.sends(FROM_BACKUP)
    operation = desk.order(plan)
    seen: list[str] = []

    def creating(one: Any) -> bool:
        if one.phase is Phase.VERIFYING and not seen:
            seen.append(statuses(desk, TEST)["TableStatus"])
        return False

    began = desk.clock.now()
    assert await desk.carry_out(operation, until=creating) is Outcome.COMPLETED
    assert seen == ["CREATING"]
    assert (desk.clock.now() - began).total_seconds() >= 240
    assert desk.sends(FROM_BACKUP) == before + 1
    done = text_of(desk.read(operation), Phase.DONE)
    assert re.search(rf"{TEST} is ACTIVE after \d+ s; the application still uses {TABLE}", done)
    about = statuses(desk, TEST)
    assert about["TableStatus"] == "ACTIVE"
    assert about["ItemCount"] == statuses(desk, TABLE)["ItemCount"]
    assert [one["IndexName"] for one in about["GlobalSecondaryIndexes"]] == ["user-timestamp-index"]
    assert not about["DeletionProtectionEnabled"]


async def test_development_takes_a_key(desk: Desk) -> None:
    found = await ground(desk, table="ec2-manager-audit-dev", environment=environment_at(desk.account, "development"))
    assert planned(found.newest()).grade is Grade.KEY


@pytest.mark.parametrize("name", LIVE[:1])
async def test_a_live_table_is_never_a_target(desk: Desk, name: str) -> None:
    found = await ground(desk, name)
    assert found.target.status == "ACTIVE"
    for refusal in (found.newest(), found.point(desk.clock.now() - timedelta(hours=1))):
        assert isinstance(refusal, Refusal)
        assert "the application's own table: nothing is restored over it" in refusal.reason


async def test_a_taken_name_is_told_beforehand_with_one_that_is_free(desk: Desk) -> None:
    first = desk.order(planned((await ground(desk)).newest()))
    assert await desk.carry_out(first) is Outcome.COMPLETED
    found = await ground(desk)
    assert (found.target.status, found.target.free) == ("ACTIVE", f"{TEST}-2")
    refusal = found.newest()
    assert isinstance(refusal, Refusal)
    assert f"there is a table {TEST} already" in refusal.reason
    assert f"{TEST}-2 is free" in refusal.remedy
    before = desk.sends(FROM_BACKUP)
    assert isinstance((await ground(desk, f"{TEST}-2")).newest(), Plan)
    assert desk.sends(FROM_BACKUP) == before


async def test_a_name_that_was_taken_meanwhile_voids_the_plan(desk: Desk) -> None:
    found = await ground(desk)
    plan = planned(found.newest())
    client, before = boto(desk.account, "dynamodb"), desk.sends(FROM_BACKUP)
    client.restore_table_from_backup(TargetTableName=TEST, BackupArn=found.copies.backups[-1].arn)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "target.table was none, is CREATING" in text_of(desk.read(operation), Phase.VOID)
    assert desk.sends(FROM_BACKUP) == before + 1, "somebody else's alone"


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
async def test_a_lost_answer_is_resolved_by_what_the_table_says_it_was_made_from(desk: Desk, kind: FaultKind) -> None:
    plan = planned((await ground(desk)).newest())
    desk.account.faults.add(Fault("dynamodb", FROM_BACKUP, kind, times=1))
    before = desk.sends(FROM_BACKUP)
    operation = desk.order(plan)
    outcome = await desk.carry_out(operation)
    assert outcome is (Outcome.COMPLETED if kind is FaultKind.RESET_AFTER else Outcome.FAILED)
    assert "unknown" in desk.phases(operation)
    assert desk.sends(FROM_BACKUP) == before + 1, "never sent again by itself"


# ---- to a point in time


@pytest.mark.runbook("R274")
async def test_one_hour_ago_to_the_second_is_restored_once_and_followed(desk: Desk) -> None:
    assert table_copies.proposed_name(TABLE, desk.environment, "recovery") == RECOVERY
    found = await ground(desk, RECOVERY)
    now = desk.clock.now()
    instant = table_copies.preset(found.copies.recovery, now)
    assert instant == (now - timedelta(hours=1)).replace(microsecond=0)
    plan = planned(found.point(instant))
    assert plan.word == RECOVERY
    assert f"as of {instant:%Y-%m-%d %H:%M:%S}Z" in plan.steps[0].title
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    (sent,) = [call for call in desk.account.calls if call.operation == TO_POINT]
    assert sent.parameters["RestoreDateTime"] == instant
    assert statuses(desk, RECOVERY)["RestoreSummary"]["RestoreDateTime"] == instant
    assert "the application still uses" in text_of(desk.read(operation), Phase.DONE)


def test_at_half_past_two_the_preset_is_half_past_one() -> None:
    window = Recovery(True, HALF_PAST_TWO - timedelta(days=35), HALF_PAST_TWO - timedelta(minutes=5), 35)
    assert table_copies.preset(window, HALF_PAST_TWO) == datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    young = msgspec.structs.replace(window, earliest=HALF_PAST_TWO - timedelta(minutes=20))
    assert table_copies.preset(young, HALF_PAST_TWO) == datetime(2026, 11, 23, 14, 10, 1, tzinfo=UTC)
    assert young.holds(table_copies.preset(young, HALF_PAST_TWO) or HALF_PAST_TWO)


async def test_an_instant_outside_of_the_window_is_refused_here_and_there(desk: Desk) -> None:
    found = await ground(desk, RECOVERY)
    client = boto(desk.account, "dynamodb")
    for instant in (desk.clock.now(), desk.clock.now() - timedelta(days=36)):
        refusal = found.point(instant)
        assert isinstance(refusal, Refusal)
        assert table_copies.window(found.copies.recovery) in refusal.reason
        with pytest.raises(client.exceptions.InvalidRestoreTimeException):
            client.restore_table_to_point_in_time(
                SourceTableName=TABLE, TargetTableName=RECOVERY, RestoreDateTime=instant
            )


async def test_a_window_that_moved_on_meanwhile_voids_the_plan(desk: Desk) -> None:
    found = await ground(desk, RECOVERY)
    earliest = found.copies.recovery.earliest
    assert earliest is not None
    before = desk.sends(TO_POINT)
    plan = planned(found.point(table_copies.clamped(earliest, found.copies.recovery)))
    manual(desk.account).advance(30)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "recovery.window was holds it, is does not hold it" in text_of(desk.read(operation), Phase.VOID)
    assert desk.sends(TO_POINT) == before


# ---- a backup made


async def test_a_backup_is_made_once_and_has_the_operations_name(desk: Desk) -> None:
    found = await ground(desk)
    plan = planned(table_copies.plan_backup(*found.given))
    desk.account.faults.add(Fault("dynamodb", "CreateBackup", FaultKind.RESET_AFTER, times=1))
    before = desk.sends("CreateBackup")
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends("CreateBackup") == before + 1
    newest = (await ground(desk)).copies.backups[0]
    assert (newest.name, newest.status) == (f"ec2m-{operation}", "AVAILABLE")


# ---- the account's own refusals


def test_the_account_refuses_as_dynamodb_does(account: SimulatedAccount) -> None:
    client = boto(account, "dynamodb")
    made = client.create_backup(TableName=TABLE, BackupName="fresh")["BackupDetails"]
    assert made["BackupStatus"] == "CREATING"
    errors = client.exceptions
    with pytest.raises(errors.BackupInUseException):
        client.restore_table_from_backup(TargetTableName="x-y-z", BackupArn=made["BackupArn"])
    with pytest.raises(errors.BackupNotFoundException):
        client.restore_table_from_backup(TargetTableName="x-y-z", BackupArn=made["BackupArn"] + "0")
    manual(account).advance(60)
    with pytest.raises(errors.TableAlreadyExistsException):
        client.restore_table_from_backup(TargetTableName=TABLE, BackupArn=made["BackupArn"])
    with pytest.raises(errors.PointInTimeRecoveryUnavailableException):
        client.restore_table_to_point_in_time(
            SourceTableName="ec2-manager-audit-dev", TargetTableName="x-y-z", UseLatestRestorableTime=True
        )
    client.restore_table_from_backup(TargetTableName="x-y-z", BackupArn=made["BackupArn"])
    with pytest.raises(errors.ResourceInUseException):
        client.delete_table(TableName="x-y-z")
    key = {"id": {"S": "1"}, "timestamp": {"S": "2"}}
    with pytest.raises(errors.ResourceNotFoundException):
        client.get_item(TableName="x-y-z", Key=key)
    manual(account).advance(600)
    assert "Item" not in client.get_item(TableName="x-y-z", Key=key)
    client.delete_backup(BackupArn=made["BackupArn"])
    client.delete_table(TableName="x-y-z")


def test_a_backups_arn_is_no_secret_and_a_table_is_one_resource() -> None:
    arn = "arn:aws:dynamodb:us-west-2:123456789012:table/OrdersTable1/backup/01732330000000-a1b2c3d4"
    assert redact(f'{{"BackupArn": "{arn}"}}') == f'{{"BackupArn": "{arn}"}}'
    assert "OrdersTable1" not in redact("table/OrdersTable1/backup/01732330000000 by itself")
    assert resource_of({"SourceTableName": "a", "TargetTableName": "b"}) == "table b"


def test_names_give_way_to_their_purpose() -> None:
    environment = Environment(name="production", stack="s", region="us-west-2", short=("prod",))
    named = table_copies.proposed_name
    assert named("audit-prod", environment, "test") == "audit-test"
    assert named("orders", environment, "recovery") == "orders-recovery"
    assert named("production", environment, "test") == "production-test"
    assert len(named("t" * 255, environment, "recovery")) <= 255
    for name in ("ab", "a b c", "x" * 256, "é" * 3):
        backup = Backup(SafeText("arn"), SafeText("b"), SafeText("USER"), SafeText("AVAILABLE"), 1, None)
        copies = Copies(SafeText("orders"), SafeText("ACTIVE"), Recovery(False), (backup,))
        situation = _known()
        target = Target(SafeText(name), SafeText(""), SafeText(name))
        found = table_copies.plan_backup_restore(
            situation, environment, SETTINGS, HALF_PAST_TWO, copies, backup, target
        )
        assert isinstance(found, Refusal)
        assert "is no table's name" in found.reason


def _known() -> Situation:
    from tests.unit.actions_support import situation

    return situation()
