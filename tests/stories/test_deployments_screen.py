"""Screen 4: a deployment goes on resource by resource, one that fails says why, and R goes to what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from textual.pilot import Pilot

from services.clock import ManualClock
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate, Update
from services.watch.watch import Watch
from tests.simulated_support import manual, simulated
from tests.stories.asked_support import asked_app
from tests.stories.screen_support import clock, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.deployments import DRIFT, LAMBDA, DeploymentsScreen
from tui.session import Opened
from widgets.deploy_list import DeployList, DeployRow

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

SPEED = 40.0


def _top(app: CockpitApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def _rows(app: CockpitApp) -> tuple[DeployRow, ...]:
    return app.screen.query_one(DeployList).entries


def _screen(account: SimulatedAccount) -> CockpitApp:
    settings = load()
    return CockpitApp(settings, at_endpoint(find(settings, "prod"), account.endpoint))


async def _to(app: CockpitApp, pilot: Pilot[int], section: int) -> None:
    screen = app.screen
    assert isinstance(screen, DeploymentsScreen)
    while screen._section != section:
        await pilot.press("tab")


def _still(account: SimulatedAccount) -> CockpitApp:
    """The screen on an account whose clock moves only when it is told to."""

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(account.clock, Watch(environment, settings, account.clock, post, jitter=lambda: 0.5))

    settings = load()
    return CockpitApp(settings, at_endpoint(find(settings, "prod"), account.endpoint), opener=opener)


async def _settled(app: CockpitApp, pilot: Pilot[int]) -> None:
    """Everything that was due has been asked and shown."""
    watch = app.session.watch if app.session is not None else None
    assert isinstance(watch, Watch)
    await until(pilot, lambda: watch.settled, 30)
    await pilot.pause()


async def _pass(app: CockpitApp, pilot: Pilot[int], account: SimulatedAccount, *steps: float) -> None:
    for step in steps:
        manual(account).advance(step)
        await _settled(app, pilot)


@pytest.mark.runbook("R097", "R226")
async def test_a_deployment_goes_on_resource_by_resource_and_its_end_is_announced() -> None:
    with simulated("bad-deploy") as account:
        app = _still(account)
        async with shown(app, (80, 24)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in _top(app))
            await _settled(app, pilot)
            await _pass(app, pilot, account, 118, 30)
            await until(pilot, lambda: "update under way" in _top(app))
            await until(pilot, lambda: _word(app, "ManagerFunction") == "updated")
            assert _word(app, "ManagerFunctionAliasLIVE") in ("", "updating")
            await until(pilot, lambda: "of 5 done" in _top(app))
            assert " %" in _top(app), "its change set names five resources"
            await _pass(app, pilot, account, 5, 5)
            await until(pilot, lambda: _word(app, "ManagerFunctionAliasLIVE") == "updated")
            await _pass(app, pilot, account, *[5] * 5)
            await until(pilot, lambda: any("Stack: UPDATE_COMPLETE" in str(n.message) for n in app._notifications))
            await until(pilot, lambda: "deployed · 5 of 5 done" in _top(app))
            assert _rows(app)[0].when.endswith("58 s")


def _word(app: CockpitApp, name: str) -> str:
    """What the first row of that resource says; empty while there is none."""
    return next((row.word for row in _rows(app) if row.name == name), "")


@pytest.mark.runbook("R221", "R223")
async def test_one_that_fails_in_a_nested_stack_shows_its_cause_and_whole_events_about_the_rollback() -> None:
    with simulated("nested-deploy-rolled-back") as account:
        app = _still(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in _top(app))
            await _settled(app, pilot)
            await _pass(app, pilot, account, 118, 30, 20, 10)
            await until(pilot, lambda: "rollback in progress, not started here" in _top(app))
            assert "EC2Manager-production-api-5xx" in _top(app)
            await until(pilot, lambda: "ROOT CAUSE  NotificationsStack/DeadLetterQueue" in _top(app))
            await _pass(app, pilot, account, *[10] * 8)
            await until(pilot, lambda: "update failed, rolled back" in _top(app))
            names = [row.name for row in _rows(app)]
            assert names.index("rollback") > names.index("DeadLetterQueue")
            queue = next(row for row in _rows(app) if row.name == "DeadLetterQueue" and row.word == "update failed")
            app.screen.query_one(DeployList).to(_rows(app).index(queue))
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.has_class("-one") and "AWS::SQS::Queue" in _top(app))
            assert "Must be between 0 and 43200" in _top(app)
            await pilot.press("escape", "tab", "slash", *"ROLLback", "enter")
            await until(pilot, lambda: "/ROLLback" in _top(app) and 0 < len(_rows(app)) < 12)
            assert all("rollback" in row.searched for row in _rows(app))
            assert {"UPDATE_ROLLBACK_COMPLETE"} <= {row.word for row in _rows(app)}


@pytest.mark.runbook("R303")
async def test_r_on_a_version_prepares_a_rollback_to_that_one() -> None:
    with SimulatedAccount(scenario="calm", seed=1, speed=1) as account:
        app = _screen(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await _to(app, pilot, LAMBDA)
            await until(pilot, lambda: any(row.name == "$LATEST" for row in _rows(app)), 30)
            chosen = next(row for row in _rows(app) if row.name == "v39")
            await until(pilot, lambda: bool(app.session and app.session.situation and app.session.situation.apis.value))
            app.screen.query_one(DeployList).to(_rows(app).index(chosen))
            await pilot.press("R")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            dialog = app.screen
            assert isinstance(dialog, ConfirmScreen)
            assert [one.version for one in dialog.plan.candidates if one.chosen] == [39]
            await pilot.press("escape")
        assert not [call for call in account.calls if call.operation == "UpdateAlias"]


async def test_a_drift_detection_says_what_it_costs_before_it_begins() -> None:
    with SimulatedAccount(scenario="calm", seed=1, speed=SPEED) as account:
        app = _screen(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in _top(app))
            await _to(app, pilot, DRIFT)
            await pilot.press("d")
            await until(pilot, lambda: "d again begins: free, takes minutes" in _top(app))
            assert not [call for call in account.calls if call.operation == "DetectStackDrift"]
            await pilot.press("d")
            await until(pilot, lambda: "as the template says" in _top(app), 40)
            assert "IN_SYNC" in _top(app)
        assert len([call for call in account.calls if call.operation == "DetectStackDrift"]) == 1


async def test_a_stack_that_may_not_be_read_is_said_and_the_layers_stand(clock: ManualClock) -> None:
    def script(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
        raise AssertionError(f"{operation} was asked of an account of which nothing is known")

    app, watches = asked_app(clock, script)
    denied = problem(ProblemKind.DENIED, "this identity may not cloudformation:DescribeStacks")
    async with shown(app, (80, 24)) as pilot:
        await pilot.press("4")
        for feed in ("stack", "events"):
            watches[0].post(FeedUpdate(feed, Reading().failed(denied, clock.now())))
        await until(pilot, lambda: "may not cloudformation:DescribeStacks" in _top(app))
        for _ in range(9):
            await pilot.press("tab")
        await pilot.press("j", "enter", "d", "d", "y", "escape")
        assert isinstance(app.screen, DeploymentsScreen | type(app.overview))
