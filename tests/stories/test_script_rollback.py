"""`R` in an environment that names the runbook's script: its words are chosen, the stack's name typed, it runs once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from services.clock import ScaledClock
from services.model.entry import Outcome
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Script, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate, Update
from tests.contract.executor_support import situation_of
from tests.contract.test_script import ran, with_script, written
from tests.simulated_support import START, simulated
from tests.stories.screen_support import screen_text, shown, state_home, until
from tests.stories.test_orders_by_name import SPEED, Asking
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.operation import OperationScreen
from tui.screens.script import ScriptScreen
from tui.session import Opened

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ScaledClock(START, SPEED)) as opened:
        yield opened


@asynccontextmanager
async def opened(
    account: SimulatedAccount, script: Script, size: tuple[int, int]
) -> AsyncIterator[tuple[Pilot[int], CockpitApp]]:
    """The app, told everything that a plan needs, in an environment that names `script`."""
    settings = load()
    environment, watches = with_script(at_endpoint(find(settings, "prod"), account.endpoint), script), list[Asking]()

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        watches.append(Asking(environment, post, account.clock))
        return Opened(account.clock, watches[-1])

    app = CockpitApp(settings, environment, opener=opener)
    told = await situation_of(environment, account.clock)
    async with AsyncExitStack() as stack, shown(app, size) as pilot:
        (watch,) = watches
        stack.push_async_callback(watch.account.close)
        for feed in ("identity", "stack", "functions", "releases", "apis", "distributions", "parts"):
            watch.post(FeedUpdate(feed, getattr(told, feed)))
        await until(pilot, lambda: app.key_context().parts_known and app.runbook is not None)
        yield pilot, app


async def _planned(app: CockpitApp, pilot: Pilot[int], downs: int) -> ConfirmScreen:
    await pilot.press("R")
    await until(pilot, lambda: isinstance(app.screen, ScriptScreen))
    await pilot.press(*["down"] * downs, "enter")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
    dialog = app.screen
    assert isinstance(dialog, ConfirmScreen)
    await until(pilot, lambda: dialog.armed)
    return dialog


@pytest.mark.runbook("R011", "R224", "R225")
@pytest.mark.parametrize(
    ("size", "downs", "line"),
    [((80, 24), 0, "./scripts/rollback.sh prod"), ((120, 40), 1, "./scripts/rollback.sh prod previous")],
)
async def test_the_stacks_name_runs_it_once_and_its_exit_status_is_shown_as_a_failure(
    account: SimulatedAccount, tmp_path: Path, size: tuple[int, int], downs: int, line: str
) -> None:
    script = written(tmp_path, "echo no earlier release; exit 3")
    async with opened(account, script, size) as (pilot, app):
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ScriptScreen) and "prod previous" in screen_text(app))
        assert "./scripts/rollback.sh prod 4" in screen_text(app), "a listed version is a target, too"
        await pilot.press("escape")

        await _planned(app, pilot, downs)
        await pilot.press(*"production", "enter")
        assert isinstance(app.screen, ConfirmScreen), "another name confirms nothing"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)
        assert ran(tmp_path) == []

        dialog = await _planned(app, pilot, downs)
        assert dialog.plan.title == f"Run {line}"
        await pilot.press(*"EC2Manager-production", "enter")
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))
        await until(pilot, lambda: bool(app.session and app.session.operations and not app.session.operations[0].open))
        await until(pilot, lambda: "exit status 3" in screen_text(app))
        assert app.session is not None
        (done,) = app.session.operations
        assert done.outcome is Outcome.FAILED
        assert ran(tmp_path) == [line]
        await pilot.press("end")
        await until(pilot, lambda: any("no earlier release" in str(one.text) for one in done.entries))


async def test_without_the_script_on_disk_the_rollback_is_the_cockpits_own(
    account: SimulatedAccount, tmp_path: Path
) -> None:
    async with opened(account, Script(folder=str(tmp_path)), (80, 24)) as (pilot, app):
        await pilot.press("R")
        await until(pilot, lambda: any("is not there" in str(one.message) for one in app._notifications))
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "LIVE" in screen_text(app)
