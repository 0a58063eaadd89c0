"""Function figures, retention and exports through the one path: plan, order, executor, journal, account."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.actions.configuration import plan_configuration
from services.actions.export import plan_export
from services.actions.retention import plan_retention
from services.aws import functions, log_exports
from services.aws.function_use import observed
from services.aws.logs import describe_groups
from services.aws.session import Account
from services.clock import Clock
from services.executor import turns
from services.executor.record import Work
from services.journal.remarks import WITHDRAWN, remark
from services.journal.who import actor
from services.model.entry import Operation, Outcome, Phase
from services.model.log_exports import ExportTask
from services.model.plan import Plan, Refusal
from services.model.reading import Reading
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.simulated_support import boto, simulated
from widgets.charset import UNICODE
from widgets.operation_view import stages

GROUP = "/aws/ec2-manager/prod"
HOURS_24 = timedelta(hours=24)
_MEMORY = "UpdateFunctionConfiguration"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """On a clock that tests move."""
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    account.faults.clear()
    return Desk(account, tmp_path)


async def configured(environment: Environment, clock: Clock, memory_mb: int, timeout_s: int = 30) -> Plan | Refusal:
    situation, account = await situation_of(environment, clock), Account(environment, clock)
    try:
        (release,) = situation.releases.value or ()
        function = await functions.describe(account, release.function)
        use = await observed(account, function.log_group, clock.now())
    finally:
        await account.close()
    situation = situation.folded("functions", Reading((function,), clock.now(), clock.now()), clock.now())
    return plan_configuration(
        situation,
        environment,
        SETTINGS,
        clock.now(),
        release.function,
        memory_mb=memory_mb,
        timeout_s=timeout_s,
        observed=use,
    )


async def kept(environment: Environment, clock: Clock, days: int | None, group: str = GROUP) -> Plan | Refusal:
    situation, account = await situation_of(environment, clock), Account(environment, clock)
    try:
        groups = await describe_groups(account, group)
    finally:
        await account.close()
    return plan_retention(situation, environment, SETTINGS, clock.now(), groups, group, days)


async def exported(
    environment: Environment, clock: Clock, bucket: str, *groups: str, queue: bool = False
) -> Plan | Refusal:
    situation, account = await situation_of(environment, clock), Account(environment, clock)
    try:
        found = await log_exports.ground(account, bucket)
    finally:
        await account.close()
    now, names = clock.now(), groups or (GROUP,)
    return plan_export(situation, environment, SETTINGS, now, found, names, now - HOURS_24, now, queue=queue)


def function_of(account: SimulatedAccount) -> dict[str, Any]:
    name = account.state.estate.environment("production").function
    found: dict[str, Any] = boto(account, "lambda").get_function_configuration(FunctionName=name)
    return found


def days_of(account: SimulatedAccount, group: str = GROUP) -> int | None:
    found = boto(account, "logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    days: int | None = found.get("retentionInDays")
    return days


# ---- memory and timeout


@pytest.mark.runbook("R242")
async def test_memory_is_changed_once_followed_and_said_to_wait_for_a_version(desk: Desk) -> None:
    assert function_of(desk.account)["MemorySize"] == 512
    plan = planned(await configured(desk.environment, desk.clock, 384))
    notes = "\n".join(plan.notes)
    assert "Takes effect with the next published version: LIVE" in notes
    assert "384 MB is less than the 512 MB it has" in notes
    assert "MB were used at most in the last hour" in notes
    assert desk.sends("UpdateFunctionConfiguration") == 0
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends("UpdateFunctionConfiguration") == 1
    assert function_of(desk.account)["MemorySize"] == 384
    assert "384 MB and 30 s, update Successful" in text_of(desk.read(operation), Phase.DONE)


async def test_a_timeout_is_changed_beside_the_count_of_time_outs(desk: Desk) -> None:
    group = function_of(desk.account)["LoggingConfig"]["LogGroup"]
    at = round(desk.clock.now().timestamp() * 1000) - 60_000
    lines = [("2026/x", at + one, at + one, "id-1 Task timed out after 30.03 seconds") for one in range(7)]
    desk.account.state.logs.plant(group, lines)
    memory = function_of(desk.account)["MemorySize"]
    plan = planned(await configured(desk.environment, desk.clock, memory, 45))
    assert "timeout 30 → 45 s" in plan.title
    assert any("7 invocations ran out of time" in note for note in plan.notes), plan.notes
    assert "MemorySize" not in plan.steps[0].call.parameters
    assert await desk.carry_out(desk.order(plan)) is Outcome.COMPLETED
    assert function_of(desk.account)["Timeout"] == 45


async def test_a_function_changed_meanwhile_voids_the_plan(desk: Desk) -> None:
    plan = planned(await configured(desk.environment, desk.clock, 1024))
    before = desk.sends("UpdateFunctionConfiguration")
    name = desk.account.state.estate.environment("production").function
    boto(desk.account, "lambda").update_function_configuration(FunctionName=name, Description="by somebody else")
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "function.revision was" in text_of(desk.read(operation), Phase.VOID)
    assert desk.sends("UpdateFunctionConfiguration") == before + 1, "somebody else's alone"


@pytest.mark.parametrize(("memory", "timeout"), [(64, 30), (512, 901), (20_000, 30)])
async def test_figures_lambda_does_not_take_are_refused(desk: Desk, memory: int, timeout: int) -> None:
    refusal = await configured(desk.environment, desk.clock, memory, timeout)
    assert isinstance(refusal, Refusal)
    assert "outside of what Lambda takes" in refusal.reason


# ---- retention


@pytest.mark.runbook("R218")
async def test_retention_is_changed_once_with_what_is_lost_said(desk: Desk) -> None:
    before = days_of(desk.account)
    plan = planned(await kept(desk.environment, desk.clock, 7))
    assert f"{before} days → 7 days" in plan.steps[0].title
    assert "deleted for good within 72 hours" in plan.irreversible[0]
    assert any(note.startswith("EVIDENCE") for note in plan.notes)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert (days_of(desk.account), desk.sends("PutRetentionPolicy")) == (7, 1)
    plan = planned(await kept(desk.environment, desk.clock, None))
    assert plan.irreversible == ()
    assert await desk.carry_out(desk.order(plan)) is Outcome.COMPLETED
    assert days_of(desk.account) is None


@pytest.mark.parametrize(("days", "group", "reason"), [(31, GROUP, "31 days"), (30, "/no/such", "no log group")])
async def test_what_the_service_does_not_take_is_refused(desk: Desk, days: int, group: str, reason: str) -> None:
    refusal = await kept(desk.environment, desk.clock, days, group)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


async def test_a_retention_whose_reply_was_lost_is_found_by_reading(desk: Desk) -> None:
    plan = planned(await kept(desk.environment, desk.clock, 90))
    before = desk.sends("PutRetentionPolicy")
    desk.account.faults.add(Fault("logs", "PutRetentionPolicy", FaultKind.RESET_AFTER, times=1))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert "unknown" in desk.phases(operation)
    assert desk.sends("PutRetentionPolicy") == before + 1


# ---- export


def dumped(desk: Desk, operation: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The manifest and the events of the local file, whose hash is checked."""
    told = json.loads(desk.home.read(f"{operation}.0.manifest.json"))
    packed = desk.home.read(told["file"])
    assert hashlib.sha256(packed).hexdigest() == told["sha256"]
    return told, [json.loads(line) for line in gzip.decompress(packed).splitlines()]


