"""The dashboard as an operator has it: key 8, the real watch, the simulated account."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import msgspec
import pytest
from textual.pilot import Pilot

from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Names, Settings
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.watch.updates import Update
from services.watch.watch import Watch
from tests.simulated_support import boto, manual, simulated
from tests.stories.screen_support import shown, state_home, top, until, until_told
from tui.app import CockpitApp
from tui.screens.dashboard import DashboardScreen, console_address
from tui.screens.dashboard_list import DashboardListScreen
from tui.session import Opened, open_watch
from widgets.dashboard_view import DashboardView

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


def cockpit(account: SimulatedAccount, dashboard: str = "", *, manually: bool = False) -> CockpitApp:
    """The cockpit on this account; `manually`: its time is the account's manual clock and moves with it alone, and the
    health score, which reads the same dashboard, is asked for once."""
    settings = load()
    environment = at_endpoint(find(settings, "prod"), account.endpoint)
    if dashboard:
        environment = msgspec.structs.replace(environment, names=Names(dashboard=dashboard))

    def equip(other: Environment) -> Environment:
        return at_endpoint(other, account.endpoint)

    def with_its_clock(other: Environment, chosen: Settings, post: Callable[[Update], None]) -> Opened:
        seldom = msgspec.structs.replace(chosen.cadence, percentiles=86_400)
        return Opened(account.clock, Watch(other, msgspec.structs.replace(chosen, cadence=seldom), account.clock, post))

    return CockpitApp(settings, environment, equip=equip, opener=with_its_clock if manually else open_watch)


def reads(account: SimulatedAccount) -> int:
    return sum(1 for call in account.calls if call.operation == "GetDashboard")


async def opened(app: CockpitApp, pilot: Pilot[int], words: str = "read 03:") -> DashboardScreen:
    """Press 8 and wait for these words."""
    await pilot.press("8")
    await until(pilot, lambda: isinstance(app.screen, DashboardScreen) and words in top(app), 30)
    assert isinstance(app.screen, DashboardScreen)
    return app.screen


async def rested(app: CockpitApp, pilot: Pilot[int]) -> None:
    """Wait until the watch has asked all it wants and the screen sleeps: only then may time move on."""
    session = app.session
    assert session is not None
    watch = session.watch
    assert isinstance(watch, Watch)
    await until(pilot, lambda: watch.settled)
    await pilot.pause(0.1)


@pytest.mark.runbook("R047")
@pytest.mark.runbook("R059")
@pytest.mark.parametrize("size", [(120, 40), (200, 50)])
async def test_8_draws_the_environments_dashboard_whole(account: SimulatedAccount, size: tuple[int, int]) -> None:
    app = cockpit(account)
    async with shown(app, size) as pilot:
        await opened(app, pilot)
        text = top(app)
        for word in (
            "EC2Manager-Enhanced-production", "API Performance Overview", "DynamoDB Performance", "Business Metrics",
            "System Health", "Request count", "Latency", "Throttling", "User activity", "Health score", "Alarms",
            "warning", "api-latency",
        ):  # fmt: skip
            assert word in text, text
        assert app.screen.query_one(DashboardView).top == 0
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)


async def test_on_a_small_screen_it_is_one_column_that_scrolls_and_nothing_is_cut_off(
    account: SimulatedAccount,
) -> None:
    app = cockpit(account)
    async with shown(app, (80, 24)) as pilot:
        screen = await opened(app, pilot)
        view = screen.query_one(DashboardView)
        seen = top(app)
        for _ in range(20):
            await pilot.press("pagedown")
            await pilot.pause()
            seen += top(app)
        bottom = view.top
        for word in ("Request count", "Errors", "Throttling", "EC2 operations", "Cache hit rate", "Alarms"):
            assert word in seen
        await pilot.press("j")
        assert view.top == bottom
        await pilot.press("k")
        assert view.top == bottom - 1
        await pilot.press("g")
        assert view.top == 0
        assert "API Performance Overview" in top(app)


async def test_it_is_read_once_a_minute_and_only_while_it_is_seen(account: SimulatedAccount) -> None:
    app = cockpit(account, manually=True)
    async with shown(app) as pilot:
        await opened(app, pilot)
        await until(
            pilot, lambda: bool(app.session and app.session.situation and not app.session.situation.score.waiting)
        )
        assert reads(account) == 2, "the screen's, and the health score's"
        for turn, words in ((3, "read 03:01:01"), (4, "read 03:02:02")):
            await rested(app, pilot)
            manual(account).advance(61)
            await until_told(pilot, app, words)
            assert reads(account) == turn
        await pilot.press("1")
        await until(pilot, lambda: app.screen is app.overview)
        manual(account).advance(50)
        await pilot.pause(0.3)
        await pilot.press("8")
        await until(pilot, lambda: isinstance(app.screen, DashboardScreen) and "Latency" in top(app))
        await pilot.pause(0.3)
        assert reads(account) == 4
        await pilot.press("1")
        manual(account).advance(600)
        await pilot.pause(0.3)
        assert reads(account) == 4
        await pilot.press("8")
        await until(pilot, lambda: reads(account) == 5)


async def test_what_it_costs_is_in_the_header_while_it_is_seen(account: SimulatedAccount) -> None:
    app = cockpit(account, manually=True)

    def rate() -> float:
        situation = app.session.situation if app.session is not None else None
        return situation.spending.per_hour if situation is not None else 0.0

    async with shown(app) as pilot:
        await until(pilot, lambda: rate() > 0, 30)
        await pilot.pause(0.3)
        before = rate()
        await opened(app, pilot)
        await rested(app, pilot)
        manual(account).advance(61)
        await until(pilot, lambda: rate() > before + 0.005, 20)
        await pilot.press("1")
        await until(pilot, lambda: app.screen is app.overview)
        await rested(app, pilot)
        manual(account).advance(61)
        await until(pilot, lambda: rate() < before + 0.005, 20)


async def test_d_chooses_another_dashboard_by_some_of_its_name(account: SimulatedAccount) -> None:
    body = {
        "widgets": [{"type": "text", "x": 0, "y": 0, "width": 24, "height": 4, "properties": {"markdown": "hello"}}]
    }
    boto(account, "cloudwatch").put_dashboard(DashboardName="A-[bold]team[/]-board", DashboardBody=json.dumps(body))
    app = cockpit(account)
    async with shown(app) as pilot:
        await opened(app, pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DashboardListScreen) and "Enhanced-dev" in top(app))
        await pilot.press(*"team")
        await until(pilot, lambda: "Enhanced-dev" not in top(app) and "A-[bold]team[/]-board" in top(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DashboardScreen) and "hello" in top(app))
        assert "A-[bold]team[/]-board" in top(app)
        assert "Request count" not in top(app)


@pytest.mark.runbook("R060")
async def test_y_copies_the_address_of_the_consoles_page(
    account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    word, region = "production", "us-west-2"
    app = cockpit(account)
    written: list[str] = []
    async with shown(app) as pilot:
        await opened(app, pilot, f"EC2Manager-Enhanced-{word}")
        monkeypatch.setattr(app._driver, "write", written.append)
        await pilot.press("y")
        expected = (
            f"https://console.aws.amazon.com/cloudwatch/home?region={region}#dashboards:name=EC2Manager-Enhanced-{word}"
        )
        coded = base64.b64encode(expected.encode()).decode()
        await until(pilot, lambda: any(coded in one for one in written))


@pytest.mark.runbook("R047")
async def test_a_dashboard_that_is_not_there_is_named_and_a_way_out_told(account: SimulatedAccount) -> None:
    app = cockpit(account, dashboard="Nobody-made-this")
    async with shown(app) as pilot:
        await opened(app, pilot, "no such dashboard: Nobody-made-this")
        assert "d chooses another" in top(app)


@pytest.mark.runbook("R059")
async def test_a_body_that_is_no_json_is_a_line_on_the_screen(
    account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> str:
        return '{"widgets": ['

    monkeypatch.setattr("services.aws.dashboards.body", broken)
    app = cockpit(account)
    async with shown(app) as pilot:
        await opened(app, pilot, "is not JSON")
        await pilot.press("1")
        await until(pilot, lambda: app.screen is app.overview)


async def test_brackets_change_the_range_and_the_dashboards_own_comes_back(account: SimulatedAccount) -> None:
    app = cockpit(account)
    async with shown(app) as pilot:
        await opened(app, pilot)
        assert "last 3 h" in top(app)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "production  last 12 h ·" in top(app))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "production  last 3 h ·" in top(app))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "production  last 60 min ·" in top(app))


async def test_a_failing_account_leaves_the_last_picture_and_says_so(account: SimulatedAccount) -> None:
    app = cockpit(account)
    async with shown(app, (200, 50)) as pilot:
        await opened(app, pilot)
        account.faults.add(Fault("cloudwatch", "GetDashboard", FaultKind.DENY, times=None))
        await pilot.press("r")
        await until(pilot, lambda: "STALE" in top(app))
        assert "Request count" in top(app)
        assert "cloudwatch:GetDashboard" in top(app)


async def test_switching_the_environment_brings_its_own_dashboard(account: SimulatedAccount) -> None:
    app = cockpit(account)
    async with shown(app) as pilot:
        await opened(app, pilot)
        await pilot.press("e")
        await until(pilot, lambda: not isinstance(app.screen, DashboardScreen))
        await pilot.press("2")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, DashboardScreen)
                and "EC2Manager-Enhanced-staging  last 3 h" in top(app)
                and "production" not in top(app).split("EC2Manager-Enhanced-staging", 1)[1]
            ),
            30,
        )


async def test_the_help_tells_the_keys_of_the_dashboard(account: SimulatedAccount) -> None:
    app = cockpit(account)
    async with shown(app, (120, 60)) as pilot:
        await opened(app, pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Choose another dashboard of the account." in top(app))


@pytest.mark.runbook("R060")
def test_the_consoles_address_changes_with_name_and_region() -> None:
    address = console_address("EC2Manager-Enhanced-staging", "us-west-1")
    assert address.endswith("/home?region=us-west-1#dashboards:name=EC2Manager-Enhanced-staging")
