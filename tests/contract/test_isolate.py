"""The API closed to everybody and opened again, by its throttle and by the runbook's policy, felt from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.actions.by_hand import by_hand
from services.actions.isolate import Way, plan_isolation
from services.actions.layered import plan_undo
from services.actions.stage import plan_stage_rollback
from services.model.alerts import AlertState
from services.model.apis import ApiKind
from services.model.entry import Operation, Outcome, Phase
from services.model.plan import Grade, Plan, Refusal
from services.model.reading import Reading
from services.model.situation import Situation
from services.model.witness import Probe, Probes
from services.probes.health import probe
from services.rules import judge
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.contract.stage_support import StageAt
from tests.simulated_support import boto, simulated

ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", '
ALLOW += '"Resource": "execute-api:/*"}]}'


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    account.faults.clear()
    return Desk(account, tmp_path)


async def situation(desk: Desk, *operations: Operation) -> Situation:
    """As it is now, with a health check of this moment and what the journal holds."""
    found, now = await situation_of(desk.environment, desk.clock), desk.clock.now()
    found = found.folded("operations", Reading(operations, now, now), now)
    return found.folded("probes", Reading(Probes((await seen(desk),)), now, now), now)


async def seen(desk: Desk) -> Probe:
    return await probe(desk.environment, desk.clock)


async def isolation(desk: Desk, way: Way = Way.THROTTLE) -> Plan:
    return planned(plan_isolation(await situation(desk), desk.environment, SETTINGS, desk.clock.now(), way))


async def taken_back(desk: Desk, operation: str) -> Plan:
    done = desk.read(operation)
    return planned(plan_undo(done, await situation(desk, done), desk.environment, SETTINGS, desk.clock.now()))


def throttles(stage: StageAt) -> dict[str, tuple[float, int]]:
    settings = stage.whole["methodSettings"]
    return {key: (one["throttlingRateLimit"], one["throttlingBurstLimit"]) for key, one in settings.items()}


async def test_by_throttle_every_method_is_refused_until_the_saved_values_are_put_back(desk: Desk) -> None:
    stage = StageAt(desk.account)
    stage.patch(**{"~1health__GET__throttling__rateLimit": "50", "~1health__GET__throttling__burstLimit": "7"})
    before = throttles(stage)
    assert before == {"*/*": (100.0, 200), "~1health/GET": (50.0, 7)}
    plan = await isolation(desk)
    assert plan.grade is Grade.TYPED
    assert [step.call.operation for step in plan.steps] == ["UpdateStage"]
    assert (await seen(desk)).ok
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert throttles(stage) == dict.fromkeys(before, (0.0, 0))
    assert (await seen(desk)).status == 429
    assert "ISOLATED: the health address is refused, HTTP 429" in text_of(desk.read(operation), Phase.DONE)

    back = desk.order(await taken_back(desk, operation))
    assert await desk.carry_out(back) is Outcome.COMPLETED
    assert throttles(stage) == before
    assert (await seen(desk)).ok
    assert "open again: the health address is answered, HTTP 200" in text_of(desk.read(back), Phase.DONE)


@pytest.mark.runbook("R250")
async def test_by_policy_the_old_one_is_saved_the_denying_one_deployed_proved_and_put_back(desk: Desk) -> None:
    api, client = StageAt(desk.account).names["restApiId"], boto(desk.account, "apigateway")
    client.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/policy", "value": ALLOW}])
    saved = (await situation(desk)).apis.value
    plan = await isolation(desk, Way.POLICY)
    assert plan.grade is Grade.TYPED
    assert any("publishes every pending edit" in note for note in plan.notes if note.startswith("WARNING"))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    sent = [call for call in desk.account.calls if call.operation in ("UpdateRestApi", "CreateDeployment")][-2:]
    assert [call.operation for call in sent] == ["UpdateRestApi", "CreateDeployment"]
    assert sent[1].parameters["stageName"] == "prod"
    assert (await seen(desk)).status == 403
    assert "ISOLATED: the health address is refused, HTTP 403" in text_of(desk.read(operation), Phase.DONE)

    isolated = await situation(desk, desk.read(operation))
    assert isolated.witness.isolated_since == desk.read(operation).switched
    refused = plan_stage_rollback(isolated, desk.environment, SETTINGS, desk.clock.now())
    assert isinstance(refused, Refusal)
    assert "isolated on purpose" in refused.reason

    alert = next(one for one in judge(isolated, SETTINGS, desk.clock.now()).alerts if one.key == "trigger.health")
    assert alert.state is AlertState.UNOBSERVABLE
    assert "suspended: the API is isolated on purpose" in alert.sentence

    assert saved is not None
    moved, policy = by_hand(desk.read(operation)).undo
    assert f'"path":"/deploymentId","value":"{plan.steps[1].before["deployment"]}"' in moved.command
    assert '"Allow"' in policy.command.replace("\\", "")
    assert await desk.carry_out(desk.order(await taken_back(desk, operation))) is Outcome.COMPLETED
    there = (await situation(desk)).apis.value
    assert there is not None
    assert there[0].policy == saved[0].policy != ""
    assert (await seen(desk)).ok
    client.update_rest_api(restApiId=api, patchOperations=[{"op": "remove", "path": "/policy"}])


async def test_a_policy_whose_deployment_fails_is_not_called_isolated_and_is_taken_back(desk: Desk) -> None:
    desk.account.faults.add(Fault("apigateway", "CreateDeployment", FaultKind.DENY, times=1))
    operation = desk.order(await isolation(desk, Way.POLICY))
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert "Stands: the policy" in desk.read(operation).text
    assert (await seen(desk)).ok
    desk.clock.advance(60)
    found = await situation(desk, desk.read(operation))
    assert found.apis.value is not None
    assert found.apis.value[0].denied
    assert found.witness.isolated_since is None
    plan = await taken_back(desk, operation)
    assert [step.call.operation for step in plan.steps] == ["UpdateRestApi"]
    assert await desk.carry_out(desk.order(plan)) is Outcome.COMPLETED
    apis = (await situation(desk)).apis.value
    assert apis is not None
    assert not apis[0].isolated


async def test_lost_answers_are_resolved_by_reading_and_no_call_is_made_twice(desk: Desk) -> None:
    for name in ("UpdateRestApi", "CreateDeployment"):
        desk.account.faults.add(Fault("apigateway", name, FaultKind.RESET_AFTER, times=1))
    before = desk.sends("UpdateRestApi"), desk.sends("CreateDeployment")
    operation = desk.order(await isolation(desk, Way.POLICY))
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert (desk.sends("UpdateRestApi"), desk.sends("CreateDeployment")) == (before[0] + 1, before[1] + 1)
    assert await desk.carry_out(desk.order(await taken_back(desk, operation))) is Outcome.COMPLETED


async def test_a_throttle_that_somebody_changed_since_voids_the_plan_and_refuses_the_way_back(desk: Desk) -> None:
    stage, plan = StageAt(desk.account), await isolation(desk)
    path = {"*__*__throttling__rateLimit": "90"}
    stage.patch(**path)
    before = desk.sends("UpdateStage")
    assert await desk.carry_out(desk.order(plan)) is Outcome.VOID
    assert desk.sends("UpdateStage") == before
    operation = desk.order(await isolation(desk))
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    again = plan_isolation(await situation(desk), desk.environment, SETTINGS, desk.clock.now())
    assert isinstance(again, Refusal)
    assert "isolated already" in again.reason
    stage.patch(**path)
    done = desk.read(operation)
    refused = plan_undo(done, await situation(desk, done), desk.environment, SETTINGS, desk.clock.now())
    assert isinstance(refused, Refusal)
    assert "changed since" in refused.reason
    stage.patch(**dict.fromkeys(path, "0"))
    assert await desk.carry_out(desk.order(await taken_back(desk, operation))) is Outcome.COMPLETED


async def test_while_it_is_closed_the_apis_own_metrics_count_what_is_refused_and_no_function_runs(desk: Desk) -> None:
    operation = desk.order(await isolation(desk))
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    start = int(desk.clock.now().timestamp()) // 60 * 60 + 60
    desk.clock.advance(180)
    minute = desk.account.state.world.minute("production", start)
    assert minute.errors_4xx == minute.requests > 0
    assert not minute.versions
    assert await desk.carry_out(desk.order(await taken_back(desk, operation))) is Outcome.COMPLETED
    start = int(desk.clock.now().timestamp()) // 60 * 60 + 60
    minute = desk.account.state.world.minute("production", start)
    assert minute.errors_4xx < minute.requests / 4


async def test_a_websocket_api_and_a_stage_with_a_canary_are_refused_with_what_helps(desk: Desk) -> None:
    found = await situation(desk)
    assert found.apis.value is not None
    other = msgspec.structs.replace(found.apis.value[0], kind=ApiKind.WEBSOCKET)
    told = found.folded("apis", Reading((other,), found.now, found.now), found.now)
    refused = plan_isolation(told, desk.environment, SETTINGS, desk.clock.now())
    assert isinstance(refused, Refusal)
    assert "aws apigatewayv2 update-stage" in refused.remedy
    stage = StageAt(desk.account)
    made = stage.deploy("canary")
    stage.patch(canarySettings__deploymentId=made, canarySettings__percentTraffic="10")
    held = plan_isolation(await situation(desk), desk.environment, SETTINGS, desk.clock.now(), Way.POLICY)
    assert isinstance(held, Refusal)
    assert "canary" in held.reason
    boto(desk.account, "apigateway").update_stage(
        **stage.names, patchOperations=[{"op": "remove", "path": "/canarySettings"}]
    )
