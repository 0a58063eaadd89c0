"""The generated past of one log group, minute by minute: computed when asked for, kept while it is being read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from services.simulated.estate import EnvironmentEstate
from services.simulated.logs import json_lines, lines, streams
from services.simulated.logs.events import Event, Lag
from services.simulated.world.controls import Controls
from services.simulated.world.values import Request

_T = TypeVar("_T")

MINUTE_MS = 60_000

KEPT_MINUTES = 20
"""Minutes of one group that stay in memory: a tail reads the last three again and again."""


class Requests(Protocol):
    """The part of the world model that logs are made of."""

    def requests(self, environment: str, start: int) -> tuple[Request, ...]: ...


class Source(Protocol):
    """Where a log group's events come from."""

    def minute(self, start: int) -> list[Event]:
        """The events whose timestamp lies in the minute that starts at epoch second `start`, sorted."""
        ...


Writer = Callable[[Request, EnvironmentEstate], Iterator[lines.Line]]
StreamOf = Callable[[Request], str]
StreamsOfMinute = Callable[[int], StreamOf]


Silences = Sequence[tuple[float, float]]
"""When nothing comes into a log: from and until, epoch milliseconds."""


class _Raw(msgspec.Struct):
    """The events of the requests of one minute, and the state of the controls that they were made under."""

    version: tuple[int, int]
    requests: tuple[Request, ...]
    events: list[Event]


class RequestLog:
    """Events made of the world's requests. The world may change the present minute: what it no longer says goes."""

    def __init__(
        self,
        world: Requests,
        controls: Controls,
        estate: EnvironmentEstate,
        group: str,
        digit: int,
        writer: Writer,
        naming: StreamsOfMinute,
        silences: Silences = (),
    ) -> None:
        self._world = world
        self._controls = controls
        self._estate = estate
        self._group = group
        self._digit = digit
        self._writer = writer
        self._naming = naming
        self._silences = silences
        self._lock = threading.Lock()
        self._raw: OrderedDict[int, _Raw] = OrderedDict()
        self._sorted: OrderedDict[int, tuple[list[Event], list[Event], list[Event]]] = OrderedDict()

    def minute(self, start: int) -> list[Event]:
        with self._lock:
            before, own = self._of_requests(start - 60), self._of_requests(start)
            kept = self._sorted.get(start)
            if kept is not None and kept[0] is before and kept[1] is own:
                return kept[2]
            first, last = start * 1000, start * 1000 + MINUTE_MS
            events = [event for event in before if event.timestamp >= first]
            events += [event for event in own if event.timestamp < last]
            events.sort()
            _keep(self._sorted, start, (before, own, events))
            return events

    def _of_requests(self, start: int) -> list[Event]:
        """Events of the requests that arrived in the minute; a request's last line may fall into the next one."""
        version = self._controls.version, len(self._controls.checks(self._estate.name, start))
        kept = self._raw.get(start)
        if kept is not None and kept.version == version:
            return kept.events
        requests = self._world.requests(self._estate.name, start)
        if kept is not None and kept.requests == requests:
            kept.version = version
            return kept.events
        stream_of = self._naming(start)
        events: list[Event] = []
        for request in requests:
            events.extend(self._events(request, stream_of(request)))
        _keep(self._raw, start, _Raw(version, requests, events))
        return events

    def _events(self, request: Request, stream: str) -> Iterator[Event]:
        lag = Lag(f"{self._group}/{request.id}")
        number = (int(request.id.replace("-", ""), 16) * 10 + self._digit) * 100
        longest, silences = MINUTE_MS - 1, self._silences
        for ordinal, (offset, message) in enumerate(self._writer(request, self._estate)):
            at = request.at_ms + min(longest, max(0, round(offset)))
            if silences and any(begins <= at < ends for begins, ends in silences):
                continue
            yield Event(at, lag.ingested(at), number + ordinal, stream, message)


def logs_of(
    world: Requests, controls: Controls, estate: EnvironmentEstate, silences: Mapping[str, Silences] | None = None
) -> dict[str, RequestLog]:
    """The four logs that one environment's requests write: group name → log. `silences` by what the log is of."""
    function = estate.function

    def containers(start: int) -> StreamOf:
        return streams.ContainerStreams(function, start).of

    def execution(start: int) -> StreamOf:
        return streams.execution_stream

    def access(start: int) -> StreamOf:
        return lambda request: streams.access_stream(estate.api_id, request)

    def application(start: int) -> StreamOf:
        name = streams.application_stream(function, start)
        return lambda request: name

    in_function = json_lines.function_json_lines if estate.log_format == "JSON" else lines.function_lines
    made: tuple[tuple[str, str, Writer, StreamsOfMinute], ...] = (
        ("function", estate.lambda_log_group, in_function, containers),
        ("execution", estate.api_log_group, lines.execution_lines, execution),
        ("access", estate.access_log_group, lines.access_lines, access),
        ("application", estate.app_log_group, lines.application_lines, application),
    )
    silent = silences or {}
    return {
        group: RequestLog(world, controls, estate, group, digit, writer, naming, silent.get(log, ()))
        for digit, (log, group, writer, naming) in enumerate(made)
    }


def _keep(kept: OrderedDict[int, _T], key: int, value: _T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT_MINUTES:
        kept.popitem(last=False)
