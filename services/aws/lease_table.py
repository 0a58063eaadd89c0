"""The lease table of an account: its rows, read; and what is said when it is not there or has another shape.

    resource (S)  partition key, the only one
    fence, beat (N)  token, operation, who, doing, since (S)  see services/model/lease.py
    expires (N)  the table's TTL attribute: long after the last use, so that rows of what is gone go as well

Nobody creates it by the way: `create_lines` says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.aws.reply import garbled
from services.aws.session import Account
from services.model.lease import LeaseRow
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import SafeText, safe

DEADLINE_S = 5.0
"""Machine seconds for a question to the table: one that is slower than that is not one to hold a lease by."""


async def read(account: Account, table: str, resource: str) -> LeaseRow | None:
    """A row as it is now; None: nobody has ever held it. Raises AccountError, with the remedy."""
    asked = {"TableName": table, "Key": {"resource": {"S": resource}}, "ConsistentRead": True}
    try:
        reply = await account.ask("dynamodb", "GetItem", asked, deadline=DEADLINE_S)
    except AccountError as error:
        raise AccountError(explained(error.problem, table, account.environment.region)) from error
    item = reply.get("Item")
    return _row(item) if isinstance(item, Mapping) and item else None


async def held(account: Account, table: str) -> tuple[LeaseRow, ...]:
    """The rows that somebody holds, or held when the process died. Raises AccountError."""
    try:
        reply = await account.ask("dynamodb", "Scan", {"TableName": table, "ConsistentRead": True}, deadline=DEADLINE_S)
    except AccountError as error:
        raise AccountError(explained(error.problem, table, account.environment.region)) from error
    items = reply.get("Items")
    if not isinstance(items, list):
        raise garbled("Items")
    rows = (_row(item) for item in items if isinstance(item, Mapping))
    return tuple(row for row in rows if row.token)


def explained(problem: Problem, table: str, region: str) -> Problem:
    """A failure of the table in the words of what it is for."""
    if problem.code == "ResourceNotFoundException":
        message = f"there is no lease table {table} in {region}"
        remedy = f"Have it created once: {' && '.join(create_lines(table, region))}"
        return msgspec.structs.replace(problem, kind=ProblemKind.NOT_FOUND, message=safe(message, 600), remedy=remedy)
    if problem.code == "ValidationException":
        message = f"the table {table} in {region} is not a lease table: {problem.message}"
        remedy = "Name one in lease_table whose only key is `resource`, a string."
        return msgspec.structs.replace(problem, message=safe(message, 600), remedy=remedy)
    return msgspec.structs.replace(problem, message=safe(f"the lease table {table}: {problem.message}", 600))


def create_lines(table: str, region: str) -> tuple[str, ...]:
    """The AWS CLI lines that make it. The second is for tidiness alone: rows do not matter once they are released."""
    on = f"--region {region} --table-name {table}"
    return (
        f"aws dynamodb create-table {on} --billing-mode PAY_PER_REQUEST"
        " --attribute-definitions AttributeName=resource,AttributeType=S"
        " --key-schema AttributeName=resource,KeyType=HASH",
        f"aws dynamodb wait table-exists {on}",
        f"aws dynamodb update-time-to-live {on} --time-to-live-specification Enabled=true,AttributeName=expires",
    )


def _row(item: Mapping[str, Any]) -> LeaseRow:
    """Raises AccountError when it is not a row of ours: then nobody knows whether somebody is at work."""
    try:
        fence, beat = int(_value(item, "fence", "N")), int(_value(item, "beat", "N"))
    except ValueError:
        raise garbled("fence") from None
    return LeaseRow(
        resource=str(safe(_value(item, "resource", "S"), 300)),
        fence=fence,
        beat=beat,
        token=_value(item, "token", "S"),
        operation=str(safe(_value(item, "operation", "S"), 64)),
        who=SafeText(safe(_value(item, "who", "S"), 200)),
        doing=SafeText(safe(_value(item, "doing", "S"), 200)),
        since=_instant(_value(item, "since", "S")),
    )


def _value(item: Mapping[str, Any], name: str, kind: str) -> str:
    found = item.get(name)
    return str(found.get(kind, "")) if isinstance(found, Mapping) else ""


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
