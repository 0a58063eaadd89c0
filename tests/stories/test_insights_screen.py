"""Logs Insights on screen 3: the price before, the rows and the cost after, stopped when it is left."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from services.clock import ScaledClock
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import Update
from services.watch.watch import Watch
from tests.simulated_support import manual, simulated
from tests.stories.screen_support import clock, shown, state_home, top, until
from tests.stories.test_logs_screen import MINUTES, screen
from tui.app import CockpitApp
from tui.insights_keeping import QueryShelf
from tui.session import Opened

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        manual(opened).advance(MINUTES * 60)
        yield opened


@asynccontextmanager
async def logs(account: SimulatedAccount) -> AsyncIterator[tuple[CockpitApp, Pilot[int]]]:
    """The app on the account; screen 3 is up and its groups are known."""
    settings = load()
    environment = at_endpoint(find(settings, "prod"), account.endpoint)
    time = ScaledClock(manual(account).now(), 2.0)  # the account's own stands still: a query runs until it is moved

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(time, Watch(environment, settings, time, post))

    app = CockpitApp(settings, environment, opener=opener)
    async with shown(app, (120, 40)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "3 groups · complete to" in top(app), 60)
        yield app, pilot


def sent(account: SimulatedAccount, operation: str) -> list[Any]:
    return [call.parameters for call in account.calls if call.operation == operation]


PRICED = r"at most about \$[\d.]+ for [\d.]+ \w?B · \d groups?, the last 1 h · enter asks"


async def opened(app: CockpitApp, pilot: Pilot[int], query: str, priced: str = PRICED) -> None:
    """The query stands in its line, which has its price."""
    await pilot.press("s", *["down"] * 9, "enter")
    await until(pilot, lambda: "Insights · " in top(app))
    screen(app)._words.value = query
    await until(pilot, lambda: bool(re.search(priced, top(app))), 40)


async def test_a_query_that_is_left_is_stopped(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await opened(app, pilot, "stats count(*)")
        for times, leaving in enumerate(("escape", "s", "1"), 1):
            if times == 3:
                await pilot.press("escape")
                await opened(app, pilot, "stats count(*)")
            await pilot.press("enter")
            await until(pilot, lambda: "so far · esc stops it" in top(app), 30)
            assert len(sent(account, "StopQuery")) == times - 1
            await pilot.press(leaving)
            await until(pilot, lambda: len(sent(account, "StopQuery")) == len(sent(account, "StartQuery")), 30)
            assert len(sent(account, "StartQuery")) == times


async def test_a_query_that_is_not_understood_is_said_with_its_place_and_can_be_corrected(
    account: SimulatedAccount,
) -> None:
    async with logs(account) as (app, pilot):
        await opened(app, pilot, "stats cuont(*)")
        await pilot.press("enter")
        await until(pilot, lambda: "the query is not understood" in top(app), 30)
        assert screen(app)._words.value == "stats cuont(*)"
        screen(app)._words.value = "group:nothing* stats count(*)"
        await until(pilot, lambda: "no log group is called so" in top(app))


async def test_a_query_has_its_price_before_its_rows_and_its_cost_after(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        before = len(sent(account, "StartQuery"))
        query = "2h group:app stats count(*) as lines by level | sort lines desc"
        await opened(app, pilot, query, PRICED.replace(r"\d groups?, the last 1 h", "1 group, the last 2 h"))
        assert len(sent(account, "StartQuery")) == before, "nothing is paid for before enter"
        await pilot.press("enter")
        await until(pilot, lambda: len(sent(account, "StartQuery")) == before + 1, 30)
        asked = sent(account, "StartQuery")[-1]
        assert asked["logGroupNames"] == ["/aws/ec2-manager/prod"]
        assert asked["queryString"] == "stats count(*) as lines by level | sort lines desc"
        assert 7_200 <= asked["endTime"] - asked["startTime"] <= 7_201
        manual(account).advance(60)
        await until(pilot, lambda: "scanned, " in top(app) and "rows · " in top(app), 40)
        assert re.search(r"rows · [\d.]+ \w?B of [\d ]+ lines scanned, .*\$[\d.]+ · the last 2 h", top(app))
        heading = next(row for row in top(app).split("\n") if "lines" in row and "level" in row and "·" not in row)
        assert heading
        assert re.search(r"ERROR +\d|\d +ERROR", top(app))
        await pilot.press("enter")
        await until(pilot, lambda: bool(re.search(r"lines: \d+", top(app))))
        await pilot.press("escape")
        await until(pilot, lambda: "enter asks" in top(app) and "asked before" in top(app))
        await pilot.press("ctrl+s", *"levels", "enter")
        await until(pilot, lambda: "◆ levels" in top(app))
        environment = app.session.environment if app.session is not None else None
        assert environment is not None
        shelf = QueryShelf(environment)
        await until(pilot, lambda: shelf.read() == "" and [one.name for one in shelf.kept.saved] == ["levels"])
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "◆ levels" not in top(app))
