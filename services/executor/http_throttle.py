"""`api.http_throttle`: what an HTTP API's stage lets in, for all routes and for each that has its own limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions.throttles import described
from services.aws import http_apis
from services.aws.reply import Reply
from services.aws.session import Account
from services.executor.stage import plain
from services.executor.standing import Found, standing
from services.model.apis import route_limits
from services.model.plan import Step
from services.settings.values import Environment


class HttpThrottleStep:
    """Reads one stage of one HTTP API."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {"stage.routes": str(http_apis.routes_of(await _stage(account, step)))}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"stage": plain(await _stage(account, step))}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        now = route_limits(http_apis.routes_of(await _stage(account, step)))
        told = f"stage {step.call.parameters['StageName']} lets in {described(now)}"
        return Found(standing(now, step.before["throttle"], step.after["throttle"]), told, {"throttle": now})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"throttle": route_limits(http_apis.routes_of(reply))}


async def _stage(account: Account, step: Step) -> Reply:
    return await http_apis.stage(account, step.call.api, str(step.call.parameters["StageName"]))
