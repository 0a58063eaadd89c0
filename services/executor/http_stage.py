"""`api.http_stage`: which deployment an HTTP API's stage serves, before and after it was moved.

Like a REST API's it has no revision to compare: its deployment and the instant of its last change stand for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions.stage_steps import instant_text
from services.aws import http_apis, stacks
from services.aws.reply import Reply, instant, text
from services.aws.session import Account
from services.executor.stage import plain
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.settings.values import Environment


class HttpStageStep:
    """Reads one stage of one HTTP API."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        stage = await _stage(account, step)
        told = _told(stage) | {"auto_deploy": "true" if stage.get("AutoDeploy") is True else "false"}
        stack = await stacks.describe(account, environment.stack)
        return {f"stage.{name}": value for name, value in told.items()} | {"stack.status": str(stack.status)}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"stage": plain(await _stage(account, step))}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        now = _told(await _stage(account, step))
        shown = f"stage {step.call.parameters.get('StageName', '')}"
        what = f"deployment {now['deployment']}"
        if now["deployment"] == step.after.get("deployment"):
            return Found(Standing.APPLIED, f"{shown} now serves {what} (was {step.before.get('deployment', '?')})", now)
        unmoved = now == {name: step.before.get(name, "") for name in now}
        return Found(Standing.NOT_APPLIED if unmoved else Standing.OTHER, f"{shown} serves {what}", now)

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return _told(reply)


async def _stage(account: Account, step: Step) -> Reply:
    parameters = step.call.parameters
    return await http_apis.stage(account, str(parameters["ApiId"]), str(parameters["StageName"]))


def _told(stage: Reply) -> dict[str, str]:
    return {
        "deployment": str(text(stage, "DeploymentId")),
        "updated": instant_text(instant(stage, "LastUpdatedDate")),
    }
