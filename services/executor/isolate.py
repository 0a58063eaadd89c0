"""`api.throttle`, `api.policy`, `api.deployment`: what closes an API and opens it again, and the proof of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.actions.isolate_steps import REFUSED
from services.actions.policy_text import canonical
from services.actions.throttles import described
from services.aws import apis
from services.aws.reply import Reply, text
from services.aws.session import Account
from services.executor.pausing import pause
from services.executor.record import Work
from services.executor.stage import plain
from services.executor.standing import Found, Standing, standing
from services.model.entry import Outcome
from services.model.plan import Step
from services.model.witness import Probe
from services.probes.health import probe
from services.settings.values import Environment

CLOSED = (403, 429)
"""What an API answers by itself while it lets nobody in."""

PATIENCE = timedelta(minutes=3)
"""The account's time for a changed stage to be felt."""


class ThrottleStep:
    """What a stage lets in."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {"stage.throttle": str(apis.throttle_of(await _stage(account, step)))}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"stage": plain(await _stage(account, step))}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        now = str(apis.throttle_of(await _stage(account, step)))
        told = f"stage {step.call.parameters['stageName']} lets in {described(now)}"
        return Found(standing(now, step.before["throttle"], step.after["throttle"]), told, {"throttle": now})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"throttle": str(apis.throttle_of(reply))}


class PolicyStep:
    """The resource policy of an API, whatever is deployed of it."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {"api.policy": canonical(await _policy(account, step))}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"policy": str(await _policy(account, step))}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        now = canonical(await _policy(account, step))
        stands = standing(now, canonical(step.before["policy"]), step.after["policy"])
        word = "the wanted one" if stands is Standing.APPLIED else "another one" if now else "none"
        return Found(stands, f"the policy of API {step.call.parameters['restApiId']} is {word}", {"policy": now})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"policy": canonical(apis.policy_of(reply))}


class DeploymentStep:
    """A deployment made for a stage: found again by its description, which is the operation's token."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {"stage.deployment": str(text(await _stage(account, step), "deploymentId"))}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"stage": plain(await _stage(account, step))}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        served = str(text(await _stage(account, step), "deploymentId"))
        told = f"stage {step.call.parameters['stageName']} serves deployment {served}"
        if served == step.before["deployment"]:
            return Found(Standing.NOT_APPLIED, told, {"deployment": served})
        made = await apis.deployment(account, str(step.call.parameters["restApiId"]), served)
        ours = made.description == step.call.parameters["description"]
        return Found(Standing.APPLIED if ours else Standing.OTHER, told, {"deployment": served})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"deployment": str(text(reply, "id"))}


async def felt(work: Work, switched: datetime) -> tuple[Outcome, str]:
    """Ask the health address until it is answered as the plan wants it. Raises Left."""
    if not work.environment.health_url:
        return Outcome.INCONCLUSIVE, "applied; no health address is configured by which it could be proved"
    closing = any(step.after.get("health") == REFUSED for _, step in work.steps)
    while True:
        seen = await probe(work.environment, work.clock)
        if (seen.status in CLOSED) if closing else seen.ok:
            word = (
                "ISOLATED: the health address is refused" if closing else "open again: the health address is answered"
            )
            return Outcome.COMPLETED, f"{word}, {seen.note}"
        if work.clock.now() - switched > PATIENCE:
            return _unfelt(closing, seen)
        await pause(work, work.pace.poll_s)


def _unfelt(closing: bool, seen: Probe) -> tuple[Outcome, str]:
    told = seen.note or "no answer"
    if closing and seen.ok:
        return (
            Outcome.FAILED,
            f"NOT isolated: the health address still answers {told}. What was sent stands; z takes it back",
        )
    if not closing and seen.status in CLOSED:
        return Outcome.FAILED, f"NOT open again: the health address is still refused, {told}"
    return Outcome.INCONCLUSIVE, f"applied; the health address proves nothing: {told}"


async def _stage(account: Account, step: Step) -> Reply:
    return await apis.stage(account, str(step.call.parameters["restApiId"]), str(step.call.parameters["stageName"]))


async def _policy(account: Account, step: Step) -> str:
    return str(await apis.policy(account, str(step.call.parameters["restApiId"])))
