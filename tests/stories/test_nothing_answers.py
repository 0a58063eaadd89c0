"""An endpoint at which nothing answers: the screen says so, tries again, and goes on when it does."""

from __future__ import annotations

import pytest

from services.clock import ManualClock
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import safe
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from tests.stories.screen_support import Told, clock, screen_text, state_home, until
from tui import app as app_module
from tui.app import CockpitApp
from tui.session import Opened

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

URL = "http://127.0.0.1:1"


class Silent(Told):
    """Opens nothing for as long as nothing answers."""

    silent = True
    tries = 0

    def __call__(self, environment: Environment, settings: Settings, post: object) -> Opened:
        self.tries += 1
        if self.silent:
            raise AccountError(
                Problem(
                    ProblemKind.UNREACHABLE, safe(f"nothing answers at {URL}"), remedy="Start it (cockpit simulate)."
                )
            )
        return super().__call__(environment, settings, post)  # type: ignore[arg-type]  # whatever the app gives


async def test_the_verdict_says_what_is_silent_and_its_remedy_and_the_screen_goes_on_when_it_answers(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "OPEN_AGAIN", 0.05)
    settings = load()
    opener = Silent(clock)
    app = CockpitApp(settings, at_endpoint(find(settings, "prod"), URL), opener=opener, machine=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "nothing answers at http://127.0.0.1:1" in screen_text(app))
        said = " ".join(screen_text(app).split())
        assert "Start it (cockpit simulate). It is tried again every few seconds." in said
        for key in ("R", "I"):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is app.overview
        assert any("nothing answers" in str(one.message) for one in app._notifications)
        assert "03:07:00Z" not in screen_text(app), "no clock is shown that is not the account's"
        tries = opener.tries
        await until(pilot, lambda: opener.tries > tries + 1)
        opener.silent = False
        await until(pilot, lambda: "03:07:00Z" in screen_text(app))
        assert opener.watches[0].started
        assert app.session is not None and app.session.problem is None
        assert not app.key_context().unopened


async def test_leaving_the_environment_ends_the_trying(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "OPEN_AGAIN", 0.05)
    settings = load()
    opener = Silent(clock)
    app = CockpitApp(settings, at_endpoint(find(settings, "prod"), URL), opener=opener, machine=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: opener.tries > 1)
        opener.silent = False
        app.switch_to(find(settings, "staging"))
        await until(pilot, lambda: bool(opener.watches))
        await pilot.pause(0.3)
        assert [one.environment.name for one in opener.watches] == ["staging"]
        assert "nothing answers" not in screen_text(app)
