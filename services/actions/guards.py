"""What every plan checks first. Each guard gives a Refusal with the remedy, or None."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.model.entry import Operation, Phase
from services.model.plan import ActionKind, Grade, Refusal
from services.model.reading import Reading
from services.model.situation import Situation
from services.rules.stack_states import permitted
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind

VALID_FOR = timedelta(minutes=5)
"""How long a plan can be confirmed (reliability 3.1)."""

STALE_AFTER = timedelta(minutes=3)
"""A reading older than this is no ground for a plan; the executor reads again in any case."""

SANDBOX_HASTE = 60
"""A simulated account's time may run this much faster than its reader's: there both limits are that much longer."""

_UNSENT = frozenset(
    {
        *(Phase.ORDERED, Phase.STARTED, Phase.LEASED, Phase.PAUSED),
        *(Phase.SNAPSHOT, Phase.INTENT, Phase.OUTPUT, Phase.REPLY, Phase.UNKNOWN, Phase.RECONCILED),
    }
)


def refuse(kind: ActionKind, reason: str, remedy: str) -> Refusal:
    """A refusal whose texts are safe to show."""
    return Refusal(kind, safe(reason, 400), safe(remedy, 400))


def grade(environment: Environment) -> Grade:
    """Production asks for its name, typed (decisions C13)."""
    return Grade.TYPED if environment.production else Grade.KEY


def lifetime(environment: Environment) -> timedelta:
    """How long a plan for this environment can be confirmed, in the account's time."""
    return VALID_FOR * _haste(environment)


def _haste(environment: Environment) -> int:
    return SANDBOX_HASTE if environment.kind is EnvironmentKind.SANDBOX else 1


def unknown(
    kind: ActionKind, what: str, reading: Reading[Any], environment: Environment, now: datetime
) -> Refusal | None:
    """Whether `reading` is too little to plan on: never answered, failing, or old. `what` names it: `the alias`."""
    if reading.value is None:
        if reading.problem is not None:
            remedy = reading.problem.remedy or "Wait for the next try, or press refresh."
            return refuse(kind, f"{what} cannot be read: {reading.problem.message}", remedy)
        return refuse(kind, f"{what} has not been read yet", "Wait a moment: it is being asked for.")
    age = reading.age(now)
    if age is None or age > STALE_AFTER.total_seconds() * _haste(environment):
        seconds = "an unknown time" if age is None else f"{age:.0f} s"
        why = f": {reading.problem.message}" if reading.problem is not None else ""
        return refuse(kind, f"what is known of {what} is {seconds} old{why}", "Refresh, and plan again.")
    return None


def account_refusal(kind: ActionKind, situation: Situation, environment: Environment) -> Refusal | None:
    """A plan names the account it is for; the executor compares."""
    identity = situation.identity.value
    if identity is None:
        why = situation.identity.problem
        remedy = (why.remedy if why is not None else "") or "Wait until sts:GetCallerIdentity has answered."
        return refuse(kind, "the account is not known yet" + (f": {why.message}" if why else ""), remedy)
    if environment.account and environment.account != identity.account:
        return refuse(
            kind,
            f"these credentials are for account {identity.account}, {environment.name} is in {environment.account}",
            "Use credentials of the right account.",
        )
    return None


def stack_refusal(kind: ActionKind, situation: Situation, environment: Environment, now: datetime) -> Refusal | None:
    """No action of ours while CloudFormation is at work on the stack (aws.md 5.6)."""
    missing = unknown(kind, "the stack", situation.stack, environment, now)
    if missing is not None:
        return missing
    stack = situation.stack.value
    if stack is not None and stack.in_progress:
        since = f" since {stack.updated:%H:%M:%SZ}" if stack.updated else ""
        return refuse(
            kind,
            f"the stack {stack.name} is {stack.status}{since}",
            f"Wait until the stack's operation has ended, or end it first: it would undo or fail on this. "
            f"{stack.status}: {permitted(stack.status).text}.",
        )
    return None


def operation_refusal(kind: ActionKind, operations: Sequence[Operation], resource: str) -> Refusal | None:
    """One of ours is between its order and its effect on the same resource. While it only verifies it is no bar."""
    for operation in operations:
        unsent = operation.phase in _UNSENT and operation.switched is None  # it may pause, or be resumed, while judging
        if operation.open and unsent and resource in resources(operation):
            who = next((entry.actor for entry in operation.entries if entry.actor is not None), None)
            by = f" by {who.os_user} on {who.host}" if who is not None else ""
            return refuse(
                kind,
                f"operation {operation.id}{by} is at work on {resource} since {operation.ordered:%H:%M:%SZ} "
                f"({operation.phase.value})",
                "Follow it; if its executor is gone, resume it there.",
            )
    return None


def unread_since(kind: ActionKind, said: str, reading: Reading[Any], operations: Sequence[Operation]) -> Refusal | None:
    """Whether `reading` is from before the newest effect of `operations`, which changed what it tells. `said`: that."""
    newest = max((one.switched for one in operations if one.switched is not None), default=None)
    if newest is not None and reading.taken is not None and reading.taken < newest:
        return refuse(kind, said, "Wait a moment: it is being asked for.")
    return None


def resources(operation: Operation) -> tuple[str, ...]:
    """What an operation's steps change."""
    return tuple(resource_of(step.call.parameters) for step in operation.plan.steps)


def resource_of(parameters: dict[str, object]) -> str:
    """The one thing that a call changes, as leases and refusals name it."""
    if "taskName" in parameters:
        return "the account's log export"  # one task of an account and region may be active
    if "logGroupName" in parameters:
        return f"log group {parameters['logGroupName']}"
    if "FunctionName" in parameters:
        return f"lambda {parameters['FunctionName']}:{parameters.get('Name', '')}"
    if "restApiId" in parameters:
        return f"stage {parameters['restApiId']}/{parameters.get('stageName', '')}"
    if "ApiId" in parameters:
        return f"stage {parameters['ApiId']}/{parameters.get('StageName', '')}"
    if "UserPoolId" in parameters:
        return f"user {parameters.get('Username', '')} of {parameters['UserPoolId']}"
    table = parameters.get("TargetTableName") or parameters.get("TableName")
    if table:
        return f"table {table}"
    if "StackName" in parameters:
        return f"stack {parameters['StackName']}"
    if "Bucket" in parameters:
        return f"bucket {parameters['Bucket']}"
    return f"distribution {parameters.get('DistributionId', '')}"


def ago(then: datetime, now: datetime) -> str:
    """`12 min ago`, `3 days ago`."""
    hours = (now - then).total_seconds() / 3600
    if hours < 1:
        return f"{max(0.0, hours * 60):.0f} min ago"
    return f"{hours:.0f} h ago" if hours < 48 else f"{hours / 24:.0f} days ago"
