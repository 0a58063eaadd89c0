"""`p`: can I roll back right now? Asked before it is needed, answered layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from services.clock import ManualClock
from services.model.content import Bucket
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.safe_text import safe
from services.watch.updates import FeedUpdate
from tests.stories.asked_support import asked_app
from tests.stories.screen_support import clock, screen_text, shown, state_home, until
from tests.unit.actions_support import RELEASE
from tui.screens.readiness import ReadinessScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def _script(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
    if operation == "SimulatePrincipalPolicy":
        return {"EvaluationResults": [{"EvalDecision": "implicitDeny"}]}
    return problem(ProblemKind.DENIED, f"no {operation} here")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_what_is_in_the_way_is_told_with_what_lifts_it(clock: ManualClock, size: tuple[int, int]) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app, size) as pilot:
        now = clock.now() - timedelta(seconds=5)
        bucket = Bucket(safe("web"), True, safe("Suspended"))
        watches[0].post(FeedUpdate("buckets", Reading((bucket,), now, now)))
        watches[0].post(FeedUpdate("releases", Reading((RELEASE,), now, now)))
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, ReadinessScreen) and "in the way of" in screen_text(app))
        await until(pilot, lambda: "could not be" in screen_text(app))
        for _ in range(30):
            if "Turn versioning on now" in screen_text(app):
                break
            await pilot.press("j")
        assert "Turn versioning on now" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)
