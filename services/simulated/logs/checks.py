"""What every logs operation does first: find the group, check the numbers; and AWS's errors for what is wrong."""

from __future__ import annotations

import zlib
from typing import Any

from services.simulated.logs.group import Group
from services.simulated.logs.groups import Groups
from services.simulated.protocol import AwsError, Context

NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."
BAD_TOKEN = "The specified nextToken is invalid."  # noqa: S105 - an error message


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def name_in(identifier: str) -> str:
    """The name that a log group's identifier, a name or an ARN, is of."""
    if not identifier.startswith("arn:"):
        return identifier
    return identifier.split(":log-group:", 1)[-1].removesuffix(":*")


def group_of(groups: Groups, context: Context, parameters: dict[str, Any]) -> Group:
    """The group named by `logGroupName` or `logGroupIdentifier` (a name or an ARN), never both."""
    name, identifier = parameters.get("logGroupName"), parameters.get("logGroupIdentifier")
    if name and identifier:
        raise invalid("Both logGroupName and logGroupIdentifier cannot be provided together.")
    if not name and not identifier:
        raise invalid("Either logGroupName or logGroupIdentifier must be provided.")
    wanted = str(name or identifier)
    group = groups.find(context.region, name_in(wanted) if identifier else wanted)
    if group is None:
        raise not_found(NO_GROUP)
    return group


def readable(groups: Groups, context: Context, parameters: dict[str, Any]) -> Group:
    """The group, when its class lets events be read one by one and the caller may."""
    group = group_of(groups, context, parameters)
    allowed(group, context)
    if group.kind != "STANDARD":
        raise invalid(f"This operation is not supported for log groups in the {group.kind} log class.")
    return group


def allowed(group: Group, context: Context) -> None:
    """Refuse what the caller has no right to, in IAM's words for a log group."""
    if group.denied:
        action = f"logs:{context.operation}"
        raise AwsError(
            "AccessDeniedException",
            f"User: {caller_arn(context)} is not authorized to perform: {action} on resource: "
            f"{arn_of(group, context)}:log-stream: because no identity-based policy allows the {action} action",
        )


def caller_arn(context: Context) -> str:
    return f"arn:aws:sts::{context.account}:assumed-role/ec2-manager-operator/on-call"


def arn_of(group: Group, context: Context) -> str:
    """The group's ARN, without the asterisk that an old answer ends it in."""
    return f"arn:aws:logs:{context.region}:{context.account}:log-group:{group.name}"


def limit_of(parameters: dict[str, Any], most: int, default: int) -> int:
    limit = int(parameters.get("limit", default))
    if not 1 <= limit <= most:
        word, bound = ("greater", 1) if limit < 1 else ("less", most)
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value {word} than or equal to {bound}"
        )
    return limit


def fingerprint(*parts: object) -> int:
    """Binds a token to its question."""
    return zlib.crc32(repr(parts).encode())


def now_ms(context: Context) -> int:
    return int(context.now.timestamp() * 1000)
