"""The executor against the simulated account, over HTTP: what it sends, what it writes, what it finds out."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.actions.rollback import plan_forward
from services.executor.taking_up import take_up
from services.journal.disk import Disk
from services.journal.home import JournalBroken
from services.journal.who import actor
from services.model.entry import Outcome, Phase
from services.model.plan import Refusal
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import (
    NO_WAITING,
    SETTINGS,
    Desk,
    environment_at,
    invalidation,
    planned,
    rollback,
    situation_of,
    text_of,
)
from tests.simulated_support import boto, manual, simulated


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Production a quarter of an hour after the bad deploy: LIVE is at v42, v41 was good."""
    with simulated("bad-deploy") as account:
        manual(account).advance(15 * 60)
        yield Desk(account, tmp_path)


def function(desk: Desk) -> str:
    return desk.account.state.estate.environment("production").function


def move_live(desk: Desk, version: int, **more: Any) -> None:
    """Somebody else, with another client."""
    boto(desk.account, "lambda").update_alias(
        FunctionName=function(desk), Name="LIVE", FunctionVersion=str(version), **more
    )


@pytest.mark.runbook("R227")
@pytest.mark.runbook("R228")
async def test_a_rollback_is_sent_once_read_back_and_judged_on_a_fresh_window(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    assert desk.phases(operation) == [
        *("ordered", "started", "snapshot", "intent", "reply", "applied", "verifying", "done"),
    ]
    sent = [call for call in desk.account.calls if call.operation == "UpdateAlias"]
    assert [call.parameters for call in sent] == [plan.steps[0].call.parameters]
    assert sent[0].parameters["RevisionId"]
    shown = desk.read(operation)
    assert text_of(shown, Phase.APPLIED) == "LIVE is now v41 (was v42)"
    assert shown.switched is not None
    assert (shown.ended or shown.ordered) - shown.switched >= timedelta(minutes=5 + 2)
    assert desk.live() == "41"


async def test_going_forward_to_the_bad_version_is_not_recovered(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    await desk.carry_out(operation)
    situation = await situation_of(desk.environment, desk.clock)
    plan = planned(plan_forward(desk.read(operation), situation, desk.environment, SETTINGS, desk.clock.now()))
    assert plan.undo_of == operation
    forward = desk.order(plan)
    assert await desk.carry_out(forward) is Outcome.NOT_RECOVERED
    assert desk.live() == "42"
    assert "errors are not below 1 %" in desk.read(forward).text


@pytest.mark.runbook("R231")
@pytest.mark.runbook("R189")
async def test_an_invalidation_is_followed_from_in_progress_to_completed(desk: Desk) -> None:
    operation = desk.order(await invalidation(desk.environment, desk.clock, "/*"))
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    sent = [call for call in desk.account.calls if call.operation == "CreateInvalidation"]
    assert len(sent) == 1
    batch = sent[0].parameters["InvalidationBatch"]
    assert batch == {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": f"ec2m-{operation}"}
    texts = [entry.text for entry in desk.read(operation).entries if entry.phase is Phase.VERIFYING]
    assert any("InProgress" in text for text in texts)


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.HTML_200, FaultKind.HTML_502], ids=lambda kind: kind.value
)
async def test_a_reply_that_cannot_be_trusted_is_resolved_by_reading(desk: Desk, kind: FaultKind) -> None:
    plan = await rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("lambda", "UpdateAlias", kind))
    operation = desk.order(plan)
    outcome = await desk.carry_out(operation)
    applied = kind is FaultKind.RESET_AFTER
    assert desk.sends() == 1
    assert desk.phases(operation)[3:6] == ["intent", "unknown", "reconciled"]
    assert outcome is (Outcome.RECOVERED if applied else Outcome.FAILED)
    assert desk.live() == ("41" if applied else "42")
    if not applied:
        assert "Nothing was changed" in desk.read(operation).text


async def test_a_lost_reply_of_an_invalidation_is_found_by_its_reference(desk: Desk) -> None:
    plan = await invalidation(desk.environment, desk.clock, "/index.html")
    desk.account.faults.add(Fault("cloudfront", "CreateInvalidation", FaultKind.RESET_AFTER))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends("CreateInvalidation") == 1
    assert "reconciled" in desk.phases(operation)


async def test_a_call_that_did_not_arrive_is_said_to_have_changed_nothing(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.RESET_BEFORE))
    operation = desk.order(plan)
    began = desk.clock.now()
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert desk.sends() == 1
    assert desk.live() == "42"
    assert desk.clock.now() - began >= timedelta(seconds=NO_WAITING.settle_s), "it might still have been on its way"


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.DENY], ids=lambda kind: kind.value)
async def test_a_refused_call_is_not_tried_again(desk: Desk, kind: FaultKind) -> None:
    plan = await rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("lambda", "UpdateAlias", kind))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert desk.sends() == 1
    assert desk.live() == "42"
    assert "Not applied: LIVE is at v42" in desk.read(operation).text