async def test_an_export_is_made_once_followed_to_its_end_and_the_newest_hours_lie_here(desk: Desk) -> None:
    bucket = desk.account.state.estate.export_bucket
    plan = planned(await exported(desk.environment, desk.clock, bucket))
    asked = plan.steps[0].call.parameters
    assert int(str(asked["to"])) - int(str(asked["from"])) == 24 * 3_600_000
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends("CreateExportTask") == 1
    (task,) = boto(desk.account, "logs").describe_export_tasks()["exportTasks"]
    assert (task["taskName"], task["status"]["code"]) == (f"ec2m-{operation}", "COMPLETED")
    told, events = dumped(desk, operation)
    assert told["to"] - told["from"] == 12 * 3_600_000
    assert len(events) == told["events"] > 1000
    assert all(told["from"] <= event["timestamp"] <= told["to"] for event in events)
    saved = next(entry for entry in desk.read(operation).entries if entry.phase is Phase.SNAPSHOT)
    assert saved.data["saved"]["0"]["dump"]["sha256"] == told["sha256"]  # type: ignore[index]  # JSON


@pytest.mark.parametrize("case", ["no bucket", "other region", "no policy", "busy", "no group"])
async def test_an_export_that_would_fail_is_refused_before_anything_is_sent(desk: Desk, case: str) -> None:
    bucket, group = desk.account.state.estate.export_bucket, GROUP
    if case == "no bucket":
        bucket, reason = "nowhere-at-all", "no bucket nowhere-at-all"
    elif case == "other region":
        boto(desk.account, "s3", "us-east-1").create_bucket(Bucket="elsewhere")
        bucket, reason = "elsewhere", "is in us-east-1"
    elif case == "no policy":
        where = {"LocationConstraint": "us-west-2"}
        boto(desk.account, "s3").create_bucket(Bucket="closed", CreateBucketConfiguration=where)
        bucket, reason = "closed", "does not let logs.us-west-2.amazonaws.com do s3:GetBucketAcl, s3:PutObject"
    elif case == "busy":
        now = round(desk.clock.now().timestamp() * 1000)
        asked = {"logGroupName": GROUP, "from": now - 60_000, "to": now, "destination": bucket}
        boto(desk.account, "logs").create_export_task(**asked)
        reason = "LimitExceededException"
    else:
        group, reason = "/no/such", "no log group /no/such"
    before = desk.sends("CreateExportTask")
    refusal = await exported(desk.environment, desk.clock, bucket, group)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert desk.sends("CreateExportTask") == before


