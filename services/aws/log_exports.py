"""Exports of log events: the tasks there are, and whether a bucket can take one (aws.md 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from services.aws.logs import describe_groups
from services.aws.reply import need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.log_exports import Destination, ExportGround, ExportTask
from services.problems import AccountError, ProblemKind
from services.safe_text import safe

NEEDED = ("s3:GetBucketAcl", "s3:PutObject")
"""What the bucket's policy must let logs.REGION.amazonaws.com do."""

TASK_PAGES = 20


async def ground(account: Account, bucket: str) -> ExportGround:
    """All that a plan rests on. Raises AccountError."""
    running = next((one for one in await tasks(account) if one.active), None)
    return ExportGround(await describe_groups(account), await destination(account, bucket), running)


async def tasks(account: Account, identity: str = "") -> tuple[ExportTask, ...]:
    """The tasks of the region, or the one with that id. Raises AccountError."""
    asked = {"taskId": identity} if identity else {}
    found: list[ExportTask] = []
    async for page in pages(
        account, "logs", "DescribeExportTasks", asked, follow="nextToken", send="nextToken", limit=TASK_PAGES
    ):
        found.extend(_task(row) for row in rows(page, "exportTasks"))
    return tuple(found)


async def destination(account: Account, bucket: str) -> Destination:
    """Where the bucket is and what its policy lacks. Raises AccountError, for a policy that cannot be read too."""
    region = account.environment.region
    try:
        placed = await account.ask("s3", "GetBucketLocation", {"Bucket": bucket})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return Destination(safe(bucket))
        raise
    where = str(placed.get("LocationConstraint") or "us-east-1")
    if where != region:
        return Destination(safe(bucket), where)
    try:
        policy = str((await account.ask("s3", "GetBucketPolicy", {"Bucket": bucket})).get("Policy") or "")
    except AccountError as error:
        if error.problem.kind is not ProblemKind.NOT_FOUND:
            raise
        policy = ""
    return Destination(safe(bucket), where, lacking(policy, f"logs.{region}.amazonaws.com"))


def lacking(policy: str, service: str) -> tuple[str, ...]:
    """Which of NEEDED no statement of the policy allows to `service`. A policy that is no JSON allows nothing."""
    try:
        statements = msgspec.json.decode(policy, type=dict[str, Any]).get("Statement") if policy else []
    except msgspec.DecodeError:
        statements = []
    listed = [statements] if isinstance(statements, Mapping) else statements if isinstance(statements, list) else []
    allowing = [one for one in listed if isinstance(one, Mapping) and one.get("Effect") == "Allow"]
    ours = [one for one in allowing if _names(one.get("Principal"), service)]
    return tuple(action for action in NEEDED if not any(_allows(one, action) for one in ours))


def _names(principal: object, service: str) -> bool:
    if isinstance(principal, Mapping):
        return any(
            one in (service, "*") for one in (*_listed(principal.get("Service")), *_listed(principal.get("AWS")))
        )
    return principal == "*"


def _allows(statement: Mapping[str, Any], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _listed(statement.get("Action")))


def _listed(value: object) -> tuple[str, ...]:
    """A policy has one string or a list of them."""
    return tuple(str(one) for one in value) if isinstance(value, list) else (value,) if isinstance(value, str) else ()


def _task(row: Mapping[str, Any]) -> ExportTask:
    status = table(row, "status")
    return ExportTask(
        id=need_text(row, "taskId"),
        name=text(row, "taskName"),
        group=text(row, "logGroupName"),
        status=text(status, "code"),
        message=text(status, "message"),
    )
