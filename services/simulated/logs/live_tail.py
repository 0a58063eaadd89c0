"""StartLiveTail: what arrives in up to ten groups, once a second, for three hours at most (aws.md 3.3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.log_patterns.operands import PatternError
from services.log_patterns.patterns import compile_pattern
from services.simulated.logs.checks import NO_GROUP, allowed, arn_of, invalid, name_in, not_found
from services.simulated.logs.events import Event
from services.simulated.logs.group import Group
from services.simulated.logs.groups import Groups
from services.simulated.protocol import AwsError, Context, EventStream, StreamItem, StreamItems
from services.simulated.state import SimulatedState

GROUPS = 10
UPDATE_EVENTS = 500
"""Most events of one update; of more a sample is sent."""

BUFFERED_UPDATES = 10
"""Updates that wait for a caller that does not read; the oldest is dropped for the eleventh."""

LONGEST = timedelta(hours=3)
_SECOND = timedelta(seconds=1)


class Question(msgspec.Struct, frozen=True):
    """What a session is of."""

    region: str
    groups: tuple[tuple[Group, str], ...]
    """Each with its ARN."""
    wanted: Callable[[Event], bool]
    told: dict[str, Any]
    """The parameters as sessionStart repeats them."""


class LiveTail:
    """The sessions that are open. The caller of `start` holds the groups' lock; the streams take it by themselves."""

    def __init__(self, state: SimulatedState, groups: Groups) -> None:
        self._clock = state.clock
        self._groups = groups
        self._open = groups.live_open

    def start(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        question = _question(groups, context, parameters)
        most = groups.live_tails
        if self._open.get(context.region, 0) >= most:
            raise AwsError("LimitExceededException", f"The maximum number of concurrent Live Tail sessions is {most}.")
        return {"responseStream": EventStream(self._session(question))}

    def _session(self, question: Question) -> StreamItems:
        # Counted from the first look on: a stream that nobody reads is never closed either.
        region = question.region
        with self._groups.lock:
            self._open[region] = self._open.get(region, 0) + 1
        try:
            yield from self._items(question)
        finally:
            with self._groups.lock:
                self._open[region] -= 1

    def _items(self, question: Question) -> StreamItems:
        began = told = self._clock.now()
        yield "sessionStart", question.told | {"requestId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())}
        while True:
            now = self._clock.now()
            if now - began >= LONGEST:
                yield AwsError("SessionTimeoutException", "The session has reached its limit of 3 hours.")
                return
            if now - told < _SECOND:
                yield None
                continue
            told = max(told + _SECOND, now - BUFFERED_UPDATES * _SECOND)
            yield self._update(question, _ms(told - _SECOND), _ms(told))

    def _update(self, question: Question, after: int, until: int) -> StreamItem:
        """What was ingested from `after` to before `until`: in that very millisecond more may still come."""
        found: list[tuple[Event, str]] = []
        with self._groups.lock:
            for group, arn in question.groups:
                if self._groups.find(question.region, group.name) is group:
                    found += [(event, arn) for event in group.arrived(after - 1, until - 1) if question.wanted(event)]
        sampled = len(found) > UPDATE_EVENTS
        if sampled:
            found = [found[index * len(found) // UPDATE_EVENTS] for index in range(UPDATE_EVENTS)]
        results = [
            {
                "logStreamName": event.stream,
                "logGroupIdentifier": arn,
                "message": event.message,
                "timestamp": event.timestamp,
                "ingestionTime": event.ingestion,
            }
            for event, arn in found
        ]
        return "sessionUpdate", {"sessionMetadata": {"sampled": sampled}, "sessionResults": results}


def _question(groups: Groups, context: Context, parameters: dict[str, Any]) -> Question:
    identifiers = [str(one) for one in parameters["logGroupIdentifiers"]]
    if not 1 <= len(identifiers) <= GROUPS:
        raise invalid(f"logGroupIdentifiers must name 1 to {GROUPS} log groups.")
    names, prefixes = parameters.get("logStreamNames"), parameters.get("logStreamNamePrefixes")
    if (names or prefixes) and len(identifiers) > 1:
        raise invalid("logStreamNames and logStreamNamePrefixes can be used only with one log group.")
    if names and prefixes:
        raise invalid("logStreamNames and logStreamNamePrefixes cannot be used together.")
    found = tuple((group, arn_of(group, context)) for group in (_group(groups, context, one) for one in identifiers))
    told: dict[str, Any] = {
        "logGroupIdentifiers": identifiers,
        "logStreamNames": names or [],
        "logStreamNamePrefixes": prefixes or [],
        "logEventFilterPattern": str(parameters.get("logEventFilterPattern") or ""),
    }
    return Question(context.region, found, _wanted(told), told)


def _group(groups: Groups, context: Context, identifier: str) -> Group:
    if not identifier.startswith("arn:") or identifier.endswith("*"):
        raise invalid(f"{identifier} is not the ARN of a log group, which ends in the group's name.")
    group = groups.find(context.region, name_in(identifier))
    if group is None or arn_of(group, context) != identifier:
        raise not_found(NO_GROUP)
    allowed(group, context)
    if group.kind != "STANDARD":
        raise AwsError("InvalidOperationException", f"Live Tail is not supported for log class {group.kind}.")
    return group


def _wanted(told: dict[str, Any]) -> Callable[[Event], bool]:
    try:
        matches = compile_pattern(told["logEventFilterPattern"])
    except PatternError as error:
        raise invalid(str(error)) from None
    chosen, prefixes = frozenset(told["logStreamNames"]), tuple(told["logStreamNamePrefixes"])

    def wanted(event: Event) -> bool:
        if chosen and event.stream not in chosen:
            return False
        return (not prefixes or event.stream.startswith(prefixes)) and matches(event.message)

    return wanted


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
