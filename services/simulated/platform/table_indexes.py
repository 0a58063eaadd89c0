"""DynamoDB's UpdateTable as far as indexes go: they are filled, and taken away, in their own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.simulated.protocol import AwsError, Context

FILLING = timedelta(seconds=180)
GOING = timedelta(seconds=60)
MOST = 20


class Indexes:
    """What becomes of each index that was changed. Callers hold the account's lock."""

    def __init__(self, backend: Callable[[str], Any]) -> None:
        self._backend = backend
        self._under_way: dict[tuple[str, str, str], tuple[str, datetime]] = {}
        """Region, table, index → (status, until when)."""

    def catch_up(self, now: datetime) -> None:
        """End what has come to its end by now."""
        for (region, name, index), (status, until) in list(self._under_way.items()):
            if until <= now:
                del self._under_way[region, name, index]
                table = self._backend(region).tables.get(name)
                if status == "DELETING" and table is not None:
                    table.global_indexes = [one for one in table.global_indexes if one.name != index]
                    _keep_used(table, {one["AttributeName"]: one for one in table.attr})

    def shown(self, region: str, about: dict[str, Any]) -> dict[str, Any]:
        """A table's description with its indexes as they stand."""
        for index in about.get("GlobalSecondaryIndexes", ()):
            found = self._under_way.get((region, about["TableName"], index["IndexName"]))
            if found is not None:
                index["IndexStatus"] = found[0]
                if found[0] == "CREATING":
                    index["Backfilling"] = True
        return about

    def change(self, context: Context, table: Any, parameters: dict[str, Any]) -> None:
        """Carry one UpdateTable out. Raises AwsError."""
        updates = parameters.get("GlobalSecondaryIndexUpdates") or []
        if any((region, name) == (context.region, table.name) for region, name, _ in self._under_way):
            message = f"Attempt to change a resource which is still in use: Table is being updated: {table.name}"
            raise AwsError("ResourceInUseException", message)
        if sum("Create" in one or "Delete" in one for one in updates) > 1:
            message = (
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
            )
            raise AwsError("LimitExceededException", message)
        types = {one["AttributeName"]: one for one in table.attr}
        types |= {one["AttributeName"]: one for one in parameters.get("AttributeDefinitions") or []}
        for update in updates:
            self._one(context, table, update, types)
        _keep_used(table, types)

    def _one(self, context: Context, table: Any, update: dict[str, Any], types: dict[str, Any]) -> None:
        from moto.dynamodb.models.table import GlobalSecondaryIndex

        (kind, asked), *_ = update.items()
        name, there = asked["IndexName"], {one.name: one for one in table.global_indexes}
        if kind == "Create":
            _creatable(table, asked, there, types)
            table.global_indexes.append(GlobalSecondaryIndex.create(asked, table.table_key_attrs))
            self._under_way[context.region, table.name, name] = ("CREATING", context.now + FILLING)
            return
        if name not in there:
            raise AwsError("ResourceNotFoundException", f"Requested resource not found: Index: {name} not found")
        if kind == "Delete":
            self._under_way[context.region, table.name, name] = ("DELETING", context.now + GOING)
        else:
            _units(table, asked)
            there[name].update(asked)


def _keep_used(table: Any, types: dict[str, Any]) -> None:
    """DynamoDB knows the types of key attributes and of no others."""
    used = {key["AttributeName"] for one in (*table.global_indexes, *table.indexes) for key in one.schema}
    used |= {key["AttributeName"] for key in table.schema}
    table.attr = [one for name, one in types.items() if name in used]


def _creatable(table: Any, asked: dict[str, Any], there: dict[str, Any], types: dict[str, Any]) -> None:
    if asked["IndexName"] in there:
        message = f"Attempting to create an index which already exists: {asked['IndexName']}"
        raise AwsError("ValidationException", message)
    if len(there) >= MOST:
        raise AwsError("LimitExceededException", f"GlobalSecondaryIndex count exceeds the per-table limit of {MOST}")
    for key in asked["KeySchema"]:
        if key["AttributeName"] not in types:
            message = (
                "One or more parameter values were invalid: Some index key attributes are not defined in "
                f"AttributeDefinitions. Keys: [{key['AttributeName']}], AttributeDefinitions: [{', '.join(types)}]"
            )
            raise AwsError("ValidationException", message)
    if "ProvisionedThroughput" in asked or table.billing_mode != "PAY_PER_REQUEST":
        _units(table, asked)


def _units(table: Any, asked: dict[str, Any]) -> None:
    if table.billing_mode == "PAY_PER_REQUEST":
        message = (
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be "
            "specified when BillingMode is PAY_PER_REQUEST"
        )
        raise AwsError("ValidationException", message)
    if "ProvisionedThroughput" not in asked:
        raise AwsError("ValidationException", "No provisioned throughput specified for the global secondary index")
