"""The fields of one line: those of its JSON, or what Lambda's REPORT line tells. Total: any text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_NEWLINE = "␊"
_REPORT = re.compile(
    r"(?P<name>Duration|Billed Duration|Memory Size|Max Memory Used|Init Duration|Status): (?P<value>[\w.]+)"
)
_NAMES = {
    "Duration": "duration_ms",
    "Billed Duration": "billed_ms",
    "Memory Size": "memory_mb",
    "Max Memory Used": "used_mb",
    "Init Duration": "init_ms",
    "Status": "status",
}


def document(text: str) -> Mapping[str, Any] | None:
    """The object that a line is, or the fields of a REPORT line; None when it is neither or was cut."""
    if text.startswith("{"):
        found = _decoded(text)
        return found if isinstance(found, dict) else None
    return _report(text) if text.startswith("REPORT ") else None


def value_at(found: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path of names; None where there is none. A name with dots in it is tried as a whole first."""
    whole = ".".join(path)
    if whole in found:
        return found[whole]
    here: Any = found
    for name in path:
        if isinstance(here, list) and name.isascii() and name.isdigit():
            here = here[int(name)] if int(name) < len(here) else None
        elif isinstance(here, dict):
            here = here.get(name)
        else:
            return None
    return here


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    if _NEWLINE not in text:
        return None
    try:  # an object written over several lines
        return msgspec.json.decode(text.replace(_NEWLINE, "\n"))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def _report(text: str) -> Mapping[str, Any]:
    fields: dict[str, Any] = {}
    for one in _REPORT.finditer(text):
        value = one["value"]
        try:
            fields[_NAMES[one["name"]]] = float(value)
        except ValueError:
            fields[_NAMES[one["name"]]] = value
    return fields
