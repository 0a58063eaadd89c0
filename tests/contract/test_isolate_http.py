"""An HTTP API closed to everybody and opened again, by the limits of its stage, felt from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.actions.by_hand import by_hand
from services.actions.isolate import Way, plan_isolation, ways
from services.actions.layered import plan_undo
from services.executor.calls import NotAllowed, Sender
from services.executor.taking_up import take_up
from services.model.apis import Api, ApiKind
from services.model.entry import Outcome, Phase
from services.model.plan import Call, Plan, Refusal
from services.model.reading import Reading
from services.probes.health import probe
from services.safe_text import SafeText
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import NO_WAITING, planned, text_of
from tests.contract.test_executor_http_stage import OURS, SETTINGS, HttpStage, Killed
from tests.simulated_support import simulated

OWN = "POST /orders"
"""A route with limits of its own."""


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def stage(account: SimulatedAccount, tmp_path: Path) -> HttpStage:
    account.faults.clear()
    made = HttpStage(account, tmp_path)
    health = f"https://{OURS.api}.execute-api.{OURS.region}.amazonaws.com/health"
    made.environment = msgspec.structs.replace(made.environment, health_url=health)
    return made


async def isolation(stage: HttpStage) -> Plan:
    return planned(plan_isolation(await stage.situation(), stage.environment, SETTINGS, stage.clock.now()))


async def taken_back(stage: HttpStage, operation: str) -> Plan:
    done, now = stage.read(operation), stage.clock.now()
    seen = (await stage.situation()).folded("operations", Reading((done,), now, now), now)
    return planned(plan_undo(done, seen, stage.environment, SETTINGS, now))


def limits(stage: HttpStage) -> dict[str, Any]:
    """Of all routes, and of the one with its own."""
    whole = stage.whole
    own = whole.get("RouteSettings", {}).get(OWN, {})
    names = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
    return {"all": [whole["DefaultRouteSettings"].get(name) for name in names], OWN: [own.get(name) for name in names]}


async def status(stage: HttpStage) -> int:
    return (await probe(stage.environment, stage.clock)).status


async def test_every_route_is_refused_until_the_limits_are_put_back_and_where_there_were_none_the_accounts(
    stage: HttpStage,
) -> None:
    own = {"ThrottlingRateLimit": 50.0, "ThrottlingBurstLimit": 7, "DetailedMetricsEnabled": True}
    stage.client.update_stage(**stage.names, RouteSettings={OWN: own})
    assert limits(stage) == {"all": [None, None], OWN: [50.0, 7]}
    plan = await isolation(stage)
    assert any("has no limit of its own" in note and "10000/s, burst 5000" in note for note in plan.notes)
    before, already = await status(stage), stage.sends("UpdateStage")
    operation = stage.order(plan)
    assert await stage.carry_out(operation) is Outcome.COMPLETED
    assert (before, await status(stage)) == (200, 429)
    assert limits(stage) == {"all": [0.0, 0], OWN: [0.0, 0]}
    assert stage.whole["RouteSettings"][OWN]["DetailedMetricsEnabled"] is True
    assert "ISOLATED: the health address is refused, HTTP 429" in text_of(stage.read(operation), Phase.DONE)

    (api,) = (await stage.situation()).apis.value or ()
    assert api.isolated
    again = plan_isolation(await stage.situation(), stage.environment, SETTINGS, stage.clock.now())
    assert isinstance(again, Refusal)
    assert "isolated already" in again.reason
    line = by_hand(stage.read(operation)).undo[0].command
    assert line.startswith("aws apigatewayv2 update-stage ")
    assert "10000" in line

    back = stage.order(await taken_back(stage, operation))
    assert await stage.carry_out(back) is Outcome.COMPLETED
    assert limits(stage) == {"all": [10_000.0, 5_000], OWN: [50.0, 7]}
    assert await status(stage) == 200
    assert stage.sends("UpdateStage") - already == 2


async def test_while_it_is_closed_what_is_refused_is_counted_and_no_function_runs(stage: HttpStage) -> None:
    operation = stage.order(await isolation(stage))
    assert await stage.carry_out(operation) is Outcome.COMPLETED
    start, world = int(stage.clock.now().timestamp()) // 60 * 60 + 60, stage.account.state.desk
    assert world.refused(start) == world.requests(start) > 0
    assert not any(world.of_function(one, start).calls for one in world.desk.routed)
    assert await stage.carry_out(stage.order(await taken_back(stage, operation))) is Outcome.COMPLETED
    later = int(stage.clock.now().timestamp()) // 60 * 60 + 60
    assert world.refused(later) < world.requests(later) / 4


async def test_limits_that_somebody_changed_void_the_plan(stage: HttpStage) -> None:
    plan = await isolation(stage)
    stage.client.update_stage(**stage.names, DefaultRouteSettings={"ThrottlingRateLimit": 9.5})
    already = stage.sends("UpdateStage")
    assert await stage.carry_out(stage.order(plan)) is Outcome.VOID
    assert stage.sends("UpdateStage") == already


@pytest.mark.parametrize("point", ["intent", "sent", "reply", "verifying"])
async def test_killed_it_is_resumed_without_a_second_call_and_taken_back(stage: HttpStage, point: str) -> None:
    already, operation = stage.sends("UpdateStage"), stage.order(await isolation(stage))

    def crash(step: int, at: str) -> None:
        if at == point:
            raise Killed

    task = asyncio.ensure_future(take_up(stage.home, operation, clock=stage.clock, pace=NO_WAITING, crash=crash))
    while not task.done():
        await asyncio.wait({task}, timeout=0.01)
        if stage.clock.sleepers:
            stage.clock.advance(15)
    with pytest.raises(Killed):
        task.result()
    assert await stage.carry_out(operation) is Outcome.COMPLETED
    assert stage.sends("UpdateStage") - already == 1
    assert await status(stage) == 429
    assert await stage.carry_out(stage.order(await taken_back(stage, operation))) is Outcome.COMPLETED
    assert await status(stage) == 200


def test_of_several_apis_each_is_offered_by_its_ways_and_what_is_closed_already_is_not() -> None:
    rest, http, socket, shut = (
        Api(SafeText(kind), SafeText(kind), SafeText("prod"), kind=ApiKind(kind), shut=closed)
        for kind, closed in (("REST", False), ("HTTP", False), ("WEBSOCKET", False), ("REST", True))
    )
    found = [(str(api.id), way) for api, way in ways((rest, http, socket, shut))]
    assert found == [("REST", Way.THROTTLE), ("REST", Way.POLICY), ("HTTP", Way.THROTTLE)]


async def test_it_has_no_policy_and_nothing_else_of_a_stage_is_sent(stage: HttpStage) -> None:
    refused = plan_isolation(
        await stage.situation(), stage.environment, SETTINGS, stage.clock.now(), Way.POLICY, api=OURS.api
    )
    assert isinstance(refused, Refusal)
    assert "no resource policy" in refused.reason
    more = {**stage.names, "DefaultRouteSettings": {}, "AutoDeploy": False}
    with pytest.raises(NotAllowed):
        await Sender(None).send(Call("apigatewayv2", "UpdateStage", OURS.region, more))  # type: ignore[arg-type]  # never asked
