"""A dashboard's numbers → short text, and the top of its scales. Pure."""

from __future__ import annotations

import math

from services.model.assessment import Unit
from services.model.dashboards import ValueUnit
from widgets import scale, wording

_UNITS = {
    ValueUnit.MILLISECONDS: Unit.MILLISECONDS,
    ValueUnit.PERCENT: Unit.PERCENT,
    ValueUnit.COUNT: Unit.COUNT,
}
_BYTES = ("B", "kB", "MB", "GB", "TB", "PB")
_LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"))

HEADROOM = 1.05
SLACK = 0.9
"""A scale comes down only when one with this much room to spare would still be smaller."""


def value(number: float | None, unit: ValueUnit) -> str:
    """`180 ms`, `1.42 s`, `12.1 %`, `1 412`, `3.4 MB`, `0.0031`; `–` for None."""
    if number is None or not math.isfinite(number):
        return wording.MINUS
    if number < 0:
        return f"-{value(-number, unit)}"
    if unit is ValueUnit.SECONDS:
        return wording.value(number * 1000.0, Unit.MILLISECONDS)
    if unit is ValueUnit.BYTES:
        return _bytes(number)
    if unit in _UNITS and number < 1e15:
        return wording.value(number, _UNITS[unit])
    return _plain(number)


def axis(number: float, unit: ValueUnit) -> str:
    """The same for an axis, as short as it goes."""
    if not math.isfinite(number):
        return wording.MINUS
    if number < 0:
        return f"-{axis(-number, unit)}"
    if unit is ValueUnit.SECONDS:
        return wording.axis(number * 1000.0, Unit.MILLISECONDS)
    if unit is ValueUnit.BYTES:
        return _bytes(number).replace(" ", "")
    if unit in _UNITS and number < 1e9:
        return wording.axis(number, _UNITS[unit])
    return _plain(number).replace(" ", "")


def parts(text: str) -> tuple[str, str]:
    """The figures of a value and what follows them: `1.42` and `s`."""
    figures, _, unit = text.rpartition(" ")
    return (figures, unit) if figures and not unit[:1].isdigit() else (text, "")


def top(peak: float, unit: ValueUnit, before: float | None = None) -> float:
    """The top of a scale for values up to `peak`: round, and steady against `before`, the top that was shown last."""
    if not math.isfinite(peak) or peak > 1e300:
        return 1e300
    floor = {ValueUnit.MILLISECONDS: 10.0, ValueUnit.PERCENT: 1.0, ValueUnit.COUNT: 4.0}.get(unit, 0.0)
    chosen = scale.nice(max(peak * HEADROOM, floor))
    if unit is ValueUnit.PERCENT and peak <= 100:
        chosen = min(chosen, 100.0)
    if before is None or chosen >= before:
        return chosen
    return chosen if scale.nice(max(peak * HEADROOM / SLACK, floor)) < before else before


def _bytes(number: float) -> str:
    power = 0
    while number >= 999.5 and power < len(_BYTES) - 1:
        number /= 1000.0
        power += 1
    return f"{_short(number)} {_BYTES[power]}"


def _plain(number: float) -> str:
    for size, sign in _LARGE:
        if number >= size * 0.9995:
            return f"{number / size:.3g} {sign}" if number < size * 1000 else f"{number:.2e}"
    return _short(number)


def _short(number: float) -> str:
    """Three significant digits; whole numbers whole, in groups."""
    if number == int(number) or number >= 999.5:
        return wording.grouped(round(number))
    return f"{number:.3g}" if number >= 0.0001 else f"{number:.1e}"
