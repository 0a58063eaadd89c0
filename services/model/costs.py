"""What the account costs, as Cost Explorer tells it (runbook lines 596-601, 607, 619)."""

from __future__ import annotations

from datetime import date

import msgspec

from services.safe_text import SafeText


class CostWindow(msgspec.Struct, frozen=True):
    """Whole days, UTC, in one request."""

    name: str
    """`yesterday`, `the last 7 days`, `October 2026`."""
    start: date
    end: date
    """The day after the last one."""
    monthly: bool = False
    """In one piece; else a day a piece."""


class Cost(msgspec.Struct, frozen=True):
    """What one service cost on one day, or in one month."""

    service: SafeText
    amount: float
    """In the account's currency; negative: a credit."""


class CostPeriod(msgspec.Struct, frozen=True):
    """One day, or one month."""

    start: date
    costs: tuple[Cost, ...]
    estimated: bool
    """AWS may still change it."""

    @property
    def total(self) -> float:
        return sum(one.amount for one in self.costs)


class Costs(msgspec.Struct, frozen=True):
    """An answer of Cost Explorer."""

    window: CostWindow
    periods: tuple[CostPeriod, ...]
    """Ascending."""
    unit: SafeText
    """`USD`."""
    requests: int
    """Pages that were asked for: each is paid."""
    whole: bool = True
    """There were no more pages."""
