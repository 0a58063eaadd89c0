"""Cost Explorer's API: what the account costs a day, by service (aws.md 6.3).

Costs come from the account's own seed: a day costs the same whenever it is asked for. The last day comes in late, and
what is younger than the month's bill is an estimate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

SERVICES: tuple[tuple[str, float], ...] = (
    ("Amazon Elastic Compute Cloud - Compute", 41.30),
    ("Amazon CloudFront", 6.42),
    ("AmazonCloudWatch", 5.10),
    ("Amazon DynamoDB", 4.78),
    ("AWS Lambda", 3.12),
    ("Amazon API Gateway", 2.91),
    ("Amazon Simple Storage Service", 0.93),
    ("AWS Cost Explorer", 0.01),
    ("Amazon Cognito", 0.0),
)
"""Service → dollars of an ordinary day."""

METRICS = frozenset(
    ("AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost")
)  # usage quantities have units of their own: not served
"""What may be asked for."""

LATE = timedelta(hours=12)
"""How long a day's costs take to come in."""

KEPT_MONTHS = 14

SIZE = 100
"""Periods of one page."""


class CostExplorer:
    """Handlers of the one operation that costs are read with."""

    def __init__(self, state: SimulatedState) -> None:
        self._state = state

    def handlers(self) -> dict[str, Handler]:
        return {"GetCostAndUsage": self.get_cost_and_usage}

    def get_cost_and_usage(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        start, end = (_day(parameters["TimePeriod"][name]) for name in ("Start", "End"))
        if start >= end:
            raise _invalid("Start date (and hour) should be before end date (and hour)")
        if start < _months_back(context.now.date(), KEPT_MONTHS):
            raise _invalid("You haven't enabled historical data beyond 14 months")
        if end > _next_month(context.now.date()):
            raise _invalid("end date past the beginning of next month")
        metrics = parameters.get("Metrics") or []
        if not metrics or not set(metrics) <= METRICS:
            raise _invalid(f"Invalid Metrics: {', '.join(metrics) or 'none'}")
        groups = parameters.get("GroupBy") or []
        if any(one != {"Type": "DIMENSION", "Key": "SERVICE"} for one in groups):
            raise _invalid("the simulated account groups by the dimension SERVICE alone")
        periods = [*_periods(start, end, str(parameters.get("Granularity", "")))]
        chosen, token = page(periods, parameters.get("NextPageToken"), SIZE, "InvalidNextTokenException")
        found = [self._period(first, last, metrics, bool(groups), context.now) for first, last in chosen]
        definitions = [{"Type": "DIMENSION", "Key": "SERVICE"}] if groups else []
        return {"ResultsByTime": found, "GroupDefinitions": definitions, "DimensionValueAttributes": []} | (
            {"NextPageToken": token} if token else {}
        )

    def _period(self, first: date, last: date, metrics: list[str], grouped: bool, now: datetime) -> dict[str, Any]:
        days = [first + timedelta(days=number) for number in range((last - first).days)]
        costs = {name: sum(self._cost(name, usual, day, now) for day in days) for name, usual in SERVICES}
        told = {"TimePeriod": {"Start": f"{first}", "End": f"{last}"}, "Estimated": last > now.date().replace(day=1)}
        if not grouped:
            return told | {"Total": _amounts(sum(costs.values()), metrics), "Groups": []}
        groups = [{"Keys": [name], "Metrics": _amounts(cost, metrics)} for name, cost in sorted(costs.items())]
        return told | {"Total": {}, "Groups": groups}

    def _cost(self, service: str, usual: float, day: date, now: datetime) -> float:
        """A day of a service: a tenth up or down, weekends quieter, as much of it as has come in."""
        mark = hashlib.sha256(f"{self._state.seed} {service} {day}".encode()).digest()
        swing = 0.9 + 0.2 * int.from_bytes(mark[:4]) / 2**32
        quiet = 0.75 if day.weekday() >= 5 else 1.0
        began = datetime(day.year, day.month, day.day, tzinfo=UTC)
        arrived = min(1.0, max(0.0, (now - LATE - began) / timedelta(days=1)))
        return usual * swing * quiet * arrived


def _amounts(dollars: float, metrics: list[str]) -> dict[str, Any]:
    return {name: {"Amount": f"{dollars:.10f}", "Unit": "USD"} for name in metrics}


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise _invalid("Start time is invalid. Valid format is: yyyy-MM-dd.") from None


def _periods(start: date, end: date, granularity: str) -> Iterator[tuple[date, date]]:
    """(first day, the day after the last) of each."""
    if granularity not in ("DAILY", "MONTHLY"):
        raise _invalid(f"Granularity {granularity or 'none'} is not enabled: DAILY or MONTHLY")
    while start < end:
        last = min(end, start + timedelta(days=1) if granularity == "DAILY" else _next_month(start))
        yield start, last
        start = last


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _months_back(day: date, months: int) -> date:
    for _ in range(months):
        day = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    return day


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
