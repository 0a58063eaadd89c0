"""What a field's value counts as: a number, a text, a truth; and how two of them compare."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z")


class Moment(int):
    """Epoch milliseconds that are shown as a date and time."""


def number(value: Any) -> float | None:
    """The value as a number; None for what is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return float(value) if isinstance(value, str) and _NUMBER.match(value) else None


def text(value: Any) -> str:
    """The value as results show it: a moment as `2026-11-23 03:07:00.000`, a number without needless digits."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Moment):
        moment = _EPOCH + timedelta(milliseconds=int(value))
        return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{int(value) % 1000:03d}"
    if isinstance(value, float):
        return _shown(value)
    return str(value)


def compare(left: Any, operator: str, right: Any) -> bool:
    """As numbers when both are, else as texts, case-sensitive. What is not there compares with nothing."""
    if left is None or right is None:
        return False
    one, other = number(left), number(right)
    first, second = (one, other) if one is not None and other is not None else (text(left), text(right))
    if operator == "=":
        return first == second
    if operator == "!=":
        return first != second
    if operator in ("<", ">="):
        return (first < second) == (operator == "<")  # type: ignore[operator]  # both numbers or both texts
    return (first > second) == (operator == ">")  # type: ignore[operator]  # both numbers or both texts


def order(value: Any) -> tuple[int, float, str]:
    """A key to sort by: what is not there, then numbers, then texts."""
    if value is None:
        return (0, 0.0, "")
    figure = number(value)
    return (1, figure, "") if figure is not None else (2, 0.0, text(value))


def truth(value: Any) -> bool:
    """Whether a condition holds: true, or a number that is not 0."""
    if isinstance(value, bool):
        return value
    figure = number(value)
    return figure is not None and figure != 0


def _shown(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.0001 else repr(value)
