"""An API deployed by hand fails before it calls the function: R puts its stage back, not the alias."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.journal.home import JournalHome
from services.journal.reading import operations
from services.model.entry import Outcome
from services.model.plan import Layer
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.platform.stack_resources import deployment_id
from tests.contract.stage_support import StageAt
from tests.simulated_support import boto
from tests.stories.loop_support import BUDGET, Loop, by_evidence
from tests.stories.screen_support import screen_text, sentence, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.layers import LayersScreen

__all__ = ["state_home"]

SPEED = 60.0


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(scenario="bad-stage", seed=1, speed=SPEED) as opened:
        yield opened


async def test_a_broken_deployment_of_the_api_is_put_back_and_the_recovery_proved(
    account: SimulatedAccount, state_home: object
) -> None:
    environment = at_endpoint(find(load(), "prod"), account.endpoint)
    home = JournalHome.default(environment)
    stage = StageAt(account)
    good = deployment_id(1, "production", 41)  # not asked for: on a slow machine somebody has deployed already
    app = CockpitApp(load(), environment)
    async with shown(app) as pilot:
        loop = Loop(pilot, app)
        await loop.red("stage")
        assert app.assessment is not None
        assert f"puts stage prod back to deployment {good}" in app.assessment.verdict.remedy

        dialog = await by_evidence(loop)
        assert [one.layer for one in dialog.plan.layers if one.chosen] == [Layer.STAGE]
        assert [one.name for one in dialog.plan.candidates if one.chosen] == [good]
        assert f"→ {good}" in screen_text(app)

        # The other layer is one key away, with what it would do; back to the one that is meant.
        await loop.press("space")
        await until(pilot, lambda: isinstance(app.screen, LayersScreen))
        assert "[x] stage" in screen_text(app)
        assert "[ ] alias" in screen_text(app)
        dialog = await loop.plan("enter")
        assert [step.kind for step in dialog.plan.steps] == ["api.stage"]
        await loop.confirm(dialog)
        await loop.verdict(home)
        assert loop.keys <= BUDGET
        await pilot.press("escape")
        await until(pilot, lambda: f"→ {good}" in sentence(app), 30)

    (done,) = operations(home, "production")
    assert done.outcome is Outcome.RECOVERED
    assert stage.deployment == good
    assert sum(call.operation == "UpdateStage" for call in account.calls) == 1
    assert not any(call.operation == "UpdateAlias" for call in account.calls)


async def test_the_web_content_is_a_layer_of_the_chooser_and_comes_last_in_the_plan(
    account: SimulatedAccount, state_home: object
) -> None:
    app = CockpitApp(load(), at_endpoint(find(load(), "prod"), account.endpoint))
    async with shown(app) as pilot:
        await Loop(pilot, app).red("stage")
        names = account.state.estate.environment("production")
        boto(account, "s3").put_object(Bucket=names.bucket, Key="index.html", Body=b"a page of nobody")
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("space")
        await until(pilot, lambda: isinstance(app.screen, LayersScreen))
        assert "[ ] content" in screen_text(app)
        assert "as before its newest publication" in screen_text(app)
        await pilot.press("end", "space", "enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        assert [step.kind for step in dialog.plan.steps] == ["api.stage", "content.restore", "edge.invalidation"]
        assert [one.layer for one in dialog.plan.layers if one.chosen] == [Layer.STAGE, Layer.CONTENT]
        await pilot.press("escape")
    assert not any(call.operation in ("UpdateStage", "CopyObject") for call in account.calls)
