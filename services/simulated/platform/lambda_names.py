"""The many ways a caller may name a function, and how Lambda refuses."""

from __future__ import annotations

import re

from services.simulated.platform.functions import FunctionStore
from services.simulated.protocol import AwsError, Context

_NAME = re.compile(
    r"(?:arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:|(?P<partial>\d{12}):function:|function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?\Z"
)


def find_function(
    stores: dict[str, FunctionStore], context: Context, named: str, qualifier: str | None
) -> tuple[FunctionStore, str]:
    """The function and the qualifier (empty: none), however they were given: name, `name:LIVE`, ARN."""
    match = _NAME.match(named)
    if match is None:
        message = (
            f"1 validation error detected: Value '{named}' at 'functionName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern"
        )
        raise refusal("ValidationException", message, 400)
    inline = match["qualifier"]
    if inline and qualifier and inline != qualifier:
        message = "The derived qualifier from the function name does not match the specified qualifier."
        raise refusal("InvalidParameterValueException", message, 400)
    region = match["region"] or context.region
    for store in stores.values():
        if store.name == match["name"] and store.environment.region == region == context.region:
            return store, qualifier or inline or ""
    arn = f"arn:aws:lambda:{region}:{context.account}:function:{match['name']}"
    suffix = f":{qualifier or inline}" if qualifier or inline else ""
    raise refusal("ResourceNotFoundException", f"Function not found: {arn}{suffix}", 404)


def refusal(code: str, message: str, status: int) -> AwsError:
    """An error as Lambda shapes it."""
    return AwsError(code, message, status, {"Type": "User"})
