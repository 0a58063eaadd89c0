"""Logs Insights on the simulated account: priced before, typed rows after, stopped when left, never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest

from services.aws.insights import price, run
from services.aws.logs import describe_groups
from services.aws.session import Account
from services.clock import ScaledClock
from services.model.insights import InsightsQuery, InsightsResult, QueryStatus
from services.model.logs import LogGroup
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import START, simulated

NOW = int(START.timestamp() * 1000)
HOUR = 3_600_000
DAY = 24 * HOUR
NAME = "/team/insights"
PER_GB = 0.005


@pytest.fixture(scope="module")
def simulation() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ScaledClock(START, 20.0)) as account:
        lines = [
            ("s", NOW - HOUR + n * 1000, NOW - 60_000, f'{{"level":"{"ERROR" if n % 4 == 0 else "INFO"}","ms":{n}}}')
            for n in range(400)
        ]
        account.state.logs.plant(NAME, lines)
        yield account


@pytest.fixture
async def account(simulation: SimulatedAccount) -> AsyncIterator[Account]:
    door = Account(at_endpoint(find(load(), "prod"), simulation.endpoint), simulation.clock)
    yield door
    simulation.faults.clear()
    await door.close()


def query(text: str) -> InsightsQuery:
    return InsightsQuery((NAME,), text, NOW - 2 * HOUR, NOW)


def sent(simulation: SimulatedAccount, operation: str) -> int:
    return sum(call.operation == operation for call in simulation.calls)


async def test_rows_come_typed_and_with_the_bytes_that_were_scanned(account: Account) -> None:
    told: list[InsightsResult] = []
    text = "stats count(*) as lines, max(ms) as slowest, max(@timestamp) as newest by level | sort level"
    found = await run(account, query(text), PER_GB, told.append)
    assert found.status is QueryStatus.COMPLETE
    rows = [dict(zip(map(str, found.fields), row, strict=True)) for row in found.rows]
    assert [(row["level"], row["lines"], row["slowest"]) for row in rows] == [("ERROR", 100, 396), ("INFO", 300, 399)]
    assert (found.scanned, found.matched) == (400, 400)
    assert found.bytes > 400 * 20
    assert found.dollars == pytest.approx(found.bytes / 1e9 * PER_GB)
    assert told[-1] == found
    single = await run(account, query("fields @timestamp, @message | limit 1"), PER_GB)
    assert isinstance(single.rows[0][0], datetime)
    assert SafeText("@ptr") not in single.fields


async def test_a_query_that_is_not_understood_is_told_with_its_place(account: Account) -> None:
    with pytest.raises(AccountError) as caught:
        await run(account, query("fields @message | filtr x = 1"), PER_GB)
    found = caught.value.problem
    assert found.kind is ProblemKind.REFUSED
    assert "not understood at characters 19 to 23" in found.message
    assert "filtr" in found.message


async def test_a_query_that_is_left_is_stopped() -> None:
    with simulated("calm") as still:  # time stands, so that the query cannot end before it is left
        account = Account(at_endpoint(find(load(), "prod"), still.endpoint), still.clock)
        still.state.logs.plant(NAME, [("s", NOW - HOUR, NOW - HOUR, "one")])
        seen = asyncio.Event()
        task = asyncio.create_task(run(account, query("fields @message"), PER_GB, lambda result: seen.set()))
        async with asyncio.timeout(20):
            await seen.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            while not sent(still, "StopQuery"):
                await asyncio.sleep(0.01)
        await account.close()


async def test_a_start_that_fails_is_not_sent_again(account: Account, simulation: SimulatedAccount) -> None:
    before = sent(simulation, "StartQuery")
    simulation.faults.add(Fault("logs", "StartQuery", FaultKind.RESET_AFTER, times=None))
    with pytest.raises(AccountError):
        await run(account, query("fields @message"), PER_GB)
    assert sent(simulation, "StartQuery") == before + 1


async def test_a_look_that_is_throttled_is_made_again(account: Account, simulation: SimulatedAccount) -> None:
    simulation.faults.add(Fault("logs", "GetQueryResults", FaultKind.THROTTLE, times=4))
    found = await run(account, query("stats count(*)"), PER_GB)
    assert found.rows == ((400.0,),)


async def test_the_price_is_the_windows_share_of_what_a_group_keeps(account: Account) -> None:
    week = LogGroup(SafeText("/a"), retention_days=7, stored_bytes=7_000_000_000, created=NOW - 100 * DAY)
    young = LogGroup(SafeText("/b"), stored_bytes=2_000_000_000, created=NOW - 2 * DAY)
    day = InsightsQuery(("/a", "/b", "/c"), "", NOW - DAY, NOW)
    found = price(day, (week, young), PER_GB, NOW)
    assert found.bytes == 2_000_000_000
    assert found.dollars == pytest.approx(0.01)
    assert found.unknown == ("/c",)
    groups = await describe_groups(account, "/aws/lambda")
    asked = InsightsQuery(tuple(str(group.name) for group in groups), "", NOW - HOUR, NOW)
    assert 0 < price(asked, groups, PER_GB, NOW).bytes < sum(group.stored_bytes for group in groups)
