"""`table.restore` and `table.backup`: a new table, found by its name and by what it says it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.aws import backups
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.backups import RestoredTable
from services.model.plan import Step
from services.rules.words import count
from services.settings.values import Environment


class RestoreStep:
    """Reads the table that is to be, and what it comes from."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        there = await backups.described(account, _target(step))
        found = {"target.table": str(there.status) if there is not None else ""}
        if "BackupArn" in step.call.parameters:
            status = await backups.backup_status(account, str(step.call.parameters["BackupArn"]))
            return found | {"backup.status": status}
        window = await backups.recovery(account, step.before["table"])
        return found | {"recovery.window": "holds it" if window.holds(_instant(step)) else "does not hold it"}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"source": step.before["table"], "free": await backups.described(account, _target(step)) is None}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        """After a lost answer a table of that name is ours when it says that it was made from what we asked for."""
        found = await backups.described(account, _target(step))
        if found is None:
            return Found(Standing.NOT_APPLIED, f"there is no table {_target(step)}", {})
        data = {"status": str(found.status), "source": str(found.source)}
        if not _ours(found, step):
            return Found(Standing.OTHER, f"{found.name} was made from something else", data)
        text = f"{found.name} is {found.status}"
        if found.status == "ACTIVE":
            text += f"; the application still uses {step.before['table']}"
        return Found(Standing.APPLIED, text, data)

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        about = reply.get("TableDescription")
        return {"status": str(about.get("TableStatus", ""))} if isinstance(about, Mapping) else {}


class BackupStep:
    """Reads the backups of one table; ours has the operation's name."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        there = await backups.described(account, str(step.call.parameters["TableName"]))
        return {"table.status": str(there.status) if there is not None else ""}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        found = await backups.backups(account, str(step.call.parameters["TableName"]))
        return {"backups": [str(one.name) for one in found[:20]], "count": len(found)}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        name = step.call.parameters["BackupName"]
        for one in await backups.backups(account, str(step.call.parameters["TableName"])):
            if one.name == name:
                size = f", {count(one.size_bytes)} bytes" if one.status == "AVAILABLE" else ""
                data = {"status": str(one.status), "arn": str(one.arn)}
                return Found(Standing.APPLIED, f"backup {one.name} is {one.status}{size}", data)
        return Found(Standing.NOT_APPLIED, f"no backup is called {name}", {})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        about = reply.get("BackupDetails")
        return {"arn": str(about.get("BackupArn", ""))} if isinstance(about, Mapping) else {}


def _target(step: Step) -> str:
    return str(step.call.parameters["TargetTableName"])


def _instant(step: Step) -> datetime:
    return datetime.fromisoformat(str(step.call.parameters["RestoreDateTime"]))


def _ours(found: RestoredTable, step: Step) -> bool:
    if found.source != step.before["table"]:
        return False
    backup = step.call.parameters.get("BackupArn")
    return found.backup == backup if backup else not found.backup and found.instant == _instant(step)
