"""The system's status where a deployment or a rollback needs it: below the operation, and in the rollback's screen."""

from __future__ import annotations

import pytest

from tests.simulated_support import manual, simulated
from tests.stories.deployments_support import listed, passed, settled, still
from tests.stories.screen_support import shown, state_home, top, until
from tests.stories.test_keys import _order_on_disk
from tui.app import CockpitApp
from tui.screens.operation import OperationScreen
from widgets.deploy_list import DeployRow

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def _step(app: CockpitApp) -> DeployRow | None:
    return next((row for row in listed(app) if row.name == "validation"), None)


def _lambda(app: CockpitApp) -> str:
    """The Lambda line of the status block."""
    return next((line for line in top(app).split("\n") if " lambda " in line), "")


@pytest.mark.runbook("R098", "R222")
async def test_a_deployment_that_ended_is_validated_and_a_rollback_shows_the_system_while_it_runs() -> None:
    with simulated("bad-deploy") as account:
        app = still(account)
        async with shown(app, (120, 50)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in top(app))
            await settled(app, pilot)
            await passed(app, pilot, account, 118, 30)
            await until(pilot, lambda: "update under way" in top(app))
            assert _step(app) is None
            await pilot.press("v")
            await until(pilot, lambda: any("has not ended" in str(one.message) for one in app._notifications))
            await passed(app, pilot, account, *[10] * 5)
            await until(pilot, lambda: (step := _step(app)) is not None and step.word == "not done")
            await pilot.press("v")
            await until(pilot, lambda: (step := _step(app)) is not None and step.word != "not done")
            step = _step(app)
            assert step is not None
            assert step.when == f"{account.clock.now():%H:%M:%S}Z"
            told = "\n".join("".join(span.text for span in line) for line in step.detail)
            assert all(f" {name} " in told for name in ("stack", "api", "lambda", "table", "cdn", "users"))

            _order_on_disk(app, manual(account))
            await until(pilot, lambda: app.key_context().running)
            await pilot.press("o")
            await until(pilot, lambda: isinstance(app.screen, OperationScreen) and "System" in top(app))
            assert "Failed" not in _lambda(app)
            account.functions["production"].update_failure = "The layer version 12 does not exist."
            await passed(app, pilot, account, 60)
            await until(pilot, lambda: "CRIT" in _lambda(app) and "layer version 12" in _lambda(app))
