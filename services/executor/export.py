"""`logs.export`: found by the task's name, which is made of the operation's id and so is nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aws import log_exports
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.log_exports import ExportTask
from services.model.plan import Step
from services.settings.values import Environment


class ExportStep:
    """Reads the account's export tasks, and the bucket."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        bucket = await log_exports.destination(account, str(step.call.parameters["destination"]))
        running = next((one for one in await log_exports.tasks(account) if one.active), None)
        return {
            "bucket.region": bucket.region,
            "bucket.policy": ", ".join(bucket.lacking) or "lets CloudWatch Logs write",
            "export.running": str(running.id) if running is not None else "",
        }

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"destination": str(step.call.parameters["destination"])}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        name, group = step.call.parameters["taskName"], step.call.parameters["logGroupName"]
        # A task cannot be asked for by its name: all are listed, unless the reply told the id.
        for one in await log_exports.tasks(account, str(known.get("id") or "")):
            if (one.name, one.group) == (name, group):
                return _found(one)
        return Found(Standing.NOT_APPLIED, f"no export task of {group} is called {name}", {})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": str(reply.get("taskId", ""))}


def _found(task: ExportTask) -> Found:
    data = {"id": str(task.id), "status": str(task.status)}
    if task.status in ("FAILED", "CANCELLED"):
        data["failed"] = str(task.message) or "no reason given"
    said = f": {task.message}" if task.message and task.status != "COMPLETED" else ""
    return Found(Standing.APPLIED, f"export task {task.id} of {task.group} is {task.status}{said}", data)
