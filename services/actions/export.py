"""Log events into a bucket, and the newest hours, which an export lacks, into a local file (aws.md 3.6, E12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.actions.drafting import draft
from services.actions.guards import account_refusal, operation_refusal, refuse, resource_of
from services.actions.invalidation import REFERENCE
from services.model.log_exports import ExportGround
from services.model.logs import LogGroup
from services.model.plan import ActionKind, Call, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.EXPORT

PREFIX = "exportedlogs"

POLICY = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html"


def plan_export(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    ground: ExportGround,
    names: Sequence[str],
    begin: datetime,
    end: datetime,
    *,
    queue: bool = False,
) -> Plan | Refusal:
    """Export the events of groups from `begin` to `end`, one after the other. `ground`: as it was just read.

    With `queue` it waits its turn where another task of the account runs; else that is a refusal.
    """
    names = tuple(dict.fromkeys(names))
    refusal = (
        account_refusal(_KIND, situation, environment)
        or _span(begin, end, now)
        or next(filter(None, (_group(ground, name) for name in names)), None)
        or _bucket(ground, environment)
        or (None if queue else _running(ground))
        or operation_refusal(_KIND, situation.operations.value or (), resource_of({"taskName": ""}))
    )
    return refusal or _plan(situation, environment, now, ground, names, begin, end, queue=queue)


def _span(begin: datetime, end: datetime, now: datetime) -> Refusal | None:
    if begin >= end or begin >= now:
        return refuse(
            _KIND, f"{begin:%Y-%m-%d %H:%M:%SZ} to {end:%Y-%m-%d %H:%M:%SZ} is no span of the past", "Give one."
        )
    return None


def _group(ground: ExportGround, name: str) -> Refusal | None:
    group: LogGroup | None = next((one for one in ground.groups if one.name == name), None)
    if group is None:
        return refuse(_KIND, f"there is no log group {name}", "f on the log screen lists those there are.")
    if group.kind != "STANDARD":
        return refuse(_KIND, f"{name} is of class {group.kind}, which cannot be exported", "Read it with Insights.")
    return None


def _bucket(ground: ExportGround, environment: Environment) -> Refusal | None:
    bucket = ground.destination
    if not bucket.region:
        return refuse(_KIND, f"there is no bucket {bucket.bucket}", "Name a bucket of this account and region.")
    if bucket.region != environment.region:
        return refuse(
            _KIND,
            f"bucket {bucket.bucket} is in {bucket.region}, the log groups are in {environment.region}",
            f"Name a bucket in {environment.region}.",
        )
    if bucket.lacking:
        return refuse(
            _KIND,
            f"the policy of {bucket.bucket} does not let logs.{environment.region}.amazonaws.com do "
            f"{', '.join(bucket.lacking)}",
            f"Add the statements of {POLICY} to the bucket's policy.",
        )
    return None


def _running(ground: ExportGround) -> Refusal | None:
    task = ground.running
    if task is None:
        return None
    return refuse(
        _KIND,
        f"export task {task.id} of {task.group} is {task.status}: LimitExceededException, one task of an account at a "
        "time",
        "Order it again with the word queue behind it: it waits its turn, and nothing of that one is cancelled.",
    )


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    ground: ExportGround,
    names: tuple[str, ...],
    begin: datetime,
    end: datetime,
    *,
    queue: bool,
) -> Plan:
    bucket = ground.destination.bucket
    notes = [
        "Newest    data can take 12 hours to become available for export: what it lacks is in the local file",
        "Time      minutes to hours; the order within its files is not the order of the events",
        "Policy    conditions of the bucket's policy are checked by the service alone",
    ]
    if len(names) > 1:
        notes.insert(0, "Order     one after the other: an account has one export task at a time")
    if queue and ground.running is not None:
        running = ground.running
        notes.insert(0, f"Waits     for export task {running.id} of {running.group}, which is {running.status}")
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Export {names[0] if len(names) == 1 else f'{len(names)} log groups'} to s3://{bucket}/{PREFIX}",
        steps=tuple(
            _step(environment, str(bucket), name, begin, end, waits=queue or place > 0, apart=len(names) > 1)
            for place, name in enumerate(names)
        ),
        saved=(SafeText("the span's last 12 hours, gzip with SHA-256 and manifest, beside the journal"),),
        irreversible=(SafeText("whoever may read the bucket may read the log lines, secrets in them included"),),
        notes=tuple(safe(note, 400) for note in notes),
    )


def _step(
    environment: Environment, bucket: str, name: str, begin: datetime, end: datetime, *, waits: bool, apart: bool
) -> Step:
    """One task. `waits` for its turn: no other task is a condition then. `apart`: others go on without it."""
    span = f"{begin:%Y-%m-%d %H:%M:%SZ} to {end:%Y-%m-%d %H:%M:%SZ}"
    parameters: dict[str, object] = {
        "taskName": REFERENCE,
        "logGroupName": name,
        "from": round(begin.timestamp() * 1000),
        "to": round(end.timestamp() * 1000),
        "destination": bucket,
        "destinationPrefix": PREFIX,
    }
    conditions = (
        Precondition("bucket.region", environment.region),
        Precondition("bucket.policy", "lets CloudWatch Logs write"),
    )
    return Step(
        kind="logs.export",
        title=safe(f"Logs  {name}  → s3://{bucket}/{PREFIX}  {span}", 400),
        call=Call("logs", "CreateExportTask", environment.region, parameters),
        preconditions=conditions if waits else (*conditions, Precondition("export.running", "")),
        after={"status": "COMPLETED"},
        apart=apart,
    )
