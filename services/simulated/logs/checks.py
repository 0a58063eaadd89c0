"""What every logs operation does first: find the group, check the numbers; and AWS's errors for what is wrong."""

from __future__ import annotations

import zlib
from typing import Any

from services.simulated.logs.groups import Group, Groups
from services.simulated.protocol import AwsError, Context

NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."
BAD_TOKEN = "The specified nextToken is invalid."  # noqa: S105 - an error message


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def group_of(groups: Groups, context: Context, parameters: dict[str, Any]) -> Group:
    """The group named by `logGroupName` or `logGroupIdentifier` (a name or an ARN), never both."""
    name, identifier = parameters.get("logGroupName"), parameters.get("logGroupIdentifier")
    if name and identifier:
        raise invalid("Both logGroupName and logGroupIdentifier cannot be provided together.")
    if not name and not identifier:
        raise invalid("Either logGroupName or logGroupIdentifier must be provided.")
    wanted = str(name or identifier)
    if identifier and wanted.startswith("arn:"):
        wanted = wanted.split(":log-group:", 1)[-1].removesuffix(":*")
    group = groups.find(context.region, wanted)
    if group is None:
        raise not_found(NO_GROUP)
    return group


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
