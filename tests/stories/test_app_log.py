"""One key opens the application's log over whatever is shown, and esc is back at just that place."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from services.clock import ManualClock
from services.model.logs import GroupClaim, Level, LineBatch, LogLine, TailStatus
from services.model.reading import Reading
from services.safe_text import safe
from services.watch.updates import FeedUpdate, LinesArrived
from tests.stories.screen_support import Told, clock, shown, state_home, told_app, top, until
from tui.app import CockpitApp
from tui.keys import key_by_id
from tui.screens.app_log import AppLogScreen
from tui.screens.health import HealthScreen
from tui.screens.operation import OperationScreen
from tui.screens.readiness import ReadinessScreen
from tui.screens.rule import RuleScreen
from tui.showing import SCREENS

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def _write(told: Told, clock: ManualClock, text: str) -> None:
    """A line of the application, and one of another group at the same moment."""
    clock.advance(1)
    at = round(clock.now().timestamp() * 1000)
    lines = (LogLine(at, "app", Level.INFO, safe(text)), LogLine(at, "lambda", Level.ERROR, safe("not of the app")))
    told.watches[-1].post(LinesArrived(LineBatch(lines)))


async def _followed(app: CockpitApp, told: Told, pilot: Pilot[int], clock: ManualClock, where: str) -> None:
    """The key, a line that was there, one that comes, and the way back."""
    below = app.screen
    before = top(app)
    _write(told, clock, f"before, from {where}")
    await pilot.press("L")
    await until(pilot, lambda: isinstance(app.screen, AppLogScreen) and f"before, from {where}" in top(app))
    _write(told, clock, f"after, from {where}")
    await until(pilot, lambda: f"after, from {where}" in top(app))
    assert "not of the app" not in top(app), where
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is below)
    assert _place(top(app)) == _place(before), where


def _place(text: str) -> list[str]:
    """The rows that no time changes: what is opened, selected, typed."""
    return [row for row in text.split("\n") if "▸" in row or "opened here" in row]


@pytest.mark.runbook("R321")
async def test_from_every_numbered_screen_one_key_follows_the_applications_log_and_esc_comes_back(
    clock: ManualClock,
) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _followed(app, told, pilot, clock, "overview")
        for identity in SCREENS:
            await pilot.press(key_by_id(identity).key)
            await until(pilot, lambda name=identity: app.screen is app._framed.get(name))  # type: ignore[misc]  # a default has no type
            await _followed(app, told, pilot, clock, identity)
        assert len(app.screen_stack) == 2


@pytest.mark.runbook("R321")
async def test_an_opened_dialog_is_there_again_as_it_was(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: app.assessment is not None)
        for key, kind in (("p", ReadinessScreen), ("h", HealthScreen), ("exclamation_mark", RuleScreen)):
            await pilot.press(key)
            await until(pilot, lambda kind=kind: isinstance(app.screen, kind))  # type: ignore[misc]  # a default has no type
            await _followed(app, told, pilot, clock, kind.__name__)
            await pilot.press("escape")
        app.show_operation("of another screen")
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))
        await _followed(app, told, pilot, clock, "operation")


@pytest.mark.runbook("R321")
async def test_what_was_filtered_and_selected_on_screen_3_is_as_it_was_left(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        for number in range(6):
            _write(told, clock, f"order {number}")
        await until(pilot, lambda: len(app.overview.ring) == 12)
        await pilot.press("3", "slash", *"!order", "enter", "up", "up")
        await until(pilot, lambda: top(app).count("not of the app") == 6 and "order" not in _cut(top(app)))
        selected = [row for row in top(app).split("\n") if "▸" in row]
        await pilot.press("L")
        await until(pilot, lambda: "order 5" in top(app) and "not of the app" not in top(app))
        await pilot.press("slash", *"order 3")
        await until(pilot, lambda: "order 3" in _cut(top(app)) and "order 5" not in _cut(top(app)))
        await pilot.press("escape")
        await until(pilot, lambda: "order 5" in top(app), 5)
        assert isinstance(app.screen, AppLogScreen), "what was typed closes first"
        assert "not of the app" not in top(app)
        await pilot.press("escape")
        await until(pilot, lambda: top(app).count("not of the app") == 6)
        assert [row for row in top(app).split("\n") if "▸" in row] == selected
        await pilot.press("L", "2")
        await until(pilot, lambda: app.screen is app._framed["metrics"])
        assert len(app.screen_stack) == 2, "a number leaves it for good"


def _cut(text: str) -> str:
    """The lines, without the row that is typed into."""
    return "\n".join(row for row in text.split("\n") if "filter" not in row)


async def test_the_applications_log_is_followed_where_something_else_was_chosen(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("L")
        status = TailStatus(groups=("other",), claims=(GroupClaim("/other", "other", None),))
        told.watches[-1].post(FeedUpdate("tail", Reading(status, clock.now(), clock.now())))
        clock.advance(1)
        assert app.session is not None
        name = app.session.environment.names.log_groups[0].name
        await until(pilot, lambda: app.session is not None and app.session.log_pick.words == ("usual", name))
        await until(pilot, lambda: "is followed from now on" in top(app))
