"""DynamoDB: backups, point-in-time recovery, and what a restored table was made from (aws.md 5.9)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from services.aws.reply import instant, need, need_text, number, pages, rows, table, text
from services.aws.session import Account
from services.model.backups import Backup, Copies, Recovery, RestoredTable, Target
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText, safe

TRIED = 6
"""Names that are tried when one is taken."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def copies(account: Account, name: str) -> Copies:
    """All that a table could be restored from. Raises AccountError."""
    standing, window, found = await asyncio.gather(
        described(account, name), recovery(account, name), backups(account, name)
    )
    return Copies(safe(name), standing.status if standing is not None else SafeText(""), window, found)


async def recovery(account: Account, name: str) -> Recovery:
    """Point-in-time recovery of a table. Raises AccountError."""
    reply = await account.ask("dynamodb", "DescribeContinuousBackups", {"TableName": name})
    about = table(need(reply, "ContinuousBackupsDescription", dict), "PointInTimeRecoveryDescription")
    return Recovery(
        enabled=about.get("PointInTimeRecoveryStatus") == "ENABLED",
        earliest=instant(about, "EarliestRestorableDateTime"),
        latest=instant(about, "LatestRestorableDateTime"),
        days=number(about, "RecoveryPeriodInDays"),
    )


async def backups(account: Account, name: str) -> tuple[Backup, ...]:
    """Every backup of a table but AWS Backup's own, newest first. Raises AccountError."""
    found: list[Backup] = []
    async for page in pages(
        account,
        "dynamodb",
        "ListBackups",
        {"TableName": name, "BackupType": "ALL"},
        follow="LastEvaluatedBackupArn",
        send="ExclusiveStartBackupArn",
    ):
        found.extend(
            Backup(
                arn=need_text(row, "BackupArn"),
                name=text(row, "BackupName"),
                type=text(row, "BackupType"),
                status=text(row, "BackupStatus"),
                size_bytes=number(row, "BackupSizeBytes"),
                created=instant(row, "BackupCreationDateTime"),
            )
            for row in rows(page, "BackupSummaries")
        )
    return tuple(sorted(found, key=lambda one: (one.created or _LONG_AGO, one.arn), reverse=True))


async def backup_status(account: Account, arn: str) -> str:
    """`AVAILABLE`; empty when there is no such backup any more. Raises AccountError."""
    try:
        reply = await account.ask("dynamodb", "DescribeBackup", {"BackupArn": arn})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return ""
        raise
    return str(text(table(need(reply, "BackupDescription", dict), "BackupDetails"), "BackupStatus"))


async def described(account: Account, name: str) -> RestoredTable | None:
    """The table of that name; None when the name is free. Raises AccountError."""
    try:
        reply = await account.ask("dynamodb", "DescribeTable", {"TableName": name})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return None
        raise
    about = need(reply, "Table", dict)
    made = table(about, "RestoreSummary")
    return RestoredTable(
        name=need_text(about, "TableName"),
        status=need_text(about, "TableStatus"),
        backup=text(made, "SourceBackupArn"),
        source=safe(str(made.get("SourceTableArn", "")).rpartition("/")[2]),
        instant=instant(made, "RestoreDateTime"),
    )


async def target(account: Account, name: str) -> Target:
    """Whether a table could be restored under `name`, and a name under which one could. Raises AccountError."""
    there = await described(account, name)
    if there is None:
        return Target(safe(name), SafeText(""), safe(name))
    for attempt in range(2, 2 + TRIED):
        other = f"{name[:250]}-{attempt}"
        if await described(account, other) is None:
            return Target(safe(name), there.status, safe(other))
    return Target(safe(name), there.status, SafeText(""))
