"""CloudFormation: the stack, its resources, its events."""

from __future__ import annotations

from collections.abc import Set

from services.aws.reply import Reply, garbled, instant, need, need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.parts import StackResource
from services.model.stacks import Stack, StackEvent
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import safe

EVENT_PAGES = 8
"""Pages of history read at the start: some hundred events each."""


async def describe(account: Account, name: str) -> Stack:
    """The stack called `name`. NOT_FOUND says where it was looked for. Raises AccountError."""
    try:
        reply = await account.ask("cloudformation", "DescribeStacks", {"StackName": name})
    except AccountError as error:
        raise (
            _missing(account, name, error.problem) if error.problem.kind is ProblemKind.NOT_FOUND else error
        ) from None
    found = rows(reply, "Stacks")
    if not found:
        raise garbled("Stacks")
    return _stack(found[0])


async def resources(account: Account, name: str) -> tuple[StackResource, ...]:
    """Every resource of the stack, all pages. Raises AccountError."""
    found: list[StackResource] = []
    try:
        async for page in pages(account, "cloudformation", "ListStackResources", {"StackName": name}):
            need(page, "StackResourceSummaries", list)
            found.extend(_resource(row) for row in rows(page, "StackResourceSummaries"))
    except AccountError as error:
        raise (
            _missing(account, name, error.problem) if error.problem.kind is ProblemKind.NOT_FOUND else error
        ) from None
    return tuple(found)


async def events(
    account: Account, name: str, known: Set[str] = frozenset(), limit: int = EVENT_PAGES, *, nested: bool = False
) -> tuple[StackEvent, ...]:
    """Events newest first, those before the first known id; of a long history the newest `limit` pages.

    AWS has no filter and pages from the newest on (aws.md 4.2), so reading stops where we were last time. `nested`:
    the stack is within the one that is watched.
    """
    fresh: list[StackEvent] = []
    async for page in pages(account, "cloudformation", "DescribeStackEvents", {"StackName": name}, limit=limit):
        need(page, "StackEvents", list)
        for row in rows(page, "StackEvents"):
            event = _event(row, nested)
            if event.id in known:
                return tuple(fresh)
            fresh.append(event)
    return tuple(fresh)


def _stack(row: Reply) -> Stack:
    return Stack(
        name=need_text(row, "StackName"),
        id=need_text(row, "StackId"),
        status=need_text(row, "StackStatus"),
        reason=text(row, "StackStatusReason"),
        created=instant(row, "CreationTime"),
        updated=instant(row, "LastUpdatedTime"),
        description=text(row, "Description"),
        parameters=tuple((text(one, "ParameterKey"), text(one, "ParameterValue")) for one in rows(row, "Parameters")),
        outputs=tuple((text(one, "OutputKey"), text(one, "OutputValue")) for one in rows(row, "Outputs")),
        rollback_alarms=tuple(
            text(one, "Arn") for one in rows(table(row, "RollbackConfiguration"), "RollbackTriggers")
        ),
        drift=text(table(row, "DriftInformation"), "StackDriftStatus"),
        drift_checked=instant(table(row, "DriftInformation"), "LastCheckTimestamp"),
        change_set=text(row, "ChangeSetId"),
        operations=tuple((text(one, "OperationType"), text(one, "OperationId")) for one in rows(row, "LastOperations")),
    )


def _resource(row: Reply) -> StackResource:
    return StackResource(
        logical_id=need_text(row, "LogicalResourceId"),
        physical_id=text(row, "PhysicalResourceId"),
        type=need_text(row, "ResourceType"),
        status=text(row, "ResourceStatus"),
    )


def _event(row: Reply, nested: bool) -> StackEvent:
    at = instant(row, "Timestamp")
    if at is None:
        raise garbled("Timestamp")
    return StackEvent(
        id=need_text(row, "EventId"),
        at=at,
        logical_id=text(row, "LogicalResourceId"),
        physical_id=text(row, "PhysicalResourceId"),
        type=text(row, "ResourceType"),
        status=text(row, "ResourceStatus"),
        reason=text(row, "ResourceStatusReason"),
        token=text(row, "ClientRequestToken"),
        stack_id=text(row, "StackId"),
        operation=text(row, "OperationId"),
        stack_name=text(row, "StackName"),
        nested=nested,
    )


def _missing(account: Account, name: str, problem: Problem) -> AccountError:
    environment = account.environment
    where = f"account {environment.account}" if environment.account else "the account of these credentials"
    return AccountError(
        Problem(
            ProblemKind.NOT_FOUND,
            safe(f"there is no stack {name} in {environment.region} of {where}"),
            operation=problem.operation,
            code=problem.code,
            remedy="Correct stack and region in the settings, or use credentials of the account that has it.",
            at=problem.at,
        )
    )
