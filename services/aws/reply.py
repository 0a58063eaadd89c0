"""Reading a reply: what must be there is there and of its type, or the reply is garbled (reliability 0.8, D36).

botocore's parser turns a portal's page or a foreign JSON document into an empty dict without a word. So a field that
AWS always sends is read with `need`, one that may be missing with the others. Every text is made safe here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from services.aws.session import Account
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import SafeText, safe

T = TypeVar("T")
Reply = Mapping[str, Any]

PAGES_LIMIT = 50
"""Most pages followed of one question; more means that a token loops or that the question is too wide."""


def garbled(what: str) -> AccountError:
    """An answer without a field that it must have."""
    message = f"an answer without {what}: this is not what AWS sends"
    remedy = "Check for a proxy or a login page between here and AWS."
    return AccountError(Problem(ProblemKind.GARBLED, safe(message, 300), remedy=remedy))


def need(reply: Reply, field: str, kind: type[T]) -> T:
    """A field that AWS always sends. Raises AccountError(GARBLED)."""
    value = reply.get(field)
    if not isinstance(value, kind):
        raise garbled(field)
    return value


def need_text(reply: Reply, field: str) -> SafeText:
    """A required text, never empty."""
    value = need(reply, field, str)
    if not value:
        raise garbled(field)
    return safe(value)


def text(reply: Reply, field: str) -> SafeText:
    """An optional text; empty when missing."""
    value = reply.get(field)
    return SafeText("") if value is None else safe(value)


def number(reply: Reply, field: str) -> int:
    """An optional whole number; 0 when missing or not a number."""
    value = reply.get(field)
    return int(value) if isinstance(value, int | float) and abs(value) < 1e18 else 0


def table(reply: Reply, field: str) -> Reply:
    """An optional structure; empty when missing."""
    value = reply.get(field)
    return value if isinstance(value, Mapping) else {}


def rows(reply: Reply, field: str) -> tuple[Reply, ...]:
    """An optional list of structures; anything else in it is left out."""
    value = reply.get(field)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(row for row in value if isinstance(row, Mapping))


def texts(reply: Reply, field: str) -> tuple[SafeText, ...]:
    """An optional list of texts."""
    value = reply.get(field)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(safe(row) for row in value if isinstance(row, str))


def instant(reply: Reply, field: str) -> datetime | None:
    """An optional instant, aware, UTC. botocore gives datetimes; some fields are ISO 8601 text."""
    value = reply.get(field)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


async def pages(
    account: Account,
    service: str,
    operation: str,
    parameters: Reply,
    *,
    follow: str = "NextToken",
    send: str = "",
    region: str = "",
    limit: int = PAGES_LIMIT,
) -> AsyncIterator[Reply]:
    """Every page of a question, following the field `follow` (sent back as `send`, by default the same name).

    Ends at `limit` pages and at a token that comes back unchanged. Raises AccountError.
    """
    asked = dict(parameters)
    previous: object = None
    for _ in range(limit):
        reply = await account.ask(service, operation, asked, region=region)
        yield reply
        following = reply.get(follow)
        if not following or following == previous:
            return
        asked[send or follow] = previous = following
