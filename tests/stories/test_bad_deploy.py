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
from tests.stories.loop_support import BUDGET, Loop, by_evidence
from tests.stories.screen_support import judged, screen_text, sentence, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.line import LineScreen
from widgets.operation_view import OperationView
from widgets.spans import text_of

__all__ = ["state_home"]

SPEED = 60.0
GOES_LIVE = timedelta(seconds=151)
"""After the scenario's start, by the scenario's own data."""


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(scenario="bad-deploy", seed=1, speed=SPEED) as opened:
        yield opened


@pytest.mark.runbook("R227", "R305", "R306", "R307")
async def test_a_bad_deployment_is_rolled_back_and_the_recovery_proved(
    account: SimulatedAccount, state_home: object
) -> None:
    began = account.clock.now()
    settings = load()
    environment = at_endpoint(find(settings, "prod"), account.endpoint)
    app = CockpitApp(settings, environment)
    async with shown(app) as pilot:
        loop = Loop(pilot, app)

        # The deployment comes, and the verdict names version, minute and key.
        await until(pilot, lambda: judged(app) is State.CRIT and "v42" in sentence(app), 100)
        verdict = app.assessment.verdict if app.assessment else None
        assert verdict is not None
        assert verdict.since is not None
        assert verdict.key == "R"
        assert "v41" in verdict.remedy
        assert f"{verdict.since:%H:%M}" in verdict.sentence
        assert abs(verdict.since - (began + GOES_LIVE)) <= timedelta(minutes=2), "the minute in which v42 went live"
        await until(pilot, lambda: "CRIT" in screen_text(app))

        # R shows the plan; the version before is chosen, both are shown.
        dialog = await by_evidence(loop)
        assert [one.version for one in dialog.plan.candidates if one.chosen] == [41]
        assert "v42 → v41" in screen_text(app)
        await loop.confirm(dialog)

        # The journal tells, the screen follows.
        home = JournalHome.default(environment)
        await loop.verdict(home)
        assert loop.keys <= BUDGET

        # What the runbook wants after a rollback ticks itself; a person signs in, and tells the stakeholders.
        await until(pilot, lambda: "Validation" in screen_text(app) and "HTTP 200" in screen_text(app))
        await until(pilot, lambda: "of 10 minutes" in screen_text(app))
        await until(pilot, lambda: "Errors    OK" in screen_text(app), 60)
        await _recorded(app, pilot)
        await until(pilot, lambda: "Validated all five checks are well" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: "Told      the message for the stakeholders was copied" in screen_text(app))

        # So has the runbook's checklist: accepted, monitored, validated, told, recorded; then it can be closed.
        await until(pilot, lambda: "Rollback Checklist  7 of 7" in _told(app))
        await pilot.press("c")
        await until(pilot, lambda: "closed as complete" in _told(app))
        await loop.press("escape")
        # For ten minutes of the account's time the verdict is RECOVERED, then all is as on any day: on v41 either way.
        await until(pilot, lambda: "v41" in sentence(app) and judged(app) is State.OK, 30)

    (done,) = operations(home, "production")
    assert done.outcome is Outcome.RECOVERED
    assert done.switched is not None
    _judged_on_a_fresh_window(done.switched, done.ended)
    assert {Phase.SNAPSHOT, Phase.INTENT, Phase.REPLY, Phase.APPLIED} <= {entry.phase for entry in done.entries}
    sent = [call for call in account.calls if call.operation == "UpdateAlias"]
    assert len(sent) == 1
    assert "RevisionId" in sent[0].parameters


async def _recorded(app: CockpitApp, pilot: Pilot[int]) -> None:
    """Record that signing in works, and with it that all is well. What is well is measured anew all the time: an answer
    that a busy machine takes long over makes the speed FAIL for a moment, and then a reason is asked for."""
    recorded, doubted = "Validated all five checks are well", "Not well yet"
    for _ in range(10):
        await until(pilot, lambda: "Speed     OK" in screen_text(app), 60)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press("enter")
        await until(pilot, lambda: recorded in screen_text(app) or doubted in screen_text(app))
        if doubted not in screen_text(app):
            return
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, LineScreen))


def _told(app: CockpitApp) -> str:
    """All that the operation's screen tells, what has to be scrolled to as well."""
    return "\n".join(text_of(row) for row in app.screen.query_one(OperationView).rows)


def _judged_on_a_fresh_window(switched: datetime, ended: datetime | None) -> None:
    assert ended is not None
    assert (ended - switched).total_seconds() >= 5 * 60, "five whole minutes after the switch were judged"