@pytest.mark.runbook("R156")
@pytest.mark.parametrize("fails", [False, True], ids=["accepted", "refused"])
async def test_the_journal_holds_who_when_the_exact_call_and_its_result_also_a_failed_one(
    desk: Desk, fails: bool
) -> None:
    plan = await rollback(desk.environment, desk.clock)
    if fails:
        desk.account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.DENY))
    operation = desk.order(plan)
    await desk.carry_out(operation, until=lambda one: one.phase in (Phase.APPLIED, Phase.VERIFYING))
    entries = {entry.phase: entry for entry in desk.read(operation).entries}
    order, intent, reply = entries[Phase.ORDERED], entries[Phase.INTENT], entries[Phase.REPLY]
    assert order.actor is not None
    assert (order.actor.os_user, order.reason) == (actor().os_user, "a test")
    (sent,) = [call for call in desk.account.calls if call.operation == "UpdateAlias"]
    assert intent.data["call"] == {
        "service": "lambda",
        "operation": "UpdateAlias",
        "region": "us-west-2",
        "parameters": dict(sent.parameters),
    }
    assert intent.at.utcoffset() == timedelta(0)
    if fails:
        assert "AccessDenied" in str(reply.data["code"])
        assert entries[Phase.FAILED].outcome is Outcome.FAILED
    else:
        assert reply.data["request_id"] == sent.id


