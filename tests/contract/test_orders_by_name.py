"""Function figures, retention and exports through the one path: plan, order, executor, journal, account."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
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
from services.clock import Clock, ScaledClock
from services.executor.crash import VARIABLE
from services.executor.orders import executor_gone
from services.model.entry import Outcome, Phase
from services.model.plan import Plan, Refusal
from services.model.reading import Reading
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.contract.test_executor_process import SPEED, Bench
from tests.simulated_support import START, boto, simulated

GROUP = "/aws/ec2-manager/prod"
HOURS_24 = timedelta(hours=24)


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """On a clock that tests move."""
    with simulated("calm") as opened:
        yield opened


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedAccount]:
    """On a clock that runs, for executors that are processes."""
    with simulated("calm", clock=ScaledClock(START, SPEED)) as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    account.faults.clear()
    return Desk(account, tmp_path)


@pytest.fixture
def bench(running: SimulatedAccount, tmp_path: Path) -> Bench:
    running.faults.clear()
    return Bench(running, tmp_path)


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


async def exported(environment: Environment, clock: Clock, bucket: str, group: str = GROUP) -> Plan | Refusal:
    situation, account = await situation_of(environment, clock), Account(environment, clock)
    try:
        found = await log_exports.ground(account, bucket)
    finally:
        await account.close()
    return plan_export(situation, environment, SETTINGS, clock.now(), found, group, clock.now() - HOURS_24, clock.now())


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


def dumped(desk: Desk | Bench, operation: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
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


# ---- killed and resumed


@pytest.mark.parametrize("point", ["before-intent", "intent", "sent", "reply", "verifying"])
async def test_an_export_killed_and_resumed_is_one_task(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    bucket, group = bench.account.state.estate.export_bucket, f"/few/{point}"
    at = round(bench.clock.now().timestamp() * 1000) - 60_000
    bench.account.state.logs.plant(group, [("s", at + one, at + one, f"line {one}") for one in range(20)])
    plan = planned(await exported(bench.environment, bench.clock, bucket, group))
    monkeypatch.setenv(VARIABLE, f"0:{point}")
    operation = await bench.place(plan)
    monkeypatch.delenv(VARIABLE)
    await bench.until(lambda: executor_gone(bench.home, operation))
    assert bench.read(operation).open
    await bench.resume(operation)
    done = await bench.ended(operation)
    assert done.outcome is Outcome.COMPLETED, done.text
    named = [call for call in bench.account.calls if call.operation == "CreateExportTask"]
    assert sum(call.parameters["taskName"] == f"ec2m-{operation}" for call in named) == 1
    assert len(dumped(bench, operation)[1]) == 20


@pytest.mark.parametrize("point", ["intent", "sent"])
@pytest.mark.parametrize("action", ["memory", "retention"])
async def test_a_change_killed_and_resumed_is_made_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, point: str, action: str
) -> None:
    if action == "memory":
        wanted = function_of(bench.account)["MemorySize"] + 64
        plan, operation_name = planned(await configured(bench.environment, bench.clock, wanted)), _MEMORY
    else:
        days = {None: 365, 365: 400, 400: 545, 545: 731}.get(days_of(bench.account), 365)
        plan, operation_name = planned(await kept(bench.environment, bench.clock, days)), "PutRetentionPolicy"
    before = sum(call.operation == operation_name for call in bench.account.calls)
    monkeypatch.setenv(VARIABLE, f"0:{point}")
    operation = await bench.place(plan)
    monkeypatch.delenv(VARIABLE)
    await bench.until(lambda: executor_gone(bench.home, operation))
    await bench.resume(operation)
    assert (await bench.ended(operation)).outcome is Outcome.COMPLETED
    assert sum(call.operation == operation_name for call in bench.account.calls) == before + 1


_MEMORY = "UpdateFunctionConfiguration"


async def test_read_only_sends_nothing(desk: Desk) -> None:
    locked = msgspec.structs.replace(desk.environment, read_only=True)
    sent = len([call for call in desk.account.calls if call.operation in (_MEMORY, "PutRetentionPolicy")])
    for plan in (await configured(locked, desk.clock, 2048), await kept(locked, desk.clock, 3)):
        found = planned(plan)
        assert any(note.startswith("READ-ONLY") for note in found.notes)
        assert await desk.carry_out(desk.order(found, locked)) is Outcome.VOID
    after = len([call for call in desk.account.calls if call.operation in (_MEMORY, "PutRetentionPolicy")])
    assert after == sent
