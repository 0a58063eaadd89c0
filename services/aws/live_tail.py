"""One session of CloudWatch Logs Live Tail: lines within a second of their ingestion, for money (aws.md 3.3).

A session ends after three hours; what comes too fast is sampled or dropped; its lines have no event ids. So it is never
the only source of what is shown (services/watch/live.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from services.aws.failures import classify
from services.aws.logs import event_key, line
from services.aws.reply import garbled, rows, table
from services.aws.session import Account
from services.model.logs import LogLine
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import safe

GROUPS_MOST = 10

SILENCE_S = 5.0
"""Machine seconds without an update, which comes every second even when it is empty: the link is dead."""


class LiveGroup(msgspec.Struct, frozen=True):
    """A group of a session."""

    name: str
    short: str
    arn: str
    """Without the trailing `:*`."""


class LiveUpdate(msgspec.Struct, frozen=True):
    """One second's lines."""

    lines: tuple[LogLine, ...] = ()
    keys: tuple[int, ...] = ()
    """Of each line: what tells it apart, as `Page.keys` of the tail does."""
    sampled: bool = False
    started: bool = False
    """The first of a session; it has no lines."""


async def session(
    account: Account, groups: Sequence[LiveGroup], pattern: str = "", silence: float = SILENCE_S
) -> AsyncIterator[LiveUpdate]:
    """Updates until the session ends, which it always does: by AccountError, after three hours too."""
    if len(groups) > GROUPS_MOST:
        message = safe(f"Live Tail takes {GROUPS_MOST} groups at most, not {len(groups)}")
        raise AccountError(Problem(ProblemKind.REFUSED, message, remedy="Choose fewer groups."))
    asked: dict[str, Any] = {"logGroupIdentifiers": [group.arn for group in groups]}
    if pattern:
        asked["logEventFilterPattern"] = pattern
    reply = await account.ask("logs", "StartLiveTail", asked, once=True)
    stream = reply.get("responseStream")
    if stream is None:
        raise garbled("responseStream")
    names = {group.arn: group for group in groups} | {group.name: group for group in groups}
    events = stream.__aiter__()
    try:
        while True:
            yield _update(await _next(events, account, silence), names)
    finally:
        stream.close()


async def _next(events: Any, account: Account, silence: float) -> Mapping[str, Any]:
    region = account.environment.region
    try:
        async with asyncio.timeout(silence):
            event: Mapping[str, Any] = await events.__anext__()
    except StopAsyncIteration:
        raise AccountError(Problem(ProblemKind.UNREACHABLE, safe("the Live Tail session was cut off"))) from None
    except TimeoutError:
        message = safe(f"nothing came over Live Tail for {silence:.0f} s")
        raise AccountError(Problem(ProblemKind.TIMEOUT, message)) from None
    except Exception as error:
        # The edge of the stream: botocore's own errors, aiohttp's, and what a torn message makes of its parser.
        raise AccountError(classify(error, "logs", "StartLiveTail", region, account.clock.now())) from error
    return event


def _update(event: Mapping[str, Any], names: Mapping[str, LiveGroup]) -> LiveUpdate:
    if "sessionStart" in event:
        return LiveUpdate(started=True)
    update = table(event, "sessionUpdate")
    found = rows(update, "sessionResults")
    lines, keys = [], []
    for row in found:
        group = names.get(str(row.get("logGroupIdentifier", "")))
        if group is not None:
            lines.append(line(row, group.short))
            keys.append(event_key(row, group.name))
    return LiveUpdate(tuple(lines), tuple(keys), bool(table(update, "sessionMetadata").get("sampled")))