async def idle(desk: Desk) -> None:
    """No export task is active: another test's may be."""
    logs = boto(desk.account, "logs")
    for _ in range(500):
        told = logs.describe_export_tasks()["exportTasks"]
        if all(one["status"]["code"] in ("COMPLETED", "CANCELLED") for one in told):
            return
        desk.clock.advance(15)
        await asyncio.sleep(0.01)  # its files are written by a thread
    raise AssertionError("an export task is still active")


@pytest.mark.runbook("R254")
async def test_several_groups_are_exported_one_after_the_other_with_the_same_span(desk: Desk) -> None:
    bucket, groups = desk.account.state.estate.export_bucket, ("/several/a", "/several/b", "/several/c")
    await idle(desk)
    at = round(desk.clock.now().timestamp() * 1000) - 60_000
    for group in groups:
        desk.account.state.logs.plant(group, [("s", at, at, f"of {group}")])
    plan = planned(await exported(desk.environment, desk.clock, bucket, *groups))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    told = boto(desk.account, "logs").describe_export_tasks()["exportTasks"]
    tasks = sorted(
        (one for one in told if one.get("taskName") == f"ec2m-{operation}"), key=lambda one: one["logGroupName"]
    )
    assert [one["logGroupName"] for one in tasks] == list(groups)
    assert {one["to"] - one["from"] for one in tasks} == {24 * 3_600_000}
    assert {one["destination"] for one in tasks} == {bucket}
    spans = [(one["executionInfo"]["creationTime"], one["executionInfo"]["completionTime"]) for one in tasks]
    assert all(before[1] <= after[0] for before, after in pairwise(spans)), "each begins when the one before has ended"
    assert "all 3 stand" in text_of(desk.read(operation), Phase.DONE)


@pytest.mark.runbook("R095")
async def test_an_export_that_queues_waits_for_another_task_and_is_made_once(desk: Desk) -> None:
    bucket, group = desk.account.state.estate.export_bucket, "/few/queued"
    await idle(desk)
    now = round(desk.clock.now().timestamp() * 1000)
    desk.account.state.logs.plant(group, [("s", now - 60_000, now - 60_000, "a line")])
    asked = {"logGroupName": GROUP, "from": now - 60_000, "to": now, "destination": bucket}
    other = boto(desk.account, "logs").create_export_task(**asked)["taskId"]
    refusal = await exported(desk.environment, desk.clock, bucket, group)
    assert isinstance(refusal, Refusal)
    assert "LimitExceededException" in refusal.reason
    assert "queue" in refusal.remedy
    plan = planned(await exported(desk.environment, desk.clock, bucket, group, queue=True))
    assert any(other in note for note in plan.notes)
    before = desk.sends("CreateExportTask")
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends("CreateExportTask") == before + 1, "it was not tried while the other ran"
    assert any("waits its turn" in entry.text and other in entry.text for entry in desk.read(operation).entries)
    ended = boto(desk.account, "logs").describe_export_tasks(taskId=other)["exportTasks"][0]
    assert ended["status"]["code"] == "COMPLETED", "nothing was cancelled for it"


