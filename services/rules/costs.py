"""Which days a task of maintenance asks the costs of, and what they come to (runbook 596-601, 607, 619). Pure.

Days are UTC's, as Cost Explorer's are; a window's end is exclusive.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.model.costs import Cost, Costs, CostWindow
from services.safe_text import SafeText, safe

WEEK_DAYS = 7

_SIGNS = {"USD": "$"}


def yesterday(now: datetime) -> CostWindow:
    """The runbook's daily look: one day."""
    return CostWindow("yesterday", now.date() - timedelta(days=1), now.date())


def last_week(now: datetime) -> CostWindow:
    """Seven whole days."""
    return CostWindow("the last 7 days", now.date() - timedelta(days=WEEK_DAYS), now.date())


def last_month(now: datetime) -> CostWindow:
    """The last whole month of the calendar."""
    end = now.date().replace(day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    return CostWindow(f"{start:%B %Y}", start, end, monthly=True)


def by_service(costs: Costs) -> tuple[Cost, ...]:
    """Every service over all periods, the dearest first, credits last."""
    summed: dict[SafeText, float] = {}
    for one in (cost for period in costs.periods for cost in period.costs):
        summed[one.service] = summed.get(one.service, 0.0) + one.amount
    return tuple(sorted((Cost(*one) for one in summed.items()), key=lambda one: (-one.amount, one.service)))


def total(costs: Costs) -> float:
    return sum(period.total for period in costs.periods)


def days(costs: Costs) -> tuple[tuple[date, float], ...]:
    """What each day cost, ascending; nothing of a month in one piece."""
    return () if costs.window.monthly else tuple((one.start, one.total) for one in costs.periods)


def money(amount: float, unit: str) -> str:
    """`$41.30`, `-$2.00`, `41.30 EUR`."""
    sign = "-" if amount < 0 and round(amount, 2) != 0 else ""
    figure = f"{abs(amount):.2f}"
    return f"{sign}{_SIGNS[unit]}{figure}" if unit in _SIGNS else f"{sign}{figure} {unit}"


def head(costs: Costs) -> SafeText:
    """`yesterday, 2026-11-19: $63.02, estimated`."""
    window, last = costs.window, costs.window.end - timedelta(days=1)
    span = f"{window.start}" if window.start == last else f"{window.start} to {last}"
    if not costs.periods:
        return safe(f"{window.name}, {span}: Cost Explorer has nothing", 200)
    estimated = ", estimated" if any(one.estimated for one in costs.periods) else ""
    part = "" if costs.whole else ", not all of it"
    return safe(f"{window.name}, {span}: {money(total(costs), str(costs.unit))}{estimated}{part}", 200)


def gist(costs: Costs) -> SafeText:
    """For the tick: the head, and the three dearest services."""
    dearest = ", ".join(f"{one.service} {money(one.amount, str(costs.unit))}" for one in by_service(costs)[:3])
    return safe(f"{head(costs)}: {dearest}" if dearest else head(costs), 400)
