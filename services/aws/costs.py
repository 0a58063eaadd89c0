"""Cost Explorer: asked on a person's key alone, for every page is paid (aws.md 6.3)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from services.aws.reply import Reply, garbled, need, need_text, rows, table, text
from services.aws.session import GLOBAL_REGION, Account
from services.model.costs import Cost, CostPeriod, Costs, CostWindow
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText

METRIC = "UnblendedCost"
"""What was really charged on the day; the runbook's BlendedCost averages over an organization (aws.md 6.3)."""

PAGES = 5
"""Pages of one answer: five cents at most. A month of days by service is one."""

NOT_ENABLED = "Have Cost Explorer enabled in the account's billing console, or ce:GetCostAndUsage allowed."
"""AWS refuses both in the same way."""


async def costs(account: Account, window: CostWindow) -> Costs:
    """What the account cost in these days, by service. Raises AccountError."""
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": f"{window.start}", "End": f"{window.end}"},
        "Granularity": "MONTHLY" if window.monthly else "DAILY",
        "Metrics": [METRIC],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    periods: list[CostPeriod] = []
    unit, token, count = SafeText("USD"), "", 0
    while count < PAGES:
        count += 1
        reply = await _page(account, asked)
        for row in rows(reply, "ResultsByTime"):
            found, told = _period(row)
            periods.append(found)
            unit = told or unit
        token = str(text(reply, "NextPageToken"))
        if not token:
            break
        asked |= {"NextPageToken": token}
    return Costs(window, _joined(periods), unit, count, whole=not token)


async def _page(account: Account, asked: Mapping[str, Any]) -> Reply:
    try:
        return await account.ask("ce", "GetCostAndUsage", asked, region=GLOBAL_REGION, once=True)
    except AccountError as error:
        if error.problem.kind is not ProblemKind.DENIED:
            raise
        raise AccountError(msgspec.structs.replace(error.problem, remedy=NOT_ENABLED)) from error


def _joined(periods: Sequence[CostPeriod]) -> tuple[CostPeriod, ...]:
    """Ascending. The services of one day may be told on two pages."""
    found: dict[date, CostPeriod] = {}
    for one in periods:
        before = found.get(one.start)
        if before is not None:
            one = CostPeriod(one.start, (*before.costs, *one.costs), before.estimated or one.estimated)
        found[one.start] = one
    return tuple(found[start] for start in sorted(found))


def _period(row: Reply) -> tuple[CostPeriod, SafeText]:
    start = need_text(need(row, "TimePeriod", dict), "Start")
    found = [_cost(one) for one in rows(row, "Groups")]
    unit = next((unit for _, unit in found if unit), SafeText(""))
    try:
        day = date.fromisoformat(start[:10])
    except ValueError as error:
        raise garbled("TimePeriod") from error
    return CostPeriod(day, tuple(cost for cost, _ in found), row.get("Estimated") is True), unit


def _cost(row: Mapping[str, Any]) -> tuple[Cost, SafeText]:
    keys = row.get("Keys")
    about = table(table(row, "Metrics"), METRIC)
    name = text({"Key": keys[0] if isinstance(keys, list) and keys else ""}, "Key")
    try:
        amount = float(str(about.get("Amount")))
    except ValueError as error:
        raise garbled("Amount") from error
    if not math.isfinite(amount):
        raise garbled("Amount")
    return Cost(name or SafeText("no service"), amount), text(about, "Unit")
