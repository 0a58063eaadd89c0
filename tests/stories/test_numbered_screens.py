"""Screens by number: the overview stays below, the others come, go and come back as they were left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

import tui.showing
from services.clock import ManualClock
from services.model.identity import Identity
from services.model.reading import Reading
from services.safe_text import safe
from services.settings.values import Environment
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import clock, screen_text, shown, state_home, told_app, top, until
from tui.picture import Picture
from tui.screens.environments import EnvironmentsScreen
from tui.screens.frame import FrameScreen
from tui.screens.help import HelpScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


class SampleScreen(FrameScreen):
    """A numbered screen that says whose identity it was shown."""

    IDENTITY = "overview"  # a name the key table knows

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self.pictures = 0
        self.open = False

    def body(self) -> ComposeResult:
        yield Static(id="said", markup=False)

    def show(self, picture: Picture) -> None:
        self.pictures += 1
        identity = picture.situation.identity.value if picture.situation is not None else None
        self.query_one("#said", Static).update(Content(f"sample of {identity.who if identity else 'nobody'}"))

    def forget(self) -> None:
        self.query_one("#said", Static).update(Content("sample of nothing"))

    def step_back(self) -> bool:
        was, self.open = self.open, False
        return was


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tui.showing, "SCREENS", {"one": SampleScreen, "other": SampleScreen})
    yield


def _identity(name: str, clock: ManualClock) -> FeedUpdate:
    now = clock.now()
    return FeedUpdate("identity", Reading(Identity(safe("123456789012"), safe(f"arn:::user/{name}")), now, now))


@pytest.mark.usefixtures("screens")
async def test_a_screen_comes_up_with_what_is_known_and_esc_goes_back_to_the_overview(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        told.watches[0].post(_identity("ann", clock))
        await until(pilot, lambda: "ann" in screen_text(app))
        app.show_screen("one")
        await until(pilot, lambda: "sample of ann" in screen_text(app))
        assert "PRODUCTION" in screen_text(app)
        assert "Deployments ──" not in top(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)
        await until(pilot, lambda: "Deployments" in top(app))


@pytest.mark.usefixtures("screens")
async def test_esc_closes_what_is_open_inside_before_it_leaves(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        app.show_screen("one")
        await until(pilot, lambda: "sample of" in screen_text(app))
        screen = app.screen
        assert isinstance(screen, SampleScreen)
        screen.open = True
        await pilot.press("escape")
        assert app.screen is screen
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)


@pytest.mark.usefixtures("screens")
async def test_at_most_one_numbered_screen_lies_on_the_overview_and_each_is_kept(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        app.show_screen("one")
        await until(pilot, lambda: "sample of nobody" in screen_text(app))
        first = app.screen
        app.show_screen("other")
        await until(pilot, lambda: app.screen is not first and "sample of nobody" in screen_text(app))
        assert len(app.screen_stack) == 2
        app.show_screen("one")
        await until(pilot, lambda: app.screen is first and "sample of nobody" in screen_text(app))
        await pilot.press("1")
        await until(pilot, lambda: app.screen_stack == [app.overview])


@pytest.mark.usefixtures("screens")
async def test_a_hidden_screen_is_handed_nothing_and_catches_up_when_it_is_seen(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        app.show_screen("one")
        await until(pilot, lambda: "sample of nobody" in screen_text(app))
        hidden = app.screen
        assert isinstance(hidden, SampleScreen)
        await pilot.press("1")
        before = hidden.pictures
        told.watches[0].post(_identity("bea", clock))
        await until(pilot, lambda: "bea" in screen_text(app))
        assert hidden.pictures == before
        app.show_screen("one")
        await until(pilot, lambda: "sample of bea" in screen_text(app))


@pytest.mark.usefixtures("screens")
async def test_switching_the_environment_empties_screens_that_are_hidden_too(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        told.watches[0].post(_identity("ann", clock))
        app.show_screen("one")
        await until(pilot, lambda: "sample of ann" in screen_text(app))
        app.show_screen("other")
        await until(pilot, lambda: "sample of ann" in screen_text(app))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen))
        await pilot.press("2")
        await until(pilot, lambda: "STAGING" in screen_text(app) and "ann" not in screen_text(app))
        app.show_screen("one")
        await until(pilot, lambda: "STAGING" in screen_text(app))
        assert "ann" not in screen_text(app)


@pytest.mark.usefixtures("screens")
async def test_keys_of_the_overview_alone_say_so_elsewhere(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        app.show_screen("one")
        await until(pilot, lambda: "sample of" in screen_text(app))
        await pilot.press("space")
        await until(pilot, lambda: any("only on the overview" in str(one.message) for one in app._notifications))


@pytest.mark.usefixtures("screens")
async def test_too_small_is_said_on_every_screen_and_names_the_environment(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        app.show_screen("one")
        await until(pilot, lambda: "sample of" in screen_text(app))
        await pilot.resize_terminal(50, 12)
        await until(pilot, lambda: "too small" in screen_text(app))
        assert "PRODUCTION" in screen_text(app)


@pytest.mark.usefixtures("screens")
async def test_help_on_a_numbered_screen_names_it_first(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app, (120, 60)) as pilot:
        app.show_screen("one")
        await until(pilot, lambda: "sample of" in screen_text(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Act" in screen_text(app))
        text = screen_text(app)
        assert text.rindex("Act") > text.index("Overview")