async def test_a_world_that_changed_after_the_plan_voids_it(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    move_live(desk, 40)
    before = desk.sends()
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert desk.sends() == before
    assert "alias.version was 42, is 40" in desk.read(operation).text
    assert "Nothing was changed" in desk.read(operation).text


async def test_weights_that_appeared_after_the_plan_void_it(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    move_live(desk, 42, RoutingConfig={"AdditionalVersionWeights": {"41": 0.25}})
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "alias.weights was none, is 41=0.25" in desk.read(operation).text


@pytest.mark.runbook("R227")
async def test_a_revision_that_went_stale_between_reading_and_sending_is_not_overwritten(desk: Desk) -> None:
    """The plan's preconditions are made blind here, so that only the account's compare-and-set stands guard."""
    plan = await rollback(desk.environment, desk.clock)
    blind = msgspec.structs.replace(plan, steps=(msgspec.structs.replace(plan.steps[0], preconditions=()),))
    move_live(desk, 40)
    before = desk.sends()
    operation = desk.order(blind)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert desk.sends() == before + 1
    assert "changed between reading and sending: LIVE is at v40" in desk.read(operation).text
    assert desk.live() == "40"


async def test_a_canary_left_running_is_cleared_by_the_rollback(desk: Desk) -> None:
    move_live(desk, 42, RoutingConfig={"AdditionalVersionWeights": {"40": 0.1}})
    plan = await rollback(desk.environment, desk.clock, 41)
    operation = desk.order(plan)
    assert await desk.carry_out(operation, until=lambda one: one.switched is not None) is None
    alias = boto(desk.account, "lambda").get_alias(FunctionName=function(desk), Name="LIVE")
    assert alias["FunctionVersion"] == "41"
    assert not (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights")


async def test_somebody_who_moves_it_during_the_judgement_ends_the_judgement(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    await desk.carry_out(operation, until=lambda one: one.progress[0] >= 1)
    move_live(desk, 40)
    assert await desk.carry_out(operation) is Outcome.INCONCLUSIVE
    assert "LIVE is at v40, moved by somebody else" in desk.read(operation).text
    assert desk.live() == "40", "a third party's value is left as it is"


async def test_a_later_order_that_moves_it_on_is_named_by_the_judgement_it_ends(desk: Desk) -> None:
    first = desk.order(await rollback(desk.environment, desk.clock))
    await desk.carry_out(first, until=lambda one: one.progress[0] >= 1)
    second = desk.order(await rollback(desk.environment, desk.clock, 40))
    await desk.carry_out(second, until=lambda one: one.switched is not None)
    assert await desk.carry_out(first) is Outcome.INCONCLUSIVE
    assert f"(operation {second})" in desk.read(first).text
    assert await desk.carry_out(second) is Outcome.RECOVERED


async def test_who_changed_it_meanwhile_is_named_when_cloudtrail_knows(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    move_live(desk, 40)
    desk.clock.advance(6 * 60)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "changed since the plan was made by " in desk.read(operation).text
    assert "(CloudTrail)" in desk.read(operation).text


@pytest.mark.parametrize("wrong", ["plan", "environment"])
async def test_another_account_is_never_touched(desk: Desk, wrong: str) -> None:
    plan = await rollback(desk.environment, desk.clock)
    environment = desk.environment
    if wrong == "plan":
        plan = msgspec.structs.replace(plan, account="999999999999")
    else:
        environment = msgspec.structs.replace(environment, account="999999999999")
    operation = desk.order(plan, environment)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert desk.sends() == 0
    assert "123456789012" in desk.read(operation).text
    assert "999999999999" in desk.read(operation).text


async def test_a_read_only_environment_is_refused_by_the_executor_itself(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    operation = desk.order(plan, msgspec.structs.replace(desk.environment, read_only=True))
    assert await desk.carry_out(operation) is Outcome.VOID
    assert not [call for call in desk.account.calls if call.operation == "UpdateAlias"]
    assert "read-only" in desk.read(operation).text


async def test_a_plan_that_ran_out_is_void(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    operation = desk.order(msgspec.structs.replace(plan, expires=desk.clock.now() - timedelta(seconds=1)))
    assert await desk.carry_out(operation) is Outcome.VOID
    assert desk.sends() == 0


async def test_a_call_that_is_not_the_executors_is_not_made(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    other = msgspec.structs.replace(plan.steps[0].call, operation="DeleteFunction")
    operation = desk.order(msgspec.structs.replace(plan, steps=(msgspec.structs.replace(plan.steps[0], call=other),)))
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert desk.sends("DeleteFunction") == 0


async def test_metrics_that_cannot_be_read_end_without_a_verdict_never_in_green(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    desk.account.faults.add(Fault("cloudwatch", "GetMetricData", FaultKind.DENY, times=None))
    assert await desk.carry_out(operation, step_s=30) is Outcome.INCONCLUSIVE
    assert "applied, not verified" in desk.read(operation).text


@pytest.mark.runbook("R304")
async def test_what_stood_before_is_on_disk_before_the_call_and_names_only_variables(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    await desk.carry_out(operation, until=lambda one: one.switched is not None)
    saved = next(entry for entry in desk.read(operation).entries if entry.phase is Phase.SNAPSHOT)
    alias = saved.data["saved"]["0"]["alias"]  # type: ignore[index]  # records are JSON
    assert alias["version"] == "42"
    assert alias["revision"]
    text = (desk.home.path / f"{operation}.jsonl").read_text()
    values = boto(desk.account, "lambda").get_function_configuration(FunctionName=function(desk))
    for value in (values.get("Environment") or {}).get("Variables", {}).values():
        assert value not in text


@pytest.mark.parametrize("nth", range(1, 6))
async def test_nothing_is_sent_without_a_durable_intent(desk: Desk, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """The disk is full from the n-th record of the executor on: whatever was sent had its intent on disk before."""
    operation = desk.order(await rollback(desk.environment, desk.clock))
    records = 0

    def write(self: Disk, descriptor: int, data: bytes) -> int:
        nonlocal records
        records += 1
        if records >= nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(descriptor, data)

    monkeypatch.setattr(Disk, "write", write)
    with pytest.raises(JournalBroken, match="disk is full"):
        await take_up(desk.home, operation, clock=desk.clock, pace=NO_WAITING)
    durable = [entry.phase for entry in desk.read(operation).entries]
    assert desk.sends() == (1 if Phase.INTENT in durable else 0)
    monkeypatch.undo()
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    assert desk.sends() == 1


async def test_asked_to_stop_it_finishes_the_step_and_a_resume_judges(desk: Desk) -> None:
    import asyncio

    from services.executor.pace import Stopping

    operation = desk.order(await rollback(desk.environment, desk.clock))
    stopping = Stopping()
    task = asyncio.ensure_future(take_up(desk.home, operation, clock=desk.clock, pace=NO_WAITING, stopping=stopping))
    while not desk.clock.sleepers:
        await asyncio.sleep(0.01)
    stopping.ask()
    assert await task is None
    left = desk.read(operation)
    assert (left.open, left.phase) == (True, Phase.VERIFYING)
    assert "Resume it" in left.text
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    assert desk.sends() == 1


async def test_an_unforeseen_error_leaves_a_true_record(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import services.executor.performing as performing

    async def broken(*given: object) -> None:
        raise RuntimeError("planted password=canary")

    monkeypatch.setattr(performing, "admitted", broken)
    operation = desk.order(await rollback(desk.environment, desk.clock))
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "RuntimeError" in desk.read(operation).text
    assert "canary" not in desk.read(operation).text
    assert desk.sends() == 0


async def test_an_undo_is_refused_when_somebody_moved_it_since(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    await desk.carry_out(operation)
    move_live(desk, 40)
    situation = await situation_of(desk.environment, desk.clock)
    found = plan_forward(desk.read(operation), situation, desk.environment, SETTINGS, desk.clock.now())
    assert isinstance(found, Refusal)
    assert "v40, not at v41" in found.reason


async def test_a_staging_rollback_stays_in_staging(tmp_path: Path) -> None:
    with simulated("calm") as account:
        manual(account).advance(60)
        desk = Desk(account, tmp_path, environment_at(account, "staging"))
        before = boto(account, "lambda").get_alias(FunctionName=function(desk), Name="LIVE")["FunctionVersion"]
        operation = desk.order(await rollback(desk.environment, desk.clock))
        assert await desk.carry_out(operation, step_s=30) in (Outcome.RECOVERED, Outcome.INCONCLUSIVE)
        after = boto(account, "lambda").get_alias(FunctionName=function(desk), Name="LIVE")["FunctionVersion"]
        assert before == after
        assert {call.parameters["FunctionName"] for call in account.calls if call.operation == "UpdateAlias"} == {
            account.state.estate.environment("staging").function
        }
