"""Reading fields of a body that anyone may have written: of the right type and within bounds, or not there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.safe_text import SafeText, safe

TITLE_LIMIT = 200
LONGEST_S = 455 * 86_400
"""Fifteen months: older data does not exist (aws.md 2.1)."""

_RELATIVE = re.compile(
    r"-P(?:(?P<y>\d{1,4})Y)?(?:(?P<mo>\d{1,4})M)?(?:(?P<w>\d{1,4})W)?(?:(?P<d>\d{1,5})D)?"
    r"(?:T(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,7})M)?(?:(?P<s>\d{1,9})S)?)?\Z"
)
_SECONDS = {"y": 365 * 86_400, "mo": 30 * 86_400, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}


def table(value: object) -> Mapping[str, Any]:
    """An object; empty when it is anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[Any]:
    """A list; empty when it is anything else."""
    return value if isinstance(value, list) else ()


def text(value: object, limit: int = TITLE_LIMIT) -> SafeText:
    """A text, safe; empty when it is anything else."""
    return safe(value, limit) if isinstance(value, str) else SafeText("")


def word(value: object) -> str:
    """A name as AWS is to be asked by it, unchanged; empty unless it is printable ASCII of a name's length."""
    return value if isinstance(value, str) and len(value) <= 1024 and value.isascii() and value.isprintable() else ""


def number(value: object) -> float | None:
    """A finite number; None for anything else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def whole(value: object, low: int, high: int, otherwise: int) -> int:
    """A whole number, brought into `low` … `high`; `otherwise` when it is none."""
    found = number(value)
    return otherwise if found is None else int(max(low, min(high, found)))


def duration(value: object) -> int | None:
    """`-PT3H`, `-P7D`, `-P1M` as seconds, at most fifteen months; None for anything else."""
    found = _RELATIVE.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    seconds = sum(int(amount) * _SECONDS[unit] for unit, amount in found.groupdict().items() if amount)
    return min(seconds, LONGEST_S) if seconds > 0 else None


def instant(value: object) -> datetime | None:
    """An ISO 8601 instant, aware, UTC; without an offset it is taken as UTC. None for anything else."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if 1970 < found.year < 9000 else None
