"""CloudFormation's change sets: those that wait, and the one that made the newest operation."""

from __future__ import annotations

from services.aws.reply import Reply, instant, need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.change_sets import ChangeSet, PlannedChange
from services.problems import AccountError, ProblemKind

OPENED = 5
"""Change sets that are opened for their changes: the newest ones."""


async def change_sets(account: Account, stack: str, executed: str = "") -> tuple[ChangeSet, ...]:
    """The newest change sets of the stack, opened, newest first. Raises AccountError.

    `executed`: ARN of the one that made the newest operation, which AWS does not list any more.
    """
    listed: list[tuple[float, str]] = []
    async for page in pages(account, "cloudformation", "ListChangeSets", {"StackName": stack}):
        for row in rows(page, "Summaries"):
            made = instant(row, "CreationTime")
            listed.append((made.timestamp() if made else 0.0, need_text(row, "ChangeSetId")))
    ids = [id for _, id in sorted(listed, reverse=True)][:OPENED]
    found = [await opened(account, stack, id) for id in dict.fromkeys([*ids, *filter(None, [executed])])]
    return tuple(one for one in found if one is not None)


async def opened(account: Account, stack: str, id: str) -> ChangeSet | None:
    """One change set with its changes; None when it has gone meanwhile."""
    found: ChangeSet | None = None
    changes: list[PlannedChange] = []
    named = {"StackName": stack, "ChangeSetName": id}
    try:
        async for page in pages(account, "cloudformation", "DescribeChangeSet", named):
            found = found or _change_set(page)
            changes.extend(_change(table(row, "ResourceChange")) for row in rows(page, "Changes"))
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return None
        raise
    if found is None:
        return None
    return ChangeSet(
        found.id, found.name, found.status, found.execution, found.created, found.description, found.reason,
        tuple(changes),
    )  # fmt: skip


def _change_set(row: Reply) -> ChangeSet:
    return ChangeSet(
        id=need_text(row, "ChangeSetId"),
        name=need_text(row, "ChangeSetName"),
        status=text(row, "Status"),
        execution=text(row, "ExecutionStatus"),
        created=instant(row, "CreationTime"),
        description=text(row, "Description"),
        reason=text(row, "StatusReason"),
    )


def _change(row: Reply) -> PlannedChange:
    return PlannedChange(
        action=text(row, "Action"),
        logical_id=text(row, "LogicalResourceId"),
        type=text(row, "ResourceType"),
        replacement=text(row, "Replacement"),
    )
