"""Backups and restores of a table (runbook lines 623-641, 1002-1024; decisions D6, D7, E2).

A restore makes a new table. It never touches the one that it comes from, and nothing uses it until somebody says so.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    ago,
    operation_refusal,
    refuse,
    resource_of,
)
from services.actions.invalidation import REFERENCE
from services.model.backups import Backup, Copies, Recovery, Target
from services.model.plan import ActionKind, Call, Grade, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.RESTORE_TABLE

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}\Z")

LOST = (
    "auto scaling, time to live, streams, tags, alarms and metrics, IAM and resource policies, point-in-time recovery, "
    "deletion protection, Contributor Insights"
)
"""What a restored table comes without (aws.md 5.9). Indexes, capacity and encryption it has."""

AN_HOUR = timedelta(hours=1)


def proposed_name(table: str, environment: Environment, purpose: str) -> str:
    """`ec2-manager-audit-recovery` for `ec2-manager-audit-production`: the environment's name gives way."""
    stem, _, last = table.rpartition("-")
    own = stem if stem and last in (environment.name, *environment.short) else table
    return f"{own[: 254 - len(purpose)]}-{purpose}"


def preset(recovery: Recovery, now: datetime) -> datetime | None:
    """One hour ago to the second, or the end of the window that is nearest to it; None without a window."""
    wanted = (now - AN_HOUR).replace(microsecond=0)
    if not recovery.enabled or recovery.earliest is None or recovery.latest is None:
        return None
    return clamped(wanted, recovery)


def clamped(instant: datetime, recovery: Recovery) -> datetime:
    """The instant that can be restored nearest to `instant`, in whole seconds."""
    earliest, latest = recovery.earliest or instant, recovery.latest or instant
    first = earliest.replace(microsecond=0)
    first += timedelta(seconds=first < earliest)
    return max(first, min(instant, latest.replace(microsecond=0)))


def plan_backup_restore(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    copies: Copies,
    backup: Backup,
    target: Target,
) -> Plan | Refusal:
    """A new table `target` from one of `copies`' backups. `copies`, `target`: as they were just read."""
    refusal = _not_possible(situation, environment, now, copies, target)
    if refusal is not None:
        return refusal
    if backup not in copies.backups:
        return refuse(_KIND, f"{copies.table} has no backup {backup.name} any more", "Look at the list again.")
    if backup.status != "AVAILABLE":
        return refuse(_KIND, f"backup {backup.name} is {backup.status}", "Wait until it is AVAILABLE.")
    call = Call(
        "dynamodb",
        "RestoreTableFromBackup",
        environment.region,
        {"TargetTableName": str(target.name), "BackupArn": str(backup.arn)},
    )
    made = f", made {ago(backup.created, now)} ({backup.created:%Y-%m-%d %H:%M:%SZ})" if backup.created else ""
    title = f"Table  {copies.table}  backup {backup.name}{made}  → {target.name}"
    step = _step(call, copies, target, title, Precondition("backup.status", "AVAILABLE"), {"backup": str(backup.arn)})
    return _plan(situation, environment, now, copies, target, step)


def plan_point_restore(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    copies: Copies,
    instant: datetime,
    target: Target,
) -> Plan | Refusal:
    """A new table `target` as `copies`' table was at `instant`, in whole seconds."""
    refusal = _not_possible(situation, environment, now, copies, target)
    if refusal is not None:
        return refusal
    recovery = copies.recovery
    if not recovery.enabled:
        return refuse(
            _KIND, f"point-in-time recovery of {copies.table} is DISABLED", "Restore from one of its backups."
        )
    if not recovery.holds(instant):
        return refuse(
            _KIND,
            f"{instant:%Y-%m-%d %H:%M:%SZ} cannot be restored: the window is {window(recovery)}",
            "Choose an instant inside the window.",
        )
    call = Call(
        "dynamodb",
        "RestoreTableToPointInTime",
        environment.region,
        {
            "SourceTableName": str(copies.table),
            "TargetTableName": str(target.name),
            "RestoreDateTime": instant.isoformat().replace("+00:00", "Z"),
        },
    )
    local = instant.astimezone()
    told = f"{instant:%Y-%m-%d %H:%M:%S}Z" + (f" ({local:%H:%M:%S %Z} here)" if local.utcoffset() else "")
    title = f"Table  {copies.table}  as of {told}, {ago(instant, now)}  → {target.name}"
    step = _step(call, copies, target, title, Precondition("recovery.window", "holds it"), {"instant": told})
    return _plan(situation, environment, now, copies, target, step)


