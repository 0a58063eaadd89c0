"""An API deployed by hand fails before it calls the function: R puts its stage back, not the alias."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.journal.home import JournalHome
from services.journal.reading import operations
from services.model.assessment import State
from services.model.entry import Outcome
from services.model.plan import Layer
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from tests.contract.stage_support import StageAt
from tests.stories.screen_support import screen_text, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.layers import LayersScreen
from tui.screens.operation import OperationScreen

__all__ = ["state_home"]

SPEED = 60.0

BUDGET = 8
"""Keystrokes from red to RECOVERED besides the typed name."""


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(scenario="bad-stage", seed=1, speed=SPEED) as opened:
        yield opened


def _verdict(app: CockpitApp) -> str:
    return str(app.assessment.verdict.sentence) if app.assessment is not None else ""


def _state(app: CockpitApp) -> State:
    return app.assessment.verdict.state if app.assessment is not None else State.WAITING


def _key(app: CockpitApp) -> str:
    return app.assessment.verdict.key if app.assessment is not None else ""


async def test_a_broken_deployment_of_the_api_is_put_back_and_the_recovery_proved(
    account: SimulatedAccount, state_home: object
) -> None:
    environment = at_endpoint(find(load(), "prod"), account.endpoint)
    home = JournalHome.default(environment)
    stage = StageAt(account)
    good = stage.deployment
    app = CockpitApp(load(), environment)
    async with shown(app) as pilot:
        await until(pilot, lambda: _state(app) is State.CRIT and "stage" in _verdict(app) and _key(app) == "R", 90)
        assert app.assessment is not None
        assert f"puts stage prod back to deployment {good}" in app.assessment.verdict.remedy

        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        assert [one.layer for one in dialog.plan.layers if one.chosen] == [Layer.STAGE]
        assert [one.name for one in dialog.plan.candidates if one.chosen] == [good]
        assert f"→ {good}" in screen_text(app)

        # The other layer is one key away, with what it would do; back to the one that is meant.
        await pilot.press("space")
        await until(pilot, lambda: isinstance(app.screen, LayersScreen))
        assert "[x] stage" in screen_text(app)
        assert "[ ] alias" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        assert [step.kind for step in dialog.plan.steps] == ["api.stage"]
        await until(pilot, lambda: dialog.armed)
        await pilot.press(*"production", "enter")
        keys = len(("R", "space", "enter", "enter"))
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))
        await until(pilot, lambda: any(not one.open for one in operations(home, "production")), 60)
        await until(pilot, lambda: "RECOVERED" in screen_text(app))
        assert keys <= BUDGET
        await pilot.press("escape")
        await until(pilot, lambda: f"→ {good}" in _verdict(app), 30)

    (done,) = operations(home, "production")
    assert done.outcome is Outcome.RECOVERED
    assert stage.deployment == good
    assert sum(call.operation == "UpdateStage" for call in account.calls) == 1
    assert not any(call.operation == "UpdateAlias" for call in account.calls)
