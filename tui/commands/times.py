"""`--since` and `--until`: how long ago, or an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from services.problems import ConfigurationError
from services.safe_text import safe

_AGO = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_HOW = "write how long ago, such as 90s, 15m, 2h, 7d, or an instant such as 03:07, 2026-11-23T03:07:00Z"


def instant(text: str, now: datetime, option: str) -> datetime:
    """The instant that `text` means. A time of day is the last one that has been, UTC. Raises ConfigurationError."""
    ago, clock = _AGO.fullmatch(text.strip()), _CLOCK.fullmatch(text.strip())
    try:
        if ago is not None:
            return now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        if clock is not None:
            at = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0), microsecond=0)
            return at if at <= now else at - timedelta(days=1)
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigurationError(f"{option} {safe(text, 60)!r} is no time; {_HOW}.") from None
