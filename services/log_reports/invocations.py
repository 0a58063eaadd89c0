"""Lambda's own account of its invocations, from REPORT lines of both formats (aws.md 3.5)."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable
from typing import Any

import msgspec

from services.model.logs import LogLine

PATTERN = '"REPORT RequestId"'
"""Finds them in a log of the text format; in one of the JSON format it is JSON_PATTERN."""

JSON_PATTERN = '{ $.type = "platform.report" }'

_FIELD = re.compile(r"(Billed Duration|Max Memory Used|Memory Size|Init Duration|Duration): ([\d.]+) (?:ms|MB)")
_JSON = {
    "durationMs": "Duration",
    "billedDurationMs": "Billed Duration",
    "memorySizeMB": "Memory Size",
    "maxMemoryUsedMB": "Max Memory Used",
    "initDurationMs": "Init Duration",
}


class Invocations(msgspec.Struct, frozen=True):
    """What REPORT lines say together. Milliseconds and megabytes."""

    count: int = 0
    memory_mb: int = 0
    """The function's setting."""
    most_used_mb: int = 0
    median_used_mb: float = 0.0
    billed_ms: float = 0.0
    """Of all of them."""
    longest_ms: float = 0.0
    cold_starts: int = 0
    longest_init_ms: float = 0.0

    @property
    def headroom(self) -> float:
        """Share of the memory that was never used, 0..1."""
        return 1 - self.most_used_mb / self.memory_mb if self.memory_mb else 0.0


def invocations(lines: Iterable[LogLine]) -> Invocations:
    """All REPORT lines among `lines`; others are left out."""
    found = [told for line in lines if (told := reported(line.text))]
    if not found:
        return Invocations()
    used = [one.get("Max Memory Used", 0.0) for one in found]
    starts = [one["Init Duration"] for one in found if "Init Duration" in one]
    return Invocations(
        count=len(found),
        memory_mb=int(max(one.get("Memory Size", 0.0) for one in found)),
        most_used_mb=int(max(used)),
        median_used_mb=statistics.median(used),
        billed_ms=sum(one.get("Billed Duration", 0.0) for one in found),
        longest_ms=max(one.get("Duration", 0.0) for one in found),
        cold_starts=len(starts),
        longest_init_ms=max(starts, default=0.0),
    )


def reported(text: str) -> dict[str, float]:
    """The numbers of one REPORT line, by Lambda's names; empty when it is none."""
    if text.startswith("REPORT RequestId: "):
        return {name: float(value) for name, value in _FIELD.findall(text) if value.count(".") <= 1}
    if text.startswith("{") and "platform.report" in text:
        return _of_json(text)
    return {}


def _of_json(text: str) -> dict[str, float]:
    try:
        metrics: Any = msgspec.json.decode(text)["record"]["metrics"]
    except (msgspec.DecodeError, KeyError, TypeError, RecursionError):
        return {}
    if not isinstance(metrics, dict):
        return {}
    return {name: float(metrics[key]) for key, name in _JSON.items() if isinstance(metrics.get(key), int | float)}
