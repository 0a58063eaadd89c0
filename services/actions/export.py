"""Log events into a bucket, and the newest hours, which an export lacks, into a local file (aws.md 3.6, E12)."""

from __future__ import annotations

from datetime import datetime

from services.actions.guards import account_refusal, grade, lifetime, operation_refusal, refuse, resource_of
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
    name: str,
    begin: datetime,
    end: datetime,
) -> Plan | Refusal:
    """Export the events of group `name` from `begin` to `end`. `ground`: as it was just read."""
    refusal = (
        account_refusal(_KIND, situation, environment)
        or _span(begin, end, now)
        or _group(ground, name)
        or _bucket(ground, environment)
        or _running(ground)
        or operation_refusal(_KIND, situation.operations.value or (), resource_of({"taskName": ""}))
    )
    return refusal or _plan(situation, environment, now, ground, name, begin, end)


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
        "Order it again when that one has ended; nothing of it is cancelled for this one.",
    )


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    ground: ExportGround,
    name: str,
    begin: datetime,
    end: datetime,
) -> Plan:
    identity, bucket = situation.identity.value, ground.destination.bucket
    assert identity is not None  # account_refusal
    parameters: dict[str, object] = {
        "taskName": REFERENCE,
        "logGroupName": name,
        "from": round(begin.timestamp() * 1000),
        "to": round(end.timestamp() * 1000),
        "destination": str(bucket),
        "destinationPrefix": PREFIX,
    }
    span = f"{begin:%Y-%m-%d %H:%M:%SZ} to {end:%Y-%m-%d %H:%M:%SZ}"
    notes = [
        "Newest    data can take 12 hours to become available for export: what it lacks is in the local file",
        "Time      minutes to hours; the order within its files is not the order of the events",
        "Policy    conditions of the bucket's policy are checked by the service alone",
    ]
    if environment.read_only:
        notes.insert(0, "READ-ONLY this environment is read-only: the plan can be read, not carried out")
    return Plan(
        kind=_KIND,
        environment=environment.name,
        account=identity.account,
        title=f"Export {name} to s3://{bucket}/{PREFIX}",
        made=now,
        expires=now + lifetime(environment),
        grade=grade(environment),
        steps=(
            Step(
                kind="logs.export",
                title=safe(f"Logs  {name}  → s3://{bucket}/{PREFIX}  {span}", 400),
                call=Call("logs", "CreateExportTask", environment.region, parameters),
                preconditions=(
                    Precondition("bucket.region", environment.region),
                    Precondition("bucket.policy", "lets CloudWatch Logs write"),
                    Precondition("export.running", ""),
                ),
                after={"status": "COMPLETED"},
            ),
        ),
        saved=(SafeText("the span's last 12 hours, gzip with SHA-256 and manifest, beside the journal"),),
        irreversible=(SafeText("whoever may read the bucket may read the log lines, secrets in them included"),),
        notes=tuple(safe(note, 400) for note in notes),
    )
