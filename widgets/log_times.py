"""When a line was written, in eight cells: as UTC, as this machine's time, or as its age. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

WIDTH = 8


class Times(StrEnum):
    """How times are told."""

    UTC = "UTC"
    LOCAL = "local"
    AGE = "age"


def told(at: int, times: Times, now: int) -> str:
    """`at` and `now` in epoch milliseconds; `03:11:40`, or `    12 s`."""
    if times is Times.AGE:
        return f"{age((now - at) // 1000):>{WIDTH}}"
    if times is Times.LOCAL:
        return datetime.fromtimestamp(at / 1000).astimezone().strftime("%H:%M:%S")
    second = at // 1000 % 86_400
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def age(seconds: int) -> str:
    """`12 s`, `4:07`, `3 h 12`, `2 d`; a time to come is `0 s`."""
    if seconds < 60:
        return f"{max(0, seconds)} s"
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds // 60 % 60:02d}"
    return f"{seconds // 86_400} d"


def day(at: int, times: Times) -> str:
    """The day, for a row between lines of two days: `Mon 23 Nov 2026`."""
    zone = None if times is Times.LOCAL else UTC
    instant = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    return instant.strftime("%a %d %b %Y")


def moment(at: int) -> str:
    """`23 Nov 03:07:12`, with its day because it may be any: epoch milliseconds, UTC."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%d %b} {told(at, Times.UTC, 0)}"