async def test_a_task_that_comes_between_the_look_and_the_call_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, group = desk.account.state.estate.export_bucket, "/few/between"
    await idle(desk)
    now = round(desk.clock.now().timestamp() * 1000)
    desk.account.state.logs.plant(group, [("s", now - 60_000, now - 60_000, "a line")])
    plan = planned(await exported(desk.environment, desk.clock, bucket, group, queue=True))
    asked = {"logGroupName": GROUP, "from": now - 60_000, "to": now, "destination": bucket}
    look, looks = turns._running, 0

    async def too_early(work: Work, number: int) -> ExportTask | None:
        nonlocal looks
        looks += 1
        found = await look(work, number)
        if looks == 1:
            boto(desk.account, "logs").create_export_task(**asked)
        return found

    monkeypatch.setattr(turns, "_running", too_early)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert any("LimitExceeded" in str(entry.data.get("code", "")) for entry in desk.read(operation).entries)
    named = boto(desk.account, "logs").describe_export_tasks()["exportTasks"]
    assert sum(one.get("taskName") == f"ec2m-{operation}" for one in named) == 1


async def test_an_export_that_ends_while_it_waits_its_turn_is_resumed_and_made_once(desk: Desk) -> None:
    bucket, group = desk.account.state.estate.export_bucket, "/few/waiting"
    await idle(desk)
    now = round(desk.clock.now().timestamp() * 1000)
    desk.account.state.logs.plant(group, [("s", now - 60_000, now - 60_000, "a line")])
    asked = {"logGroupName": GROUP, "from": now - 60_000, "to": now, "destination": bucket}
    boto(desk.account, "logs").create_export_task(**asked)
    operation = desk.order(planned(await exported(desk.environment, desk.clock, bucket, group, queue=True)))
    before = desk.sends("CreateExportTask")

    def waits(found: Operation) -> bool:
        return any("waits its turn" in entry.text for entry in found.entries)

    assert await desk.carry_out(operation, until=waits) is None, "its executor is gone"
    assert desk.read(operation).open
    assert desk.sends("CreateExportTask") == before
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends("CreateExportTask") == before + 1


@pytest.mark.runbook("R095", "R254")
async def test_an_export_that_waits_says_for_what_and_is_withdrawn_before_anything_is_sent(desk: Desk) -> None:
    bucket, groups = desk.account.state.estate.export_bucket, ("/few/first", "/few/second")
    await idle(desk)
    now = round(desk.clock.now().timestamp() * 1000)
    for group in groups:
        desk.account.state.logs.plant(group, [("s", now - 60_000, now - 60_000, "a line")])
    asked = {"logGroupName": GROUP, "from": now - 60_000, "to": now, "destination": bucket}
    other = boto(desk.account, "logs").create_export_task(**asked)["taskId"]
    operation = desk.order(planned(await exported(desk.environment, desk.clock, bucket, *groups, queue=True)))
    before, drawn = desk.sends("CreateExportTask"), list[tuple[str, str, str]]()

    def waits(found: Operation) -> bool:
        if found.queued is not None and not found.remarks:
            drawn.extend(stages(found))
            remark(desk.home, operation, "the wrong bucket", WITHDRAWN, actor(), desk.clock.now())
        return False

    assert await desk.carry_out(operation, until=waits, step_s=1) is Outcome.VOID
    assert desk.sends("CreateExportTask") == before
    steps = [(sign, text) for sign, _, text in drawn if "/few/" in text]
    assert steps[0][0] == UNICODE.busy
    assert f"waits its turn, 1 of 2: export task {other} of {GROUP} is " in steps[0][1]
    assert steps[1][0] == UNICODE.todo
    found = desk.read(operation)
    assert "before it was sent: the wrong bucket. Nothing was changed" in found.text
    assert found.queued is None


# ---- killed and resumed


async def test_read_only_sends_nothing(desk: Desk) -> None:
    locked = msgspec.structs.replace(desk.environment, read_only=True)
    sent = len([call for call in desk.account.calls if call.operation in (_MEMORY, "PutRetentionPolicy")])
    for plan in (await configured(locked, desk.clock, 2048), await kept(locked, desk.clock, 3)):
        found = planned(plan)
        assert any(note.startswith("READ-ONLY") for note in found.notes)
        assert await desk.carry_out(desk.order(found, locked)) is Outcome.VOID
    after = len([call for call in desk.account.calls if call.operation in (_MEMORY, "PutRetentionPolicy")])
    assert after == sent
