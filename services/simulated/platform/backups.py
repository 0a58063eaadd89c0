"""DynamoDB's backups: they take a while, have a size, and are listed in pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.simulated.estate import stable_id
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

TAKES = timedelta(seconds=20)
"""From CREATING to AVAILABLE; those from before the account opened have long been."""

MOST = 100
"""Backups on a page."""

Finder = Callable[[Context, str], Any]


class Backups:
    """Handlers over moto's backups, which moto keeps with the table's items as they were."""

    def __init__(self, state: SimulatedState, table: Finder, backend: Callable[[str], Any]) -> None:
        """`backend`: moto's of a region, with what the account began with in it."""
        self._state = state
        self._table = table
        self._backend = backend

    def handlers(self) -> dict[str, Handler]:
        return {
            "CreateBackup": self.create_backup,
            "DescribeBackup": self.describe_backup,
            "DeleteBackup": self.delete_backup,
            "ListBackups": self.list_backups,
        }

    def create_backup(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            table = self._table(context, parameters["TableName"])
            return {"BackupDetails": self._details(self.make(context, table, parameters["BackupName"]), context)}

    def make(self, context: Context, table: Any, name: str, kind: str = "USER") -> Any:
        """A backup of moto's `table` as it stands."""
        from moto.dynamodb.models.table import Backup

        backup = Backup(context.account, context.region, name, table, type_=kind)
        millis = int(context.now.timestamp() * 1000)
        serial = len(self._all(context))
        backup.identifier = f"{millis:014d}-{stable_id(self._state.seed, f'backup/{name}/{millis}/{serial}', 8)}"
        self._all(context)[backup.arn] = backup
        return backup

    def describe_backup(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            return {"BackupDescription": self._description(self._found(context, parameters["BackupArn"]), context)}

    def delete_backup(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            backup = self.available(context, parameters["BackupArn"])
            del self._all(context)[backup.arn]
            told = self._description(backup, context)
        told["BackupDetails"]["BackupStatus"] = "DELETED"
        return {"BackupDescription": told}

    def list_backups(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """By ARN, which is by age; those that AWS Backup makes are not among them, whatever is asked for."""
        kind = parameters.get("BackupType", "USER")
        table = str(parameters.get("TableName", "")).rpartition("/")[2]
        first, last = parameters.get("TimeRangeLowerBound"), parameters.get("TimeRangeUpperBound")
        after, most = parameters.get("ExclusiveStartBackupArn", ""), int(parameters.get("Limit") or MOST)
        if not 1 <= most <= MOST:
            raise AwsError("ValidationException", f"Value '{most}' at 'limit' must be between 1 and {MOST}")
        with self._state.lock:
            found = sorted(
                (
                    one
                    for one in self._all(context).values()
                    if table in ("", one.table.name)
                    and kind in ("ALL", one.type)
                    and (first is None or _made(one) >= first)
                    and (last is None or _made(one) < last)
                ),
                key=lambda one: one.arn,
            )
            rest = [one for one in found if one.arn > after]
            rows = [self._summary(one, context) for one in rest[:most]]
        more = {"LastEvaluatedBackupArn": rest[most - 1].arn} if len(rest) > most else {}
        return {"BackupSummaries": rows, **more}

    def available(self, context: Context, arn: str) -> Any:
        """A backup that is made. Raises AwsError."""
        backup = self._found(context, arn)
        if _status(backup, context.now) == "CREATING":
            raise AwsError("BackupInUseException", f"Backup is being created: {arn}")
        return backup

    def _found(self, context: Context, arn: str) -> Any:
        backup = self._all(context).get(arn)
        if backup is None:
            raise AwsError("BackupNotFoundException", f"Backup not found: {arn}")
        return backup

    def _all(self, context: Context) -> dict[str, Any]:
        backups: dict[str, Any] = self._backend(context.region).backups
        return backups

    def _details(self, backup: Any, context: Context) -> dict[str, Any]:
        return {
            "BackupArn": backup.arn,
            "BackupName": backup.name,
            "BackupSizeBytes": sum(item.size() + 100 for item in backup.table.all_items()),
            "BackupStatus": _status(backup, context.now),
            "BackupType": backup.type,
            "BackupCreationDateTime": _made(backup),
        }

    def _summary(self, backup: Any, context: Context) -> dict[str, Any]:
        table = backup.table
        return {"TableName": table.name, "TableArn": table.table_arn, **self._details(backup, context)}

    def _description(self, backup: Any, context: Context) -> dict[str, Any]:
        table = backup.table
        source = {
            "TableName": table.name,
            "TableId": stable_id(self._state.seed, f"table/{table.name}", 32),
            "TableArn": table.table_arn,
            "KeySchema": table.schema,
            "TableCreationDateTime": table.created_at.replace(tzinfo=UTC),
            "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
            "ItemCount": len(table),
            "BillingMode": table.billing_mode,
        }
        return {"BackupDetails": self._details(backup, context), "SourceTableDetails": source}


def _made(backup: Any) -> datetime:
    made: datetime = backup.creation_date_time
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _status(backup: Any, now: datetime) -> str:
    return "AVAILABLE" if now - _made(backup) >= TAKES else "CREATING"
