"""`lambda.alias`: where the alias points, before and after it was moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions.weights import weights_text
from services.aws import functions, stacks
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.functions import Alias
from services.model.plan import Step
from services.problems import AccountError, problem
from services.problems import ProblemKind as Kind
from services.settings.values import Environment


class AliasStep:
    """Reads one alias of one function."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        alias = await _alias(account, step)
        stack = await stacks.describe(account, environment.stack)
        return {
            "alias.version": str(alias.version),
            "alias.weights": weights_text(alias.weights),
            "alias.revision": str(alias.revision_id),
            "stack.status": str(stack.status),
        }

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        alias = await _alias(account, step)
        parameters = {"FunctionName": step.call.parameters["FunctionName"], "Qualifier": str(alias.version)}
        configuration = await account.ask("lambda", "GetFunctionConfiguration", parameters)
        variables = (configuration.get("Environment") or {}).get("Variables") or {}
        kept = ("CodeSha256", "Runtime", "Handler", "MemorySize", "Timeout", "Role", "LastModified", "RevisionId")
        return {
            "alias": _told(alias),
            "configuration": {name: str(configuration[name]) for name in kept if name in configuration},
            "variables": sorted(str(name) for name in variables),
        }

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        alias = await _alias(account, step)
        now = {"version": str(alias.version), "weights": weights_text(alias.weights)}
        text = f"{alias.name} is at v{alias.version}" + (f" with weights {now['weights']}" if now["weights"] else "")
        before = {name: step.before.get(name, "") for name in now}
        if now == {name: step.after.get(name, "") for name in now}:
            standing = Standing.APPLIED
            text = f"{text.replace('is at', 'is now', 1)} (was v{step.before.get('version', '?')})"
        elif now == before and step.before.get("revision", "") == alias.revision_id:
            standing = Standing.NOT_APPLIED
        else:
            standing = Standing.OTHER
        return Found(standing, text, _told(alias))

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        routing = reply.get("RoutingConfig")
        weights = routing.get("AdditionalVersionWeights") if isinstance(routing, Mapping) else None
        return {
            "version": str(reply.get("FunctionVersion", "")),
            "weights": {str(version): share for version, share in (weights or {}).items()},
            "revision": str(reply.get("RevisionId", "")),
        }


async def _alias(account: Account, step: Step) -> Alias:
    function, name = str(step.call.parameters["FunctionName"]), str(step.call.parameters["Name"])
    found = await functions.alias(account, function, name)
    if found is None:
        raise AccountError(problem(Kind.NOT_FOUND, f"there is no alias {name} of {function} any more"))
    return found


def _told(alias: Alias) -> dict[str, Any]:
    return {
        "version": str(alias.version),
        "weights": weights_text(alias.weights),
        "revision": str(alias.revision_id),
    }
