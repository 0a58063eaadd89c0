"""`edge.invalidation`: found by its reference, which is made of the operation's id and so is nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aws import edge
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.edge import Invalidation
from services.model.plan import Step
from services.settings.values import Environment


class InvalidationStep:
    """Reads the invalidations of one distribution."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        distribution = await edge.describe(account, _distribution(step))
        return {
            "distribution.enabled": "true" if distribution.enabled else "false",
            "distribution.status": str(distribution.status),
        }

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        found = await edge.describe(account, _distribution(step))
        return {"status": str(found.status), "in_progress": found.in_progress}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        distribution = _distribution(step)
        if known.get("id"):
            return _found(await edge.invalidation(account, distribution, str(known["id"])))
        for one in await edge.invalidations(account, distribution):
            if one.reference == reference(step):
                return _found(one)
        return Found(Standing.NOT_APPLIED, f"no invalidation has the reference {reference(step)}", {})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        about = reply.get("Invalidation")
        if not isinstance(about, Mapping):
            return {}
        return {"id": str(about.get("Id", "")), "status": str(about.get("Status", ""))}


def reference(step: Step) -> str:
    """The step's CallerReference."""
    batch = step.call.parameters.get("InvalidationBatch")
    return str(batch.get("CallerReference", "")) if isinstance(batch, Mapping) else ""


def _distribution(step: Step) -> str:
    return str(step.call.parameters["DistributionId"])


def _found(one: Invalidation) -> Found:
    return Found(Standing.APPLIED, f"invalidation {one.id} is {one.status}", {"id": str(one.id), "status": one.status})