def plan_backup(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, copies: Copies
) -> Plan | Refusal:
    """A backup of `copies`' table, named after the operation."""
    kind = ActionKind.BACK_UP_TABLE
    call = Call(
        "dynamodb",
        "CreateBackup",
        environment.region,
        {"TableName": str(copies.table), "BackupName": REFERENCE},
    )
    refusal = account_refusal(kind, situation, environment) or operation_refusal(
        kind, situation.operations.value or (), resource_of(call.parameters)
    )
    if refusal is not None:
        return refusal
    if copies.status != "ACTIVE":
        return refuse(kind, f"{copies.table} is {copies.status or 'not there'}", "Wait until it is ACTIVE.")
    step = Step(
        kind="table.backup",
        title=safe(f"Table  {copies.table}  → a new backup"),
        call=call,
        preconditions=(Precondition("table.status", "ACTIVE"),),
        after={"status": "AVAILABLE"},
    )
    notes = ["Cost      a backup is paid for by its size for as long as it is kept; nothing here deletes one"]
    return draft(
        kind,
        situation,
        environment,
        now,
        title=f"Make a backup of {copies.table}",
        steps=(step,),
        saved=(SafeText("the names of the backups there are"),),
        irreversible=(),
        notes=tuple(safe(note) for note in notes),
    )


def window(recovery: Recovery) -> str:
    """`2026-10-19 03:00:00Z to 2026-11-23 03:02:11Z`."""
    if recovery.earliest is None or recovery.latest is None:
        return "not known"
    return f"{recovery.earliest:%Y-%m-%d %H:%M:%S}Z to {recovery.latest:%Y-%m-%d %H:%M:%S}Z"


def _not_possible(
    situation: Situation, environment: Environment, now: datetime, copies: Copies, target: Target
) -> Refusal | None:
    refusal = account_refusal(_KIND, situation, environment)
    if refusal is not None:
        return refusal
    parts = situation.parts.value
    live = {str(copies.table), *(str(one) for one in (parts.tables if parts is not None else ()))}
    free = f"{target.free} is free." if target.free and target.free not in live else "Choose another name."
    if target.name in live:
        return refuse(_KIND, f"{target.name} is the application's own table: nothing is restored over it", free)
    if not _NAME.match(target.name):
        return refuse(
            _KIND, f"{target.name} is no table's name", "3 to 255 letters, digits, hyphens, dots or underscores."
        )
    if target.status:
        return refuse(_KIND, f"there is a table {target.name} already ({target.status})", free)
    return operation_refusal(
        _KIND, situation.operations.value or (), resource_of({"TargetTableName": str(target.name)})
    )


def _step(call: Call, copies: Copies, target: Target, title: str, still: Precondition, source: dict[str, str]) -> Step:
    return Step(
        kind="table.restore",
        title=safe(title, 400),
        call=call,
        preconditions=(Precondition("target.table", ""), still),
        before={"table": str(copies.table), **source},
        after={"status": "ACTIVE"},
    )


def _plan(
    situation: Situation, environment: Environment, now: datetime, copies: Copies, target: Target, step: Step
) -> Plan:
    development = {environment.name, *environment.short} & {"development", "dev"}
    notes = (
        f"WARNING   the application still uses {copies.table}: nothing is switched, by this or afterwards",
        f"WARNING   not restored: {LOST}",
        "Time      minutes to hours, by the table's size; the indexes come with it",
        "Afterwards to use it: the functions' variables, their role's policies, the stack's parameters, the alarms",
        "Afterwards a table that was restored for a test costs until it is deleted",
    )
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Restore {copies.table} into a new table {target.name}",
        asks=Grade.KEY if development and not environment.production else Grade.TYPED,
        steps=(step,),
        saved=(safe(f"that {target.name} is a free name; {copies.table} is only read"),),
        irreversible=(),
        notes=tuple(safe(note, 400) for note in notes),
        typed=str(target.name),
    )
