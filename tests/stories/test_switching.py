"""Another environment: nothing of the old one stays on the screen, and nothing of it comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.color import Color
from textual.pilot import Pilot

from services.clock import ManualClock
from services.model.identity import Identity
from services.model.logs import Level, LineBatch, LogLine
from services.model.reading import Reading
from services.model.stacks import StackEvent
from services.safe_text import safe
from services.watch.updates import FeedUpdate, LinesArrived
from tests.stories.screen_support import ToldWatch, clock, screen_text, shown, state_home, told_app, until
from tui.app import CockpitApp
from tui.screens.environments import EnvironmentsScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def _tell(watch: ToldWatch, clock: ManualClock, word: str) -> None:
    """Fill the screen with `word`."""
    now = clock.now()
    text = safe(f"{word}-marker")
    event = StackEvent(text, now - timedelta(minutes=3), text, text, safe("X"), safe("UPDATE_COMPLETE"))
    line = LogLine(int(now.timestamp() * 1000), "app", Level.ERROR, text)
    watch.post(
        FeedUpdate("identity", Reading(Identity(safe("123456789012"), safe(f"arn:::user/{word}-marker")), now, now))
    )
    watch.post(FeedUpdate("events", Reading((event,), now, now)))
    watch.post(LinesArrived(LineBatch((line,))))


async def _switch(pilot: Pilot[int], app: CockpitApp, digit: str) -> None:
    await pilot.press("e")
    await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen))
    await pilot.press(digit)
    await until(pilot, lambda: app.screen is app.overview)


async def test_switching_leaves_nothing_of_the_old_environment(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (200, 50)) as pilot:
        old = told.watches[0]
        _tell(old, clock, "old")
        await until(pilot, lambda: screen_text(app).count("old-marker") >= 3)
        assert "PRODUCTION" in screen_text(app)

        await _switch(pilot, app, "2")
        await until(pilot, lambda: len(told.watches) == 2 and told.watches[1].started)
        assert old.stopped
        await until(pilot, lambda: "STAGING" in screen_text(app))
        assert "old-marker" not in screen_text(app)
        assert "PRODUCTION" not in screen_text(app)

        _tell(old, clock, "late")  # what its thread still had in hand
        _tell(told.watches[1], clock, "new")
        await until(pilot, lambda: screen_text(app).count("new-marker") >= 3)
        assert "late-marker" not in screen_text(app)
        assert "old-marker" not in screen_text(app)


def _word_colour(app: CockpitApp) -> tuple[int, ...]:
    """The background that the environment's word is painted on."""
    painted = app.screen._compositor.render_strips()[0]
    word = next(one for one in painted if app.first_environment.name.upper() in one.text or "DEVELOPMENT" in one.text)
    assert word.style is not None and word.style.bgcolor is not None and word.style.bgcolor.triplet is not None
    return tuple(word.style.bgcolor.triplet)


async def test_the_list_shows_every_environment_at_once(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app, (80, 24)) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen))
        for place, one in enumerate(app.settings.environments, 1):
            await until(pilot, lambda place=place, one=one: f"{place}  {one.name.upper()}" in screen_text(app))  # type: ignore[misc]  # a default has no type


async def test_the_environment_has_a_word_and_a_theme_of_its_own(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        production = app.get_css_variables()["environment"]
        assert _word_colour(app) == Color.parse(production).rgb
        await _switch(pilot, app, "3")
        assert app.get_css_variables()["environment"] != production
        assert _word_colour(app) == Color.parse(app.get_css_variables()["environment"]).rgb
        await until(pilot, lambda: "DEVELOPMENT" in screen_text(app))


async def test_choosing_the_same_environment_or_none_changes_nothing(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _switch(pilot, app, "1")
        await _switch(pilot, app, "escape")
        assert len(told.watches) == 1
        assert not told.watches[0].stopped


async def test_switching_again_while_the_first_is_still_opening_stops_the_first(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        for name in ("staging", "development"):
            app.switch_to(next(one for one in app.settings.environments if one.name == name))
        await until(pilot, lambda: len(told.watches) == 3)
        await until(pilot, lambda: [watch.stopped for watch in told.watches] == [True, True, False])
        running = [watch.environment.name for watch in told.watches if watch.started and not watch.stopped]
        assert running == ["development"]
