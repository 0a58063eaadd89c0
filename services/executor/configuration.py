"""`lambda.configuration`: memory and timeout of `$LATEST`, guarded by its revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aws import functions, stacks
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.functions import Function
from services.model.plan import Step
from services.settings.values import Environment


class ConfigurationStep:
    """Reads one function."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        function = await _function(account, step)
        stack = await stacks.describe(account, environment.stack)
        return {"function.revision": str(function.revision_id), "stack.status": str(stack.status)}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return _told(await _function(account, step))

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        function = await _function(account, step)
        now = {"MemorySize": str(function.memory_mb), "Timeout": str(function.timeout_s)}
        text = f"{function.name} has {function.memory_mb} MB and {function.timeout_s} s"
        if all(step.after[name] == value for name, value in now.items() if name in step.after):
            return Found(Standing.APPLIED, f"{text}, update {function.update_status}", _told(function))
        unmoved = step.before.get("revision", "") == function.revision_id
        return Found(Standing.NOT_APPLIED if unmoved else Standing.OTHER, text, _told(function))

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {name: str(reply.get(name, "")) for name in ("MemorySize", "Timeout", "RevisionId", "LastUpdateStatus")}


async def _function(account: Account, step: Step) -> Function:
    return await functions.describe(account, str(step.call.parameters["FunctionName"]))


def _told(function: Function) -> dict[str, Any]:
    return {
        "memory_mb": function.memory_mb,
        "timeout_s": function.timeout_s,
        "revision": str(function.revision_id),
        "status": str(function.update_status),
    }
