"""Two layers in one plan: in the safe order, stopped by the first that fails, taken back in reverse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.actions.layered import plan_layers, plan_undo
from services.executor.taking_up import take_up
from services.model.entry import Operation, Outcome
from services.model.plan import Layer, Plan
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import NO_WAITING, SETTINGS, Desk, planned, situation_of
from tests.contract.stage_support import StageAt
from tests.simulated_support import simulated

BOTH = (Layer.STAGE, Layer.ALIAS)


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """Nine minutes after the start of the bad deployment: it moved the alias and the stage."""
    with simulated("bad-deploy") as opened:
        opened.clock.advance(540)  # type: ignore[attr-defined]  # a ManualClock: `simulated` without one of its own
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    return Desk(account, tmp_path)


@pytest.fixture
def stage(account: SimulatedAccount) -> StageAt:
    return StageAt(account)


async def both(desk: Desk) -> Plan:
    situation = await situation_of(desk.environment, desk.clock)
    return planned(plan_layers(situation, desk.environment, SETTINGS, desk.clock.now(), BOTH))


async def undo(desk: Desk, operation: str) -> Plan:
    situation = await situation_of(desk.environment, desk.clock)
    return planned(plan_undo(desk.read(operation), situation, desk.environment, SETTINGS, desk.clock.now()))


def sent(desk: Desk) -> list[str]:
    return [call.operation for call in desk.account.calls if call.operation in ("UpdateAlias", "UpdateStage")]


def switched(operation: Operation) -> bool:
    return operation.switched is not None


async def test_both_go_back_the_alias_first_and_forward_again_the_stage_first(desk: Desk, stage: StageAt) -> None:
    bad = stage.deployment
    plan = await both(desk)
    assert [step.kind for step in plan.steps] == ["lambda.alias", "api.stage"]
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    assert (desk.live(), stage.deployment) == ("41", plan.steps[1].after["deployment"])
    assert sent(desk) == ["UpdateAlias", "UpdateStage"]
    await desk.carry_out(desk.order(await undo(desk, operation)), until=switched)
    assert (desk.live(), stage.deployment) == ("42", bad)
    assert sent(desk) == ["UpdateAlias", "UpdateStage", "UpdateStage", "UpdateAlias"]


async def test_a_step_that_fails_stops_the_rest_and_says_what_stands(desk: Desk, stage: StageAt) -> None:
    bad = stage.deployment
    plan = await both(desk)
    desk.account.faults.add(Fault("apigateway", "UpdateStage", FaultKind.DENY))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    done = desk.read(operation)
    assert (desk.live(), stage.deployment) == ("41", bad)
    assert "Stands: LIVE is now v41 (was v42)" in done.text
    assert "Nothing was changed" not in done.text
    assert done.reversible
    back = await undo(desk, operation)
    assert [step.kind for step in back.steps] == ["lambda.alias"]
    await desk.carry_out(desk.order(back), until=switched)
    assert desk.live() == "42"


async def test_a_first_step_that_fails_leaves_the_second_undone(desk: Desk, stage: StageAt) -> None:
    bad = stage.deployment
    plan = await both(desk)
    desk.account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.DENY))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    done = desk.read(operation)
    assert (desk.live(), stage.deployment, sent(desk)) == ("42", bad, ["UpdateAlias"])
    assert "Not begun: API  stage prod" in done.text
    assert not done.reversible


async def test_the_second_layer_is_looked_at_again_right_before(desk: Desk, stage: StageAt) -> None:
    """Somebody moves the stage while the alias is on its way: the alias stands, the stage is theirs."""
    plan = await both(desk)
    operation, theirs = desk.order(plan), stage.deploy("somebody's")

    def meanwhile(step: int, point: str) -> None:
        if (step, point) == (0, "reply"):
            stage.patch(deploymentId=theirs)

    assert await _carried(desk, operation, meanwhile) is Outcome.FAILED
    assert (desk.live(), stage.deployment) == ("41", theirs)
    assert "stage.deployment was" in desk.read(operation).text
    assert "Stands: LIVE is now v41" in desk.read(operation).text


async def _carried(desk: Desk, operation: str, crash: object) -> Outcome | None:
    """Carry out with a point of our own; the clock goes on while it sleeps."""
    import asyncio

    task = asyncio.ensure_future(
        take_up(desk.home, operation, clock=desk.clock, pace=NO_WAITING, crash=crash)  # type: ignore[arg-type]  # a test's own point
    )
    while not task.done():
        await asyncio.wait({task}, timeout=0.01)
        if desk.clock.sleepers:
            desk.clock.advance(15)
    return task.result()
