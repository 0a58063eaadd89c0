"""`table.index`: one global secondary index, made, resized or deleted, and followed to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions.index_change import GONE
from services.aws import table_indexes
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.model.table_indexes import IndexNow
from services.settings.values import Environment


class IndexStep:
    """Reads one table's indexes."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        found = await table_indexes.read(account, str(step.call.parameters["TableName"]))
        index = found.named(step.after["index"])
        return {"table.status": str(found.status), "index.status": str(index.status) if index is not None else ""}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        found = await table_indexes.read(account, str(step.call.parameters["TableName"]))
        return {
            "indexes": {str(one.name): ", ".join(f"{name} {kind}" for name, kind in one.keys) for one in found.indexes}
        }

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        found = await table_indexes.read(account, str(step.call.parameters["TableName"]))
        name = step.after["index"]
        index = found.named(name)
        text = f"index {name} is {index.status if index is not None else GONE}"
        if index is not None and index.backfilling:
            text += ", being filled"
        return Found(_standing(index, step), text, {"status": str(index.status) if index is not None else GONE})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        about = reply.get("TableDescription")
        return {"table": str(about.get("TableStatus", ""))} if isinstance(about, Mapping) else {}


def _standing(index: IndexNow | None, step: Step) -> Standing:
    (update,) = _updates(step)
    if "Delete" in update:
        return Standing.APPLIED if index is None or index.status == "DELETING" else Standing.NOT_APPLIED
    if index is None:
        return Standing.NOT_APPLIED
    if "Create" in update:
        asked = [(str(key["AttributeName"]), str(key["KeyType"])) for key in update["Create"]["KeySchema"]]
        return Standing.APPLIED if list(index.keys) == asked else Standing.OTHER
    units = update["Update"]["ProvisionedThroughput"]
    wanted = f"{units['ReadCapacityUnits']}/{units['WriteCapacityUnits']}"
    stands = f"{index.read_units}/{index.write_units}"
    if stands == wanted:
        return Standing.APPLIED
    return Standing.NOT_APPLIED if stands == step.before.get("units") else Standing.OTHER


def _updates(step: Step) -> list[dict[str, Any]]:
    updates = step.call.parameters["GlobalSecondaryIndexUpdates"]
    assert isinstance(updates, list)  # the planner writes it so
    return updates
