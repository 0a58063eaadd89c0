"""The stage of production's API in the simulated account: where it is, and what others do to it."""

from __future__ import annotations

from typing import Any

from services.actions.stage import plan_stage_rollback
from services.clock import Clock
from services.model.plan import Plan
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import SETTINGS, planned, situation_of
from tests.simulated_support import boto


async def stage_rollback(environment: Environment, clock: Clock, target: str = "") -> Plan:
    situation = await situation_of(environment, clock)
    return planned(plan_stage_rollback(situation, environment, SETTINGS, clock.now(), target))


class StageAt:
    """Production's stage, by boto: the account's own word."""

    def __init__(self, account: SimulatedAccount) -> None:
        self.account = account
        estate = account.state.estate.environment("production")
        self.names = {"restApiId": estate.api_id, "stageName": estate.stage}

    @property
    def whole(self) -> dict[str, Any]:
        return dict(boto(self.account, "apigateway").get_stage(**self.names))

    @property
    def deployment(self) -> str:
        return str(self.whole["deploymentId"])

    def patch(self, **paths: str) -> None:
        """Somebody else changes the stage; `deploymentId="abc"`, `canarySettings__percentTraffic="10"`."""
        operations = [
            {"op": "replace", "path": "/" + path.replace("__", "/"), "value": value} for path, value in paths.items()
        ]
        boto(self.account, "apigateway").update_stage(**self.names, patchOperations=operations)

    def deploy(self, description: str = "") -> str:
        """A deployment that no stage serves yet."""
        made = boto(self.account, "apigateway").create_deployment(
            restApiId=self.names["restApiId"], description=description
        )
        return str(made["id"])
