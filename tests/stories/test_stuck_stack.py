"""A stack stuck half way back: R offers what to leave out, a person chooses, and it is led out and proved well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.journal.home import JournalHome
from services.journal.reading import operations
from services.model.entry import Outcome
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from tests.simulated_support import boto
from tests.stories.loop_support import BUDGET, Loop, skips_known
from tests.stories.screen_support import screen_text, sentence, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.skips import SkipsScreen

__all__ = ["state_home"]

SPEED = 60.0


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(scenario="update-rollback-failed", seed=1, speed=SPEED) as opened:
        yield opened


async def test_a_stack_that_is_stuck_is_led_out_by_what_a_person_chose_to_skip(
    account: SimulatedAccount, state_home: object
) -> None:
    environment = at_endpoint(find(load(), "prod"), account.endpoint)
    home = JournalHome.default(environment)
    app = CockpitApp(load(), environment)
    async with shown(app) as pilot:
        loop = Loop(pilot, app)
        await loop.red("UPDATE_ROLLBACK_FAILED")
        await until(pilot, lambda: skips_known(app), 60)
        await loop.press("R")
        await until(pilot, lambda: isinstance(app.screen, SkipsScreen))
        assert "[ ] AuditTable  try again" in screen_text(app)
        assert "Time to live has been modified multiple times" in screen_text(app)
        await loop.press("space")
        await until(pilot, lambda: "[x] AuditTable  skip" in screen_text(app))
        dialog = await loop.plan("enter")
        assert dialog.plan.steps[0].call.parameters["ResourcesToSkip"] == ["AuditTable"]
        await loop.confirm(dialog)
        await loop.verdict(home)
        assert loop.keys <= BUDGET
        await pilot.press("escape")
        # Ten minutes of the account's time the verdict tells of it; on a slow machine they may be over.
        await until(pilot, lambda: "UPDATE_ROLLBACK_FAILED" not in sentence(app), 30)

    (done,) = operations(home, "production")
    assert done.outcome is Outcome.RECOVERED
    (stack,) = boto(account, "cloudformation").describe_stacks(StackName="EC2Manager-production")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert sum(call.operation == "ContinueUpdateRollback" for call in account.calls) == 1
