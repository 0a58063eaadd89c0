"""Live Tail on screen 3: a choice with its price, what it is worth while it runs, and off with the same key."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import Update
from services.watch.watch import Watch
from tests.simulated_support import boto, manual, simulated
from tests.stories.screen_support import screen_text, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.live_tail import LiveTailScreen
from tui.session import Opened

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

APP = "/aws/ec2-manager/prod"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        manual(opened).advance(120)
        yield opened


def sessions(account: SimulatedAccount) -> int:
    """Live Tail sessions that are open at AWS now, in production's region."""
    return account.state.logs.live_open.get("us-west-2", 0)


@asynccontextmanager
async def logs(account: SimulatedAccount) -> AsyncIterator[tuple[CockpitApp, Pilot[int]]]:
    """The app on the account, on one clock; screen 3 is up and the lines are there."""
    settings = load()
    environment = at_endpoint(find(settings, "prod"), account.endpoint)
    clock = manual(account)

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(clock, Watch(at_endpoint(environment, account.endpoint), settings, clock, post))

    app = CockpitApp(settings, environment, opener=opener)
    async with shown(app) as pilot:
        await pilot.press("3")
        await going(account, pilot, lambda: "3 groups · complete to" in screen_text(app))
        yield app, pilot


async def going(account: SimulatedAccount, pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Let the account's time go on until it is so."""

    def passed() -> bool:
        if condition():
            return True
        manual(account).advance(2)
        return False

    await until(pilot, passed, 60)


def _minutes(app: CockpitApp, pattern: str) -> int:
    """The minutes that the screen tells in such words; -1: it has none."""
    found = re.search(pattern, screen_text(app))
    return int(found[1]) if found is not None else -1


async def bought(account: SimulatedAccount, app: CockpitApp, pilot: Pilot[int]) -> None:
    """Live Tail switched on, by what a person types."""
    await pilot.press("dollar_sign")
    await until(pilot, lambda: isinstance(app.screen, LiveTailScreen))
    await going(account, pilot, lambda: isinstance(app.screen, LiveTailScreen) and app.screen.armed)
    await pilot.press("y")
    await going(account, pilot, lambda: "● LIVE" in screen_text(app))


async def test_it_is_bought_knowing_its_price_and_ends_with_the_same_key(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("dollar_sign")
        await until(pilot, lambda: "Live Tail costs money" in screen_text(app))
        said = " ".join(screen_text(app).split())
        assert "$0.01 a minute, $0.60 an hour, $1.80 until it ends" in said
        assert "Groups: app, api, lambda" in said
        await pilot.press("y")
        assert isinstance(app.screen, LiveTailScreen), "nobody can have read it yet"
        await pilot.press("dollar_sign")
        assert isinstance(app.screen, LiveTailScreen), "the key that asked does not answer"
        await pilot.press("escape")
        assert not any(call.operation == "StartLiveTail" for call in account.calls)
        await bought(account, app, pilot)
        assert sessions(account) == 1
        client = boto(account, "logs")
        client.create_log_stream(logGroupName=APP, logStreamName="live")
        event = {"timestamp": int(app.now().timestamp() * 1000), "message": "ERROR seen while it happens"}
        client.put_log_events(logGroupName=APP, logStreamName="live", logEvents=[event])
        await going(account, pilot, lambda: bool(app.overview.ring.holding("ERROR seen while it happens")))
        await going(account, pilot, lambda: _minutes(app, r"● LIVE (\d+) min, \$\d\.\d\d, until 06:") > 0)
        await going(account, pilot, lambda: re.search(r"\$0\.6\d/h", screen_text(app)) is not None)
        await pilot.press("dollar_sign")
        await going(account, pilot, lambda: _minutes(app, r"Live Tail is off · (\d+) min, \$\d\.") > 0)
        await going(account, pilot, lambda: sessions(account) == 0 and "● LIVE" not in screen_text(app))
        shown_once = app.overview.ring.holding("ERROR seen while it happens")
        assert len(shown_once) == 1, "the tail has found it too"


async def test_it_goes_with_the_environment(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await bought(account, app, pilot)
        assert sessions(account) == 1
        app.switch_to(find(load(), "staging"))
        await going(account, pilot, lambda: sessions(account) == 0)
        await going(account, pilot, lambda: "complete to" in screen_text(app))
        assert "LIVE" not in screen_text(app)
