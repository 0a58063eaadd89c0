"""Numbers → short text. Pure; every widget says a number the same way.

Short means: what a tired person needs and no more. Three significant digits for what is measured, whole numbers for
what is counted, one unit, a space between number and unit, a plain space between groups of three digits.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from services.model.assessment import Unit
from services.model.spending import Need, Spending

MINUS = "–"
"""Stands where there is no value; a zero is never shown for a value that does not exist."""


def value(number: float | None, unit: Unit) -> str:
    """`number` in `unit`: `1.42 s`, `12.1 %`, `1 412`, `312/min`, `2.4 units/s`; `–` for None."""
    if number is None or not math.isfinite(number):
        return MINUS
    match unit:
        case Unit.MILLISECONDS:
            return milliseconds(number)
        case Unit.PERCENT:
            return percent(number)
        case Unit.COUNT:
            return count(number)
        case Unit.PER_MINUTE:
            return f"{_measured(number)}/min"
        case Unit.UNITS_PER_SECOND:
            return f"{_measured(number)} units/s"


def axis(number: float, unit: Unit) -> str:
    """The same for an axis, as short as it goes: `2s`, `500ms`, `10%`, `1.5k`."""
    if unit is Unit.MILLISECONDS:
        return f"{number / 1000:g}s" if number >= 1000 else f"{number:g}ms"
    if unit is Unit.PERCENT:
        return f"{number:g}%"
    if number >= 1_000_000:
        return f"{number / 1_000_000:g}M"
    return f"{number / 1000:g}k" if number >= 1000 else f"{number:g}"


def milliseconds(number: float) -> str:
    """`0.4 ms`, `7.2 ms`, `180 ms`, `1.42 s`, `12.4 s`, `142 s`."""
    if number == 0:
        return "0 ms"
    if round(number, 1) < 10:
        return f"{number:.1f} ms"
    if round(number) < 1000:
        return f"{number:.0f} ms"
    seconds = number / 1000
    if round(seconds, 2) < 10:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if round(seconds, 1) < 100 else f"{grouped(round(seconds))} s"


def percent(number: float) -> str:
    """`0 %`, `0.04 %`, `2.3 %`, `12.1 %`, `100 %`; what is above zero never reads as zero."""
    if number == 0:
        return "0 %"
    if abs(number) < 0.005:
        return "<0.01 %"
    if round(abs(number), 2) < 0.1:
        return f"{number:.2f} %"
    if abs(number) >= 1000:
        return f"{count(round(number))} %"
    return "100 %" if number == 100 else f"{number:.1f} %"


def count(number: float) -> str:
    """`0`, `1 412`, `51 234`, `1.23 M`; a fraction (a mean of counts) keeps one digit: `3.5`; what is above zero never
    reads as zero."""
    if 0 < number < 0.05:
        return "<0.1"
    if abs(number) >= 999_999.5:
        return f"{number / 1_000_000:.2f} M"
    if number != int(number) and abs(number) < 100:
        return f"{number:.1f}"
    return grouped(round(number))


def grouped(number: int) -> str:
    """`1 412`: groups of three, a plain space between."""
    return f"{number:,}".replace(",", " ")


def age(seconds: float | None) -> str:
    """How old: `<5 s`, `35 s`, `3 min`, `2 h`, `3 d`; rounded down, seconds to fives: an age that counts every second
    would be painted every second, and nobody acts on one. `–` for None."""
    if seconds is None:
        return MINUS
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole // 5 * 5} s" if whole >= 5 else "<5 s"
    if whole < 7200:
        return f"{whole // 60} min"
    return f"{whole // 3600} h" if whole < 172_800 else f"{whole // 86_400} d"


def took(seconds: float | None) -> str:
    """How long it took: `0.4 s`, `58 s`, `2 min 05 s`, `1 h 12 min`; empty for None."""
    if seconds is None:
        return ""
    if round(seconds, 1) < 10 and seconds != int(seconds):
        return f"{max(0.0, seconds):.1f} s"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def countdown(seconds: float) -> str:
    """What is left, to the second: `4:10`, `0:08`, `1:02:00`; rounded up, so that 0:00 means now."""
    whole = max(0, math.ceil(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def clock(moment: datetime) -> str:
    """`03:11:42Z`."""
    return f"{moment.astimezone(UTC):%H:%M:%S}Z"


def second(moment: datetime) -> str:
    """`03:11:42`: in a list whose head says UTC."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def minute(moment: datetime | int) -> str:
    """`03:11`, from a moment or epoch seconds."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment, UTC)
    return f"{moment.astimezone(UTC):%H:%M}"


def dollars_per_hour(rate: float) -> str:
    """`$0.02/h`; what is above zero never reads as zero."""
    return "<$0.01/h" if 0 < rate < 0.005 else f"${rate:.2f}/h"


def cadences(spending: Spending) -> str:
    """`diagnosis every 9 min, judged every 60 s`: who is asked how often; empty while the cost cap slows nobody."""
    return ", ".join(f"{names} every {pause}" for names, pause in _asked(spending))


def brief_cadences(spending: Spending) -> str:
    """The same for the header: `diagnosis 9 min, judged 60 s`."""
    return ", ".join(f"{names} {pause}" for names, pause in _asked(spending))


def _asked(spending: Spending) -> list[tuple[str, str]]:
    """(who, how often) while the cap slows anybody, the most seldom first; those of one pause together."""
    found: dict[str, list[str]] = {}
    for need in reversed(Need) if spending.capped else ():
        if need in spending.pauses:
            found.setdefault(_pause(spending.pauses[need]), []).append(need.value)
    return [(" and ".join(names), pause) for pause, names in found.items()]


def cost_cap(spending: Spending) -> str:
    """The same as a sentence, with what it costs and what is not known for it; empty when nothing is capped."""
    told = cadences(spending)
    if not told:
        return ""
    quiet = " Quiet are functions in which the last look found nothing." if Need.QUIET in spending.pauses else ""
    cost = dollars_per_hour(spending.per_hour)
    return f"{cost} is as far as `cost_cap` goes: {told}.{quiet} {spending.remark}".rstrip()


def _pause(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min" if whole >= 120 and whole % 60 == 0 else f"{whole} s"


def account(number: str) -> str:
    """`1234-5678-9012`; anything that is not twelve digits stays as it is."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}" if len(number) == 12 and number.isdigit() else number


def speed(factor: float) -> str:
    """`×12`, `×0.5`; empty at the world's own pace."""
    return "" if factor == 1 else f"×{factor:g}"


def _measured(number: float) -> str:
    if number == 0:
        return "0"
    if round(abs(number), 1) < 100 and number != int(number):
        return f"{number:.2f}" if round(abs(number), 2) < 1 else f"{number:.1f}"
    return count(round(number))
