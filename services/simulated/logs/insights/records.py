"""One log event as Insights sees it: the fields it discovers, read only when asked for.

Every event: @timestamp, @ingestionTime, @message, @logStream, @log, @ptr. Lambda's text format: @type, @requestId,
@duration, @billedDuration, @initDuration (ms), @memorySize, @maxMemoryUsed (bytes). JSON: each member by its path with
dots, list elements by their index.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from services.simulated.logs.events import Event
from services.simulated.logs.insights.values import Moment

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_REQUEST = re.compile(rf"(?:RequestId: |\t|Z )({_UUID})")
_TYPE = re.compile(r"(START|END|REPORT) RequestId: |(INIT_START) ")
_REPORTED = {
    "@duration": (re.compile(r"\tDuration: ([\d.]+) ms"), 1.0),
    "@billedDuration": (re.compile(r"\tBilled Duration: ([\d.]+) ms"), 1.0),
    "@initDuration": (re.compile(r"\tInit Duration: ([\d.]+) ms"), 1.0),
    "@memorySize": (re.compile(r"\tMemory Size: (\d+) MB"), 1_000_000.0),
    "@maxMemoryUsed": (re.compile(r"\tMax Memory Used: (\d+) MB"), 1_000_000.0),
}
DISCOVERED = ("@type", "@requestId", *_REPORTED)

_UNREAD = object()
_DEEPEST = 64


class Record:
    """One event of one group."""

    __slots__ = ("_document", "account", "event", "group")

    def __init__(self, account: str, group: str, event: Event) -> None:
        self.account = account
        self.group = group
        self.event = event
        self._document: Any = _UNREAD

    def field(self, name: str) -> Any:
        """The value of a field as it was logged; None when the event has none of that name."""
        if name == "@message":
            return self.event.message
        if name == "@timestamp":
            return Moment(self.event.timestamp)
        if name == "@ingestionTime":
            return Moment(self.event.ingestion)
        if name == "@logStream":
            return self.event.stream
        if name == "@log":
            return f"{self.account}:{self.group}"
        if name == "@ptr":
            return pointer(self.group, self.event)
        if name.startswith("@") and self.group.startswith("/aws/lambda/"):
            return self._of_lambda(name)
        return self._of_json(name)

    def discovered(self) -> dict[str, Any]:
        """Every field that the event has, JSON members by their paths."""
        names = ("@ptr", "@timestamp", "@ingestionTime", "@message", "@logStream", "@log", *DISCOVERED)
        found = {name: value for name in names if (value := self.field(name)) is not None}
        _flatten("", self._parsed(), found, _DEEPEST)
        return found

    def _of_lambda(self, name: str) -> Any:
        message = self.event.message
        kind = _TYPE.match(message)
        if name == "@type":
            return (kind[1] or kind[2]) if kind else None
        if name == "@requestId":
            request = _REQUEST.search(message)
            return request[1] if request else None
        if name in _REPORTED and kind and kind[1] == "REPORT":
            pattern, factor = _REPORTED[name]
            match = pattern.search(message)
            return float(match[1]) * factor if match else None
        return None

    def _of_json(self, name: str) -> Any:
        document = self._parsed()
        if not isinstance(document, Mapping):
            return None
        found = document[name] if name in document else _at(document, name.split("."))
        if isinstance(found, (Mapping, list)):
            return msgspec.json.encode(found).decode()
        return found

    def _parsed(self) -> Any:
        if self._document is _UNREAD:
            self._document = None
            if self.event.message.lstrip().startswith("{"):
                try:
                    self._document = msgspec.json.decode(self.event.message)
                except (msgspec.DecodeError, RecursionError):
                    self._document = None
        return self._document


def pointer(group: str, event: Event) -> str:
    """@ptr: names the event, for GetLogRecord."""
    place = [group, event.timestamp, event.ingestion, str(event.sequence)]
    return base64.b64encode(msgspec.json.encode(place)).decode()


def _at(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _flatten(prefix: str, value: Any, found: dict[str, Any], deeper: int) -> None:
    if isinstance(value, Mapping) and deeper:
        for name, member in value.items():
            _flatten(f"{prefix}.{name}" if prefix else str(name), member, found, deeper - 1)
    elif isinstance(value, list) and deeper:
        for index, member in enumerate(value):
            _flatten(f"{prefix}.{index}", member, found, deeper - 1)
    elif prefix and value is not None:
        found[prefix] = value
