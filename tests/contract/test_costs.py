"""Cost Explorer of the simulated account, and our reading of it: over HTTP, every page paid, nothing guessed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date

import pytest
from botocore.exceptions import ClientError

from services.aws import costs as cost_calls
from services.aws.costs import costs
from services.aws.session import Account
from services.model.costs import CostWindow
from services.problems import AccountError, ProblemKind
from services.rules.costs import gist, last_month, last_week, total, yesterday
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.simulated.platform import costs as simulated_costs
from tests.simulated_support import START, boto, simulated

BY_SERVICE = [{"Type": "DIMENSION", "Key": "SERVICE"}]


@pytest.fixture(scope="module")
def simulation() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
async def account(simulation: SimulatedAccount) -> AsyncIterator[Account]:
    opened = Account(at_endpoint(find(load(), "prod"), simulation.endpoint), simulation.clock)
    yield opened
    await opened.close()
    simulation.faults.clear()


def asked(simulation: SimulatedAccount, **changed: object) -> dict[str, object]:
    parameters: dict[str, object] = {
        "TimePeriod": {"Start": "2026-11-13", "End": "2026-11-20"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
    }
    found: dict[str, object] = boto(simulation, "ce").get_cost_and_usage(**(parameters | changed))
    return found


def test_the_end_is_left_out_and_with_groups_there_is_no_total(simulation: SimulatedAccount) -> None:
    days = asked(simulation, GroupBy=BY_SERVICE)["ResultsByTime"]
    assert isinstance(days, list)
    assert [one["TimePeriod"]["Start"] for one in days] == [f"2026-11-{day}" for day in range(13, 20)]
    assert all(one["Total"] == {} and len(one["Groups"]) == len(simulated_costs.SERVICES) for one in days)
    whole = asked(simulation)["ResultsByTime"]
    assert isinstance(whole, list)
    for grouped, one in zip(days, whole, strict=True):
        summed = sum(float(group["Metrics"]["UnblendedCost"]["Amount"]) for group in grouped["Groups"])
        assert float(one["Total"]["UnblendedCost"]["Amount"]) == pytest.approx(summed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"TimePeriod": {"Start": "2026-11-20", "End": "2026-11-20"}}, "should be before"),
        ({"TimePeriod": {"Start": "20 November", "End": "2026-11-20"}}, "yyyy-MM-dd"),
        ({"TimePeriod": {"Start": "2024-11-13", "End": "2026-11-20"}}, "14 months"),
        ({"Metrics": ["Cost"]}, "Invalid Metrics: Cost"),
        ({"Granularity": "HOURLY"}, "HOURLY"),
    ],
)
def test_what_cost_explorer_refuses_is_refused(
    simulation: SimulatedAccount, changed: dict[str, object], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        asked(simulation, **changed)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


async def test_one_request_tells_the_services_of_every_day_and_is_paid_once(
    simulation: SimulatedAccount, account: Account
) -> None:
    before = len(simulation.calls)
    found = await costs(account, last_week(START))
    (call,) = [call for call in simulation.calls[before:] if call.operation == "GetCostAndUsage"]
    assert (call.region, call.parameters["GroupBy"]) == ("us-east-1", BY_SERVICE)
    assert [one.start for one in found.periods] == [date(2026, 11, day) for day in range(16, 23)]
    assert (found.unit, found.requests) == ("USD", 1)
    assert account.spending.dollars == pytest.approx(0.01)
    again = await costs(account, last_week(START))
    assert again == found, "a day costs the same whenever it is asked for"


async def test_a_month_is_one_piece_and_a_young_day_is_an_estimate(account: Account) -> None:
    month, day = await costs(account, last_month(START)), await costs(account, yesterday(START))
    assert [(one.start, one.estimated) for one in month.periods] == [(date(2026, 10, 1), False)]
    assert [one.estimated for one in day.periods] == [True]
    assert 25 * 60 < total(month) < 35 * 70


async def test_every_page_is_read_and_counted(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated_costs, "SIZE", 3)
    found = await costs(account, last_week(START))
    assert (len(found.periods), found.requests) == (7, 3)
    assert account.spending.dollars == pytest.approx(0.03)
    monkeypatch.setattr(cost_calls, "PAGES", 2)
    part = await costs(account, last_week(START))
    assert (part.requests, part.whole) == (2, False), "no more is paid than was allowed"
    assert "not all of it" in gist(part)


async def test_what_may_not_be_read_is_a_problem_and_is_not_asked_again(
    simulation: SimulatedAccount, account: Account
) -> None:
    simulation.faults.add(Fault("ce", "GetCostAndUsage", FaultKind.DENY, times=None))
    with pytest.raises(AccountError) as caught:
        await costs(account, yesterday(START))
    assert caught.value.problem.kind is ProblemKind.DENIED
    assert "ce:GetCostAndUsage" in caught.value.problem.message
    simulation.faults.clear()
    before = len(simulation.calls)
    simulation.faults.add(Fault("ce", "GetCostAndUsage", FaultKind.SERVER_ERROR, times=None))
    with pytest.raises(AccountError):
        await costs(account, CostWindow("a day", date(2026, 11, 1), date(2026, 11, 2)))
    assert sum(call.operation == "GetCostAndUsage" for call in simulation.calls[before:]) == 1
