"""Numbers and instants as short text, for the sentences of the rules. Plain spaces, no locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.model.assessment import Unit


def figure(value: float, unit: Unit) -> str:
    """`1.42 s`, `182 ms`, `12.1 %`, `1 412`, `214/min`, `3.4 units/s`."""
    if unit is Unit.MILLISECONDS:
        return duration_ms(value)
    if unit is Unit.PERCENT:
        return percent(value)
    if unit is Unit.PER_MINUTE:
        return f"{count(value) if value >= 10 else _trim(value, 1)}/min"
    if unit is Unit.UNITS_PER_SECOND:
        return f"{_trim(value, 1) if value < 1000 else count(value)} units/s"
    return count(value)


def duration_ms(value: float) -> str:
    """Milliseconds under a second, seconds with three figures above."""
    if value < 999.5:
        return f"{_trim(value, 0 if value >= 10 else 1)} ms"
    seconds = value / 1000
    return f"{_trim(seconds, 2 if seconds < 10 else 1 if seconds < 100 else 0)} s"


def percent(value: float) -> str:
    """One decimal; what would round to nothing without being nothing says so."""
    if 0 < value < 0.05:
        return "< 0.1 %"
    return f"{_trim(value, 1)} %"


def count(value: float) -> str:
    """Whole numbers in groups of three."""
    return f"{value:,.0f}".replace(",", " ")


def minutes(seconds: float) -> str:
    """`5 min`, `90 s`, `3 h`."""
    if seconds % 3600 == 0 and seconds:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 60:.0f} min" if seconds % 60 == 0 else f"{seconds:.0f} s"


def span(elapsed: timedelta) -> str:
    """How long, in the largest unit that tells: `40 s`, `4 min`, `5 h`, `3 days`."""
    seconds = max(0.0, elapsed.total_seconds())
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h"
    days = round(seconds / 86400)
    return f"{days} day{'s' if days != 1 else ''}"


def clock(at: datetime, now: datetime | None = None) -> str:
    """`03:07`, UTC; with the date when it is not the day of `now`."""
    at = at.astimezone(UTC)
    if now is not None and at.date() != now.astimezone(UTC).date():
        return f"{at:%m-%d %H:%M}"
    return f"{at:%H:%M}"


def listed(names: Sequence[str], limit: int = 3) -> str:
    """`a, b and c`; beyond `limit` the rest is counted."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _trim(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}".replace(",", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text
