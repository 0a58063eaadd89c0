"""`logs.retention`: how long a log group keeps its events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions.retention import kept
from services.aws.logs import describe_groups
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.logs import LogGroup
from services.model.plan import Step
from services.problems import AccountError, problem
from services.problems import ProblemKind as Kind
from services.settings.values import Environment


class RetentionStep:
    """Reads one log group."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {"group.retention": kept((await _group(account, step)).retention_days)}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        group = await _group(account, step)
        return {"retention": kept(group.retention_days), "stored_bytes": group.stored_bytes}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        group = await _group(account, step)
        now = kept(group.retention_days)
        standings = {
            step.before.get("status", ""): Standing.NOT_APPLIED,
            step.after.get("status", ""): Standing.APPLIED,
        }
        return Found(standings.get(now, Standing.OTHER), f"{group.name} keeps its events: {now}", {"status": now})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {}  # the service answers with nothing


async def _group(account: Account, step: Step) -> LogGroup:
    name = str(step.call.parameters["logGroupName"])
    found = next((one for one in await describe_groups(account, name) if one.name == name), None)
    if found is None:
        raise AccountError(problem(Kind.NOT_FOUND, f"there is no log group {name} any more"))
    return found
