"""`api.stage` and `api.cache`: which deployment the API's stage serves, before and after it was moved.

A stage has no revision to compare: its deployment, its canary and the instant of its last change stand for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.actions.stage_steps import instant_text
from services.aws import apis, stacks
from services.aws.reply import Reply, instant, text
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.settings.values import Environment


class StageStep:
    """Reads one stage of one API."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        told = _told(await _stage(account, step))
        stack = await stacks.describe(account, environment.stack)
        return {f"stage.{name}": value for name, value in told.items()} | {"stack.status": str(stack.status)}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"stage": plain(await _stage(account, step))}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        now = _told(await _stage(account, step))
        serves = {name: now[name] for name in ("deployment", "canary")}
        shown = f"stage {step.call.parameters.get('stageName', '')}"
        what = f"deployment {now['deployment']}" + (" and a canary" if now["canary"] else "")
        if serves == {name: step.after.get(name, "") for name in serves}:
            before = step.before.get("deployment", "?")
            was = "had a canary" if before == now["deployment"] else f"was {before}"
            return Found(Standing.APPLIED, f"{shown} now serves {what} ({was})", now)
        unmoved = now == {name: step.before.get(name, "") for name in now}
        return Found(Standing.NOT_APPLIED if unmoved else Standing.OTHER, f"{shown} serves {what}", now)

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return _told(reply)


class CacheStep:
    """Flushing a stage's cache: nothing tells later whether it was done, so its answer is all there is."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        if "flushed" in known:
            return Found(Standing.APPLIED, "the stage's cache was flushed", {"flushed": True})
        return Found(Standing.NOT_APPLIED, "no answer tells of the flush", {})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"flushed": True}


async def _stage(account: Account, step: Step) -> Reply:
    parameters = step.call.parameters
    return await apis.stage(account, str(parameters["restApiId"]), str(parameters["stageName"]))


def _told(stage: Reply) -> dict[str, str]:
    canary = apis.canary_of(stage)
    return {
        "deployment": str(text(stage, "deploymentId")),
        "canary": str(canary.text) if canary is not None else "",
        "updated": instant_text(instant(stage, "lastUpdatedDate")),
    }


def plain(value: Any) -> Any:
    """A reply as the journal keeps it: instants as text, without what is about the answer itself."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
