"""What a handler of the simulated account is: botocore's parameters in, botocore's result or an AWS error out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec


class AwsError(Exception):
    """An error as AWS would answer it, written in whatever protocol the caller speaks.

    `code` is AWS's name for it, without `Exception` added or taken away; `status` is the HTTP status;
    `members` are further fields of the error's shape, for the few that have any.
    """

    def __init__(self, code: str, message: str, status: int = 400, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members: Mapping[str, Any] = members or {}


class Context(msgspec.Struct, frozen=True):
    """One request, as far as a handler needs it besides its parameters."""

    region: str
    account: str
    operation: str
    now: datetime
    """The account's time, aware, UTC."""


Handler = Callable[[Context, dict[str, Any]], dict[str, Any] | None]
"""Parameters and result in botocore's shapes: datetimes aware UTC or epoch numbers, blobs as bytes.

A parameter that was not given is not in the mapping. `None` is the empty result. Refuses with `AwsError`.
Called from several threads at once.
"""
