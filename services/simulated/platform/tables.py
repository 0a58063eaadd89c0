"""DynamoDB's tables as far as moto is not like AWS: a restore takes its time, a backup has a size, recovery a window.

moto keeps the items. A table that is being restored is kept from it until it is ACTIVE, so that nothing can be read
from it before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.simulated.moto_backing import MotoBacking
from services.simulated.platform.backups import Backups
from services.simulated.platform.table_indexes import Indexes
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

RESTORE_S = 240
"""A small table's restore, from CREATING to ACTIVE."""

BYTES_A_SECOND = 50_000_000
"""What a larger one takes besides."""

LATEST_BEHIND = timedelta(minutes=5)
"""How far the newest restorable instant is behind (aws.md 5.9)."""

MOST_RESTORES = 50
"""Restores at a time."""


class Restoring:
    """One table on its way."""

    def __init__(self, table: Any, ready: datetime, summary: dict[str, Any]) -> None:
        self.table, self.ready, self.summary = table, ready, summary


class Tables:
    """Handlers of what concerns whole tables."""

    def __init__(self, state: SimulatedState, moto: MotoBacking) -> None:
        self._state = state
        self._moto = moto
        self._restoring: dict[tuple[str, str], Restoring] = {}
        self._restored: dict[tuple[str, str], dict[str, Any]] = {}
        """RestoreSummary of tables that are ACTIVE by now."""
        self._backups = Backups(state, self.table, self._backend)
        self._indexes = Indexes(self._backend)

    def handlers(self) -> dict[str, Handler]:
        return {
            "DescribeTable": self.describe_table,
            "DeleteTable": self.delete_table,
            "UpdateTable": self.update_table,
            "DescribeContinuousBackups": self.describe_continuous_backups,
            "RestoreTableFromBackup": self.restore_from_backup,
            "RestoreTableToPointInTime": self.restore_to_point_in_time,
            **self._backups.handlers(),
        }

    def catch_up(self, now: datetime) -> None:
        """Hand over to moto what has been restored by now."""
        with self._state.lock:
            for (region, name), one in list(self._restoring.items()):
                if one.ready <= now:
                    self._backend(region).tables[name] = one.table
                    self._restored[region, name] = one.summary | {"RestoreInProgress": False}
                    del self._restoring[region, name]
            self._indexes.catch_up(now)

    def table(self, context: Context, name: str) -> Any:
        """moto's table of that name or ARN. Raises AwsError."""
        found = self._backend(context.region).tables.get(name.rpartition("/")[2])
        if found is None:
            raise AwsError("TableNotFoundException", f"Table not found: {name}")
        return found

    def describe_table(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            name = str(parameters["TableName"]).rpartition("/")[2]
            one = self._restoring.get((context.region, name))
            table = one.table if one is not None else self._backend(context.region).tables.get(name)
            if table is None:
                raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
            about = described(table)
            if one is not None:
                about |= {"TableStatus": "CREATING", "RestoreSummary": one.summary, "ItemCount": 0, "TableSizeBytes": 0}
                for index in about["GlobalSecondaryIndexes"]:
                    index["IndexStatus"] = "CREATING"
            elif (context.region, name) in self._restored:
                about["RestoreSummary"] = self._restored[context.region, name]
            return {"Table": self._indexes.shown(context.region, about)}

    def update_table(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            name = str(parameters["TableName"]).rpartition("/")[2]
            self._not_restoring(context, name)
            backend = self._backend(context.region)
            table = backend.tables.get(name)
            if table is None:
                raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
            self._indexes.change(context, table, parameters)
            backend.update_table(
                name=name,
                attr_definitions=None,
                global_index=None,
                throughput=parameters.get("ProvisionedThroughput"),
                billing_mode=parameters.get("BillingMode"),
                stream_spec=parameters.get("StreamSpecification"),
                deletion_protection_enabled=parameters.get("DeletionProtectionEnabled"),
                warm_throughput=parameters.get("WarmThroughput"),
            )
            about = self._indexes.shown(context.region, described(table))
            return {"TableDescription": about | {"TableStatus": "UPDATING"}}

    def _not_restoring(self, context: Context, name: str) -> None:
        if (context.region, name) in self._restoring:
            message = f"Attempt to change a resource which is still in use: Table is being created: {name}"
            raise AwsError("ResourceInUseException", message)

    def delete_table(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            name = str(parameters["TableName"]).rpartition("/")[2]
            self._not_restoring(context, name)
            backend = self._backend(context.region)
            table = backend.tables.get(name)
            if table is None:
                raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
            if table.deletion_protection_enabled:
                message = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
                raise AwsError("ValidationException", message + "protection first.")
            if _recovery(table).get("PointInTimeRecoveryStatus") == "ENABLED":
                self._backups.make(context, table, f"{name}$DeletedTableBackup", "SYSTEM")
            del backend.tables[name]
            self._restored.pop((context.region, name), None)
            return {"TableDescription": described(table) | {"TableStatus": "DELETING"}}

    def describe_continuous_backups(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            about = self._window(self.table(context, parameters["TableName"]), context.now)
        told = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": about}
        return {"ContinuousBackupsDescription": told}

    def restore_from_backup(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            backup = self._backups.available(context, parameters["BackupArn"])
            summary = {
                "SourceBackupArn": backup.arn,
                "SourceTableArn": backup.table.table_arn,
                "RestoreDateTime": backup.creation_date_time,
                "RestoreInProgress": True,
            }
            return self._begin(context, parameters["TargetTableName"], backup.table, summary)

    def restore_to_point_in_time(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._state.lock:
            named = parameters.get("SourceTableName") or parameters.get("SourceTableArn")
            latest, wanted = bool(parameters.get("UseLatestRestorableTime")), parameters.get("RestoreDateTime")
            if latest == (wanted is not None):
                message = "Either RestoreDateTime or UseLatestRestorableTime must be given, and not both."
                raise AwsError("ValidationException", message)
            source = self.table(context, str(named))
            window = self._window(source, context.now)
            if window["PointInTimeRecoveryStatus"] != "ENABLED":
                message = f"Point in time recovery is not enabled for table '{source.name}'"
                raise AwsError("PointInTimeRecoveryUnavailableException", message)
            first, last = window["EarliestRestorableDateTime"], window["LatestRestorableDateTime"]
            instant = last if latest else wanted
            if not first <= instant <= last:
                message = (
                    "An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime "
                    "and LatestRestorableDateTime."
                )
                raise AwsError("InvalidRestoreTimeException", message)
            summary = {
                "SourceTableArn": source.table_arn,
                "RestoreDateTime": instant,
                "RestoreInProgress": True,
            }
            return self._begin(context, parameters["TargetTableName"], source, summary)

    def _begin(self, context: Context, target: str, source: Any, summary: dict[str, Any]) -> dict[str, Any]:
        from moto.dynamodb.models.table import RestoredPITTable

        if (context.region, target) in self._restoring or target in self._backend(context.region).tables:
            raise AwsError("TableAlreadyExistsException", f"Table already exists: {target}")
        if len(self._restoring) >= MOST_RESTORES:
            raise AwsError("LimitExceededException", f"Too many restores at a time: {MOST_RESTORES}")
        table = RestoredPITTable(target, account_id=context.account, region=context.region, source=source)
        table.billing_mode = source.billing_mode
        ready = context.now + timedelta(seconds=RESTORE_S + size_of(source) / BYTES_A_SECOND)
        self._restoring[context.region, target] = Restoring(table, ready, summary)
        return {"TableDescription": described(table) | {"TableStatus": "CREATING", "RestoreSummary": summary}}

    def _window(self, table: Any, now: datetime) -> dict[str, Any]:
        """What can be restored: since recovery was switched on, at most as many days back as it is kept."""
        about = _recovery(table)
        if about.get("PointInTimeRecoveryStatus") != "ENABLED":
            return {"PointInTimeRecoveryStatus": "DISABLED"}
        days = int(about.get("RecoveryPeriodInDays") or 35)
        since = datetime.fromtimestamp(float(about["EarliestRestorableDateTime"]), now.tzinfo)
        latest = max(since, now - LATEST_BEHIND)
        return {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": days,
            "EarliestRestorableDateTime": max(since, now - timedelta(days=days)),
            "LatestRestorableDateTime": latest.replace(microsecond=0),
        }

    def _backend(self, region: str) -> Any:
        self._moto.ready("dynamodb")
        from moto.dynamodb.models import dynamodb_backends

        return dynamodb_backends[self._state.estate.account][region]


def described(table: Any) -> dict[str, Any]:
    """moto's own description, with the size that moto leaves at 0."""
    from moto.dynamodb.models.table import Table

    about: dict[str, Any] = Table.describe(table, base_key="Table")["Table"]
    return about | {"TableSizeBytes": size_of(table), "CreationDateTime": table.created_at.replace(tzinfo=UTC)}


def size_of(table: Any) -> int:
    """Bytes of the items, and the hundred of index and overhead that DynamoDB counts with each."""
    return sum(item.size() + 100 for item in table.all_items())


def _recovery(table: Any) -> dict[str, Any]:
    about: dict[str, Any] = table.continuous_backups["PointInTimeRecoveryDescription"]
    return about
