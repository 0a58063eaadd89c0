"""A rollback has not helped: n on its screen prepares the next version that was not tried."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.clock import ManualClock
from services.model.reading import Reading
from services.model.situation import Situation
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import screen_text, shown, state_home, told_app, until
from tests.unit.actions_support import ALIAS, NOW, RELEASE, situation
from tests.unit.test_next_try import rolled
from tui.keys import view_keys
from tui.screens.confirm import ConfirmScreen
from tui.screens.operation import OperationScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def known() -> Situation:
    """The rollback has moved the alias to v41."""
    return situation(releases=(replace(RELEASE, alias=replace(ALIAS, version=41)),))


async def test_n_prepares_the_plan_of_what_has_not_been_tried_and_tells_what_was() -> None:
    clock = ManualClock(NOW)
    app, told = told_app(clock)
    found, before = known(), rolled(41)
    async with shown(app) as pilot:
        for feed in ("identity", "stack", "functions", "releases", "apis", "parts"):
            told.watches[0].post(FeedUpdate(feed, getattr(found, feed)))
        told.watches[0].post(FeedUpdate("operations", Reading((before,), NOW, NOW)))
        app.push_screen(OperationScreen(before.id))
        await until(pilot, lambda: "n the next candidate" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        assert dialog.plan.steps[0].after["version"] == "40"
        assert "Tried" in screen_text(app)
        await pilot.press("escape")


def test_every_key_of_its_screen_stands_in_the_one_table_and_does_something() -> None:
    for key in view_keys("operation"):
        assert callable(getattr(OperationScreen, f"action_{key.id}")), key.id
