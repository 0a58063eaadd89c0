"""`lambda.version`: one published version, deleted. Its number is never given to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions.version_holders import holders_of
from services.aws import apis, http_apis, stacks, version_uses
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.apis import ApiKind
from services.model.plan import Step
from services.settings.values import Environment


class VersionStep:
    """Reads one version, and all that may point at it."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        function, number = _named(step)
        found = await version_uses.version(account, function, number)
        held = holders_of(await version_uses.holders(account, function), await _integrations(account, step))
        stack = await stacks.describe(account, environment.stack)
        return {
            "version.sha": str(found.sha) if found is not None else "",
            "version.used": ", ".join(held.get(number, ())),
            "stack.status": str(stack.status),
        }

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        function, number = _named(step)
        return {"function": function, "version": number, "sha": step.before.get("sha", "")}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        function, number = _named(step)
        found = await version_uses.version(account, function, number)
        if found is None:
            return Found(Standing.APPLIED, f"v{number} of {function} is deleted", {"status": "deleted"})
        return Found(Standing.NOT_APPLIED, f"v{number} of {function} is there", {"status": "there"})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {}  # the service answers with nothing


def _named(step: Step) -> tuple[str, int]:
    return str(step.call.parameters["FunctionName"]), int(str(step.call.parameters["Qualifier"]))


async def _integrations(account: Account, step: Step) -> list[str]:
    """What the stack's APIs call now; the plan names the APIs."""
    found: list[str] = []
    for kind, _, api in (named.partition("/") for named in step.before.get("apis", "").split()):
        describe = apis.describe if kind == ApiKind.REST.value else http_apis.describe
        found.extend((await describe(account, api)).integrations)
    return found
