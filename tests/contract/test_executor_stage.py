"""The API's stage rolled back through the executor, and everything awkward on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.actions.stage import plan_stage_forward, plan_stage_rollback
from services.model.entry import Outcome, Phase
from services.model.plan import Refusal
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.contract.stage_support import StageAt, stage_rollback
from tests.simulated_support import boto, simulated


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """Nine minutes after the start: the bad deployment of the API has served for seven."""
    with simulated("bad-stage") as opened:
        clock = opened.clock
        clock.advance(540)  # type: ignore[attr-defined]  # a ManualClock: `simulated` without one of its own
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    return Desk(account, tmp_path)


@pytest.fixture
def stage(account: SimulatedAccount) -> StageAt:
    return StageAt(account)


def sends(desk: Desk) -> int:
    return desk.sends("UpdateStage")


async def test_the_stage_serves_the_deployment_before_and_the_errors_end(desk: Desk, stage: StageAt) -> None:
    bad, errors = stage.deployment, _errors(desk)
    plan = await stage_rollback(desk.environment, desk.clock)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    good = plan.steps[0].after["deployment"]
    assert stage.deployment == good != bad
    assert sends(desk) == 1
    done = desk.read(operation)
    saved = next(entry.data for entry in done.entries if entry.phase is Phase.SNAPSHOT)
    kept = saved["saved"]["0"]["stage"]  # type: ignore[index]  # what the snapshot is made of is JSON
    assert kept["deploymentId"] == bad
    assert kept["methodSettings"]["*/*"]["throttlingBurstLimit"] == 200
    assert text_of(done, Phase.APPLIED) == f"stage prod now serves deployment {good} (was {bad})"
    assert errors > 10 * _errors(desk)


async def test_it_is_taken_back_and_stands_as_it_stood(desk: Desk, stage: StageAt) -> None:
    before = stage.whole
    operation = desk.order(await stage_rollback(desk.environment, desk.clock))
    await desk.carry_out(operation)
    situation = await situation_of(desk.environment, desk.clock)
    found = plan_stage_forward(desk.read(operation), situation, desk.environment, SETTINGS, desk.clock.now())
    undo = desk.order(planned(found))
    assert await desk.carry_out(undo) is Outcome.NOT_RECOVERED  # the bad deployment is bad
    assert _serving(stage.whole) == _serving(before)
    assert sends(desk) == 2


async def test_a_canary_is_ended_and_comes_back_with_the_undo(desk: Desk, stage: StageAt) -> None:
    bad = stage.deployment
    good = (await stage_rollback(desk.environment, desk.clock)).steps[0].after["deployment"]
    stage.patch(deploymentId=good)
    stage.patch(
        canarySettings__deploymentId=bad,
        canarySettings__percentTraffic="40",
        canarySettings__stageVariableOverrides__level="debug",
    )
    desk.clock.advance(600)
    before, already = stage.whole, sends(desk)
    plan = await stage_rollback(desk.environment, desk.clock)
    assert plan.title.startswith("End the canary")
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    assert (stage.deployment, "canarySettings" in stage.whole) == (good, False)
    situation = await situation_of(desk.environment, desk.clock)
    forward = planned(plan_stage_forward(desk.read(operation), situation, desk.environment, SETTINGS, desk.clock.now()))
    await desk.carry_out(desk.order(forward), until=lambda one: one.switched is not None)
    assert _serving(stage.whole) == _serving(before)
    assert sends(desk) == already + 2


async def test_a_cache_is_flushed_after_the_switch(desk: Desk, stage: StageAt) -> None:
    stage.patch(cacheClusterEnabled="true")
    already = sends(desk)
    plan = await stage_rollback(desk.environment, desk.clock)
    assert [step.kind for step in plan.steps] == ["api.stage", "api.cache"]
    assert await desk.carry_out(desk.order(plan)) is Outcome.RECOVERED
    assert (sends(desk) - already, desk.sends("FlushStageCache")) == (1, 1)
    order = [call.operation for call in desk.account.calls if call.operation in ("UpdateStage", "FlushStageCache")]
    assert order[-2:] == ["UpdateStage", "FlushStageCache"]


async def test_a_flush_without_an_answer_is_sent_again_and_the_switch_is_not(desk: Desk, stage: StageAt) -> None:
    stage.patch(cacheClusterEnabled="true")
    already = sends(desk)
    plan = await stage_rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("apigateway", "FlushStageCache", FaultKind.RESET_AFTER))
    assert await desk.carry_out(desk.order(plan)) is Outcome.RECOVERED
    assert (sends(desk) - already, desk.sends("FlushStageCache")) == (1, 2)


async def test_a_refused_flush_stops_and_says_what_stands(desk: Desk, stage: StageAt) -> None:
    stage.patch(cacheClusterEnabled="true")
    plan = await stage_rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("apigateway", "FlushStageCache", FaultKind.DENY))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    done = desk.read(operation)
    assert f"Stands: stage prod now serves deployment {plan.steps[0].after['deployment']}" in done.text
    assert done.standing == (0,)
    assert done.reversible


@pytest.mark.parametrize("meanwhile", ["deployment", "throttling"])
async def test_a_stage_that_was_changed_meanwhile_voids_the_plan(desk: Desk, stage: StageAt, meanwhile: str) -> None:
    plan = await stage_rollback(desk.environment, desk.clock)
    desk.clock.advance(5)
    if meanwhile == "deployment":
        stage.patch(deploymentId=stage.deploy("somebody's"))
    else:
        boto(desk.account, "apigateway").update_stage(
            **stage.names,
            patchOperations=[{"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "10"}],
        )
    before, already = stage.whole, sends(desk)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert sends(desk) == already
    assert _serving(stage.whole) == _serving(before)
    assert "stage." in desk.read(operation).text


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.HTML_200, FaultKind.HTML_502], ids=lambda kind: kind.value
)
async def test_a_lost_answer_is_resolved_by_reading(desk: Desk, stage: StageAt, kind: FaultKind) -> None:
    bad = stage.deployment
    plan = await stage_rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("apigateway", "UpdateStage", kind))
    operation = desk.order(plan)
    outcome = await desk.carry_out(operation)
    applied = kind is FaultKind.RESET_AFTER
    assert sends(desk) == 1
    assert outcome is (Outcome.RECOVERED if applied else Outcome.FAILED)
    assert stage.deployment == (plan.steps[0].after["deployment"] if applied else bad)


async def test_a_denied_call_fails_and_changes_nothing(desk: Desk, stage: StageAt) -> None:
    bad = stage.deployment
    plan = await stage_rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("apigateway", "UpdateStage", FaultKind.DENY))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert (stage.deployment, sends(desk)) == (bad, 1)
    assert not desk.read(operation).reversible


async def test_moved_since_it_is_not_taken_back(desk: Desk, stage: StageAt) -> None:
    operation = desk.order(await stage_rollback(desk.environment, desk.clock))
    await desk.carry_out(operation)
    stage.patch(deploymentId=stage.deploy("somebody's"))
    situation = await situation_of(desk.environment, desk.clock)
    found = plan_stage_forward(desk.read(operation), situation, desk.environment, SETTINGS, desk.clock.now())
    assert isinstance(found, Refusal)
    assert "moved since" in found.reason


async def test_deployments_are_listed_newest_first_with_the_live_one_marked(desk: Desk, stage: StageAt) -> None:
    older = stage.deploy("an early one that nobody served")
    (api,) = (await situation_of(desk.environment, desk.clock)).apis.value or ()
    created = [one.created for one in api.deployments]
    assert created == sorted(created, key=lambda at: at or desk.clock.now(), reverse=True)
    assert api.deployment == stage.deployment
    assert api.deployments[0].id == older
    plan = await stage_rollback(desk.environment, desk.clock)
    assert [one.name for one in plan.candidates if one.chosen] == [plan.steps[0].after["deployment"]]
    assert older not in [one.name for one in plan.candidates], "it is newer than the live one"
    situation = await situation_of(desk.environment, desk.clock)
    found = plan_stage_rollback(situation, desk.environment, SETTINGS, desk.clock.now(), "nosuch")
    assert isinstance(found, Refusal)
    assert stage.deployment in found.remedy


def _serving(stage: dict[str, object]) -> dict[str, object]:
    kept = ("deploymentId", "canarySettings", "methodSettings", "variables")
    return {name: stage[name] for name in kept if name in stage}


def _errors(desk: Desk) -> float:
    """Server errors of the newest five whole minutes."""
    end = int(desk.clock.now().timestamp()) // 60 * 60
    world = desk.account.state.world
    return sum(world.minute("production", end - 60 * back).errors_5xx for back in range(2, 7))
