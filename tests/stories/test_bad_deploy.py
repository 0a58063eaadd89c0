"""The story the cockpit is for: calm, a bad deployment, red, R, and a recovery that is proved. Keys are counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from services.journal.home import JournalHome
from services.journal.reading import operations
from services.model.assessment import State
from services.model.entry import Outcome, Phase
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from tests.stories.screen_support import screen_text, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.operation import OperationScreen

__all__ = ["state_home"]

SPEED = 60.0
GOES_LIVE = timedelta(seconds=151)
"""After the scenario's start, by the scenario's own data."""

BUDGET = 8
"""Keystrokes from red to RECOVERED besides the typed name."""


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(scenario="bad-deploy", seed=1, speed=SPEED) as opened:
        yield opened


class Keyboard:
    """Counts what is pressed; the environment's name does not count."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self._pilot = pilot
        self.count = 0

    async def press(self, *keys: str) -> None:
        self.count += len(keys)
        await self._pilot.press(*keys)

    async def type_name(self, name: str) -> None:
        await self._pilot.press(*name)


def _state(app: CockpitApp) -> State:
    return app.assessment.verdict.state if app.assessment is not None else State.WAITING


def _sentence(app: CockpitApp) -> str:
    return str(app.assessment.verdict.sentence) if app.assessment is not None else ""


@pytest.mark.runbook("R227")
async def test_a_bad_deployment_is_rolled_back_and_the_recovery_proved(
    account: SimulatedAccount, state_home: object
) -> None:
    began = account.clock.now()
    settings = load()
    environment = at_endpoint(find(settings, "prod"), account.endpoint)
    app = CockpitApp(settings, environment)
    async with shown(app) as pilot:
        keyboard = Keyboard(pilot)

        # Calm: everything has been seen and nothing is wrong.
        await until(pilot, lambda: _state(app) is State.OK, 40)

        # The deployment comes, and the verdict names version, minute and key.
        await until(pilot, lambda: _state(app) is State.CRIT and "v42" in _sentence(app), 60)
        verdict = app.assessment.verdict if app.assessment else None
        assert verdict is not None
        assert verdict.since is not None
        assert verdict.key == "R"
        assert "v41" in verdict.remedy
        assert f"{verdict.since:%H:%M}" in verdict.sentence
        assert abs(verdict.since - (began + GOES_LIVE)) <= timedelta(minutes=2), "the minute in which v42 went live"
        await until(pilot, lambda: "CRIT" in screen_text(app))

        # R shows the plan; the version before is chosen, both are shown.
        await keyboard.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        assert [one.version for one in dialog.plan.candidates if one.chosen] == [41]
        assert "v42 → v41" in screen_text(app)
        await until(pilot, lambda: dialog.armed)
        await keyboard.type_name("production")
        await keyboard.press("enter")

        # The journal tells, the screen follows.
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))
        home = JournalHome.default(environment)
        await until(pilot, lambda: _outcome(home) is not None, 60)
        await until(pilot, lambda: "RECOVERED" in screen_text(app))
        assert keyboard.count <= BUDGET
        await keyboard.press("escape")
        await until(pilot, lambda: "LIVE v42 → v41" in _sentence(app) and _state(app) is State.OK, 30)

    (done,) = operations(home, "production")
    assert done.outcome is Outcome.RECOVERED
    assert done.switched is not None
    _judged_on_a_fresh_window(done.switched, done.ended)
    assert {Phase.SNAPSHOT, Phase.INTENT, Phase.REPLY, Phase.APPLIED} <= {entry.phase for entry in done.entries}
    sent = [call for call in account.calls if call.operation == "UpdateAlias"]
    assert len(sent) == 1
    assert "RevisionId" in sent[0].parameters


def _outcome(home: JournalHome) -> Outcome | None:
    found = operations(home, "production")
    return found[0].outcome if found else None


def _judged_on_a_fresh_window(switched: datetime, ended: datetime | None) -> None:
    assert ended is not None
    assert (ended - switched).total_seconds() >= 5 * 60, "five whole minutes after the switch were judged"
