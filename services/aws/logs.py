"""CloudWatch Logs: groups, and pages of events (aws.md 3.1, 3.2)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from services.aws.log_lines import read
from services.aws.reply import garbled, need_text, number, rows, text
from services.model.logs import LogGroup, LogLine
from services.safe_text import LINE_LIMIT, SafeText, safe

PAGE_EVENTS = 10_000
"""Most events of one page; a page also ends at 1 MB."""

NEWEST_FIRST_FROM = 1_704_067_200_000
"""2024-01-01, epoch milliseconds: from then on a search can begin with the newest events."""

GROUPS_PAGES = 40


Known = Callable[[int, str], bool]
"""Whether the event of that epoch millisecond and id has been read before."""


class Asker(Protocol):
    """The part of an Account that is needed here."""

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = 20.0,
    ) -> Mapping[str, Any]: ...


class Page(msgspec.Struct, frozen=True):
    """One page of a group's events. An empty page with a token is not the end."""

    lines: tuple[LogLine, ...]
    """In the order of the reply."""
    token: str = ""
    """For the next page; empty: this was the last."""
    events: int = 0
    """How many there were, known ones included."""
    reached: int | None = None
    """Epoch milliseconds of the last of them."""
    newest_first: bool = False
    """Whether they came in that order: asked for, and told by their times."""
    lag_ms: int = 0
    """Longest time between a line's own time and its ingestion, of those that are here."""
    keys: tuple[int, ...] = ()
    """Of each line, where they were asked for: the same for an event whoever tells of it, with or without its id."""


class Search(msgspec.Struct, frozen=True):
    """What is asked of one log group; times are epoch milliseconds, both inclusive."""

    group: str
    short: str
    """The group's name in the lines that come back."""
    start: int
    end: int | None = None
    pattern: str = ""
    newest_first: bool = False

    def parameters(self, token: str = "") -> dict[str, Any]:
        """Of FilterLogEvents, for the first page or the one that `token` names. A token keeps the direction."""
        asked: dict[str, Any] = {"logGroupName": self.group, "startTime": self.start, "limit": PAGE_EVENTS}
        if self.end is not None:
            asked["endTime"] = self.end
        if self.pattern:
            asked["filterPattern"] = self.pattern
        if self.newest_first and self.start >= NEWEST_FIRST_FROM:
            asked["startFromHead"] = False
        if token:
            asked["nextToken"] = token
        return asked


async def filter_events(
    account: Asker, search: Search, token: str = "", known: Known | None = None, *, keyed: bool = False
) -> Page:
    """One page of events as lines, those left out that `known` says are. Raises AccountError.

    GARBLED for an answer without events. Most events of a look at a tail are known: making lines of them is most of
    its work.
    """
    reply = await account.ask("logs", "FilterLogEvents", search.parameters(token))
    events = reply.get("events")
    if not isinstance(events, list):
        raise garbled("events")
    if not all(isinstance(event, dict) for event in events):
        raise garbled("an event's fields")
    following = reply.get("nextToken")
    short = sys.intern(search.short)
    fresh = events if known is None else [event for event in events if not _known(event, known)]
    return Page(
        tuple([line(event, short) for event in fresh]),
        following if isinstance(following, str) else "",
        len(events),
        events[-1].get("timestamp") if events else None,
        bool(events) and _at(events[0]) > _at(events[-1]),
        max([_lag(event) for event in fresh], default=0),
        tuple([event_key(event, search.group) for event in fresh]) if keyed else (),
    )


def event_key(event: Mapping[str, Any], group: str) -> int:
    """What tells an event apart from all others but its exact likes, when it has no id (aws.md 3.3)."""
    told = [event.get(field) for field in ("logStreamName", "timestamp", "ingestionTime", "message")]
    return hash((group, *(one if isinstance(one, str | int) else None for one in told)))


def _at(event: Mapping[str, Any]) -> int:
    at = event.get("timestamp")
    return at if isinstance(at, int) else 0


def _lag(event: Mapping[str, Any]) -> int:
    ingested = event.get("ingestionTime")
    return ingested - _at(event) if isinstance(ingested, int) else 0


def _known(event: Mapping[str, Any], known: Known) -> bool:
    at, identity = event.get("timestamp"), event.get("eventId")
    return isinstance(at, int) and isinstance(identity, str) and known(at, identity)


def line(event: Mapping[str, Any], short: str) -> LogLine:
    """One event as a line: level and request id read from the raw message, the text made safe."""
    message, at, identity = event.get("message"), event.get("timestamp"), event.get("eventId")
    if not isinstance(message, str) or not isinstance(at, int):
        raise garbled("an event's message or timestamp")
    message = message.rstrip("\r\n\t ")
    level, request = read(message)
    return LogLine(at, short, level, _safe_message(message), _identity(identity, event, message), safe(request))


def _safe_message(message: str) -> SafeText:
    """`safe(message)`, without its slow path for the two controls that logs are full of: tabs and newlines."""
    if len(message) > LINE_LIMIT or ("\t" not in message and "\n" not in message):
        return safe(message)
    spread = message.replace("\t", "    ")
    return SafeText("␊".join([safe(part) for part in spread.split("\n")]))


async def describe_groups(account: Asker, prefix: str = "") -> tuple[LogGroup, ...]:
    """Every log group whose name begins with `prefix`, sorted by name. Raises AccountError."""
    found: list[LogGroup] = []
    asked: dict[str, Any] = {"logGroupNamePrefix": prefix} if prefix else {}
    for _ in range(GROUPS_PAGES):
        reply = await account.ask("logs", "DescribeLogGroups", asked)
        if not isinstance(reply.get("logGroups"), list):
            raise garbled("logGroups")
        found.extend(_group(row) for row in rows(reply, "logGroups"))
        token = reply.get("nextToken")
        if not token or token == asked.get("nextToken"):
            break
        asked["nextToken"] = token
    return tuple(sorted(found, key=lambda group: group.name))


def _group(row: Mapping[str, Any]) -> LogGroup:
    arn = text(row, "logGroupArn") or SafeText(text(row, "arn").removesuffix(":*"))
    return LogGroup(
        name=need_text(row, "logGroupName"),
        arn=arn,
        retention_days=number(row, "retentionInDays") or None,
        stored_bytes=number(row, "storedBytes"),
        kind=text(row, "logGroupClass") or SafeText("STANDARD"),
        created=number(row, "creationTime") or None,
    )


def _identity(identity: object, event: Mapping[str, Any], message: str) -> str:
    """AWS's event id; without one, what tells two events of a stream apart as well as can be."""
    if isinstance(identity, str) and identity:
        return identity if identity.isalnum() else safe(identity, 128)
    stream, at, ingestion = event.get("logStreamName"), event.get("timestamp"), event.get("ingestionTime")
    return safe(f"{stream}/{at}/{ingestion}/{hash(message)}", 256)
