"""The stage of an HTTP API, the Order Desk's, rolled back through the executor and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.actions.by_hand import by_hand
from services.actions.stage import plan_stage_forward, plan_stage_rollback
from services.aws import http_apis, stacks
from services.aws.identity import whoami
from services.aws.session import Account
from services.executor.crash import POINTS
from services.executor.taking_up import take_up
from services.model.entry import Outcome, Phase
from services.model.plan import Plan, Refusal
from services.model.reading import Reading
from services.model.situation import Situation
from services.settings import Settings
from services.settings.loading import at_endpoint, parse
from services.simulated.account import SimulatedAccount
from services.simulated.desk.estate import desk
from tests.contract.executor_support import NO_WAITING, Desk, planned, text_of
from tests.simulated_support import boto, manual, simulated

OURS = desk(1)
SETTINGS: Settings = parse(
    b"""
system = "Order Desk"
[[environments]]
name = "orders"
stack = "OrderDesk-production"
region = "eu-central-1"
""",
    "a test",
)


class HttpStage(Desk):
    """A desk in front of the Order Desk's API."""

    def __init__(self, account: SimulatedAccount, path: Path) -> None:
        super().__init__(account, path, at_endpoint(SETTINGS.environments[0], account.endpoint))
        self.client: Any = boto(account, "apigatewayv2", OURS.region)
        self.names = {"ApiId": OURS.api, "StageName": OURS.stage}

    @property
    def whole(self) -> dict[str, Any]:
        return dict(self.client.get_stage(**self.names))

    @property
    def serves(self) -> str:
        return str(self.whole["DeploymentId"])

    def deploy(self, description: str) -> str:
        """Somebody turns AutoDeploy off and deploys what turns out to be bad; its id."""
        self.client.update_stage(**self.names, AutoDeploy=False)
        manual(self.account).advance(60)
        made = self.client.create_deployment(**self.names, Description=description)
        manual(self.account).advance(240)
        return str(made["DeploymentId"])

    async def situation(self) -> Situation:
        asked, now = Account(self.environment, self.clock), self.clock.now()
        try:
            feeds = {
                "identity": await whoami(asked),
                "stack": await stacks.describe(asked, self.environment.stack),
                "apis": (await http_apis.describe(asked, OURS.api),),
            }
        finally:
            await asked.close()
        found = Situation(self.environment.name, now, self.environment.endpoint_url)
        for feed, value in feeds.items():
            found = found.folded(feed, Reading(value, now, now), now)
        return found

    async def rollback(self, target: str = "") -> Plan | Refusal:
        return plan_stage_rollback(await self.situation(), self.environment, SETTINGS, self.clock.now(), target)

    async def forward(self, operation: str) -> Plan | Refusal:
        seen = await self.situation()
        return plan_stage_forward(self.read(operation), seen, self.environment, SETTINGS, self.clock.now())


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[HttpStage]:
    with simulated("calm") as account:
        yield HttpStage(account, tmp_path)


async def test_a_stage_that_deploys_by_itself_is_refused_with_what_lifts_it(stage: HttpStage) -> None:
    found = await stage.rollback()
    assert isinstance(found, Refusal)
    assert "deploys by itself (AutoDeploy)" in found.reason
    assert f"aws apigatewayv2 update-stage --region {OURS.region} --api-id {OURS.api}" in found.remedy
    assert "--no-auto-deploy" in found.remedy
    with pytest.raises(stage.client.exceptions.BadRequestException, match="AutoDeploy is enabled"):
        stage.client.update_stage(**stage.names, DeploymentId=stage.serves)


async def test_it_serves_the_deployment_before_and_is_taken_back(stage: HttpStage) -> None:
    good = stage.serves
    bad = stage.deploy("what went wrong")
    plan = planned(await stage.rollback())
    (api,) = (await stage.situation()).apis.value or ()
    assert [str(one.id) for one in api.deployments] == [bad, good], "newest first"
    assert (str(api.deployment), api.auto_deploy) == (bad, False)
    assert [one.name for one in plan.candidates if one.chosen] == [good]
    (step,) = plan.steps
    assert (step.call.service, step.call.operation) == ("apigatewayv2", "UpdateStage")
    assert step.call.parameters == {**stage.names, "DeploymentId": good}
    already, operation = stage.sends("UpdateStage"), stage.order(plan)
    assert await stage.carry_out(operation) is Outcome.RECOVERED
    assert (stage.serves, stage.sends("UpdateStage") - already) == (good, 1)
    done = stage.read(operation)
    assert text_of(done, Phase.APPLIED) == f"stage {OURS.stage} now serves deployment {good} (was {bad})"
    hand = by_hand(done)
    assert hand.look[0].command.startswith("aws apigatewayv2 get-stage ")
    assert f"--deployment-id {bad}" in hand.undo[0].command
    undo = stage.order(planned(await stage.forward(operation)))
    await stage.carry_out(undo, until=lambda one: one.switched is not None)
    assert (stage.serves, stage.sends("UpdateStage") - already) == (bad, 2)


@pytest.mark.parametrize("meanwhile", ["deployment", "auto_deploy"])
async def test_a_stage_that_was_changed_meanwhile_voids_the_plan(stage: HttpStage, meanwhile: str) -> None:
    stage.deploy("what went wrong")
    plan = planned(await stage.rollback())
    stage.clock.advance(5)
    if meanwhile == "deployment":
        stage.client.create_deployment(**stage.names, Description="somebody's")
    else:
        stage.client.update_stage(**stage.names, AutoDeploy=True)
    before, already = stage.whole, stage.sends("UpdateStage")
    operation = stage.order(plan)
    assert await stage.carry_out(operation) is Outcome.VOID
    assert (stage.serves, stage.sends("UpdateStage")) == (before["DeploymentId"], already)
    assert "stage." in stage.read(operation).text


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


@pytest.mark.parametrize("point", ["intent", "sent", "verifying"])
async def test_killed_it_is_resumed_without_a_second_call(stage: HttpStage, point: str) -> None:
    assert point in POINTS
    good = stage.serves
    stage.deploy("what went wrong")
    already, operation = stage.sends("UpdateStage"), stage.order(planned(await stage.rollback()))

    def crash(step: int, at: str) -> None:
        if at == point:
            raise Killed

    import asyncio

    task = asyncio.ensure_future(take_up(stage.home, operation, clock=stage.clock, pace=NO_WAITING, crash=crash))
    while not task.done():
        await asyncio.wait({task}, timeout=0.01)
        if stage.clock.sleepers:
            stage.clock.advance(15)
    with pytest.raises(Killed):
        task.result()
    assert await stage.carry_out(operation) is Outcome.RECOVERED
    assert (stage.serves, stage.sends("UpdateStage") - already) == (good, 1)
