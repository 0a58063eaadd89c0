"""What a handler of the simulated account is: botocore's parameters in, botocore's result or an AWS error out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
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


class LeftToMoto(Exception):
    """A handler of a shared service says of this one request that moto answers it better; nothing was changed."""


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


StreamItem = tuple[str, dict[str, Any]] | AwsError | None
"""What a stream of events gives next: an event's name and members, the error that ends it, or nothing for now."""


StreamItems = Generator[StreamItem, None, None]


class EventStream:
    """A result that goes on: what a handler puts where its output shape has an event stream.

    The façade asks for the next item, sends it, and asks again a moment later after a None, until the stream ends,
    the caller is gone or the account closes; then the iterator is closed. Called outside any lock.
    """

    def __init__(self, items: StreamItems) -> None:
        self.items = items
