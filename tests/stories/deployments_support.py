"""Screen 4 on an account whose clock moves only when a test moves it."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import Update
from services.watch.watch import Watch
from tests.simulated_support import manual
from tests.stories.screen_support import until
from tui.app import CockpitApp
from tui.screens.deployments import DeploymentsScreen
from tui.session import Opened
from widgets.deploy_list import DeployList, DeployRow


def listed(app: CockpitApp) -> tuple[DeployRow, ...]:
    return app.screen.query_one(DeployList).entries


async def to_section(app: CockpitApp, pilot: Pilot[int], section: int) -> None:
    screen = app.screen
    assert isinstance(screen, DeploymentsScreen)
    while screen._section != section:
        await pilot.press("tab")


def still(account: SimulatedAccount) -> CockpitApp:
    """The screen on an account whose clock moves only when it is told to."""

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(account.clock, Watch(environment, settings, account.clock, post, jitter=lambda: 0.5))

    settings = load()
    return CockpitApp(settings, at_endpoint(find(settings, "prod"), account.endpoint), opener=opener)


async def settled(app: CockpitApp, pilot: Pilot[int]) -> None:
    """Everything that was due has been asked and shown."""
    watch = app.session.watch if app.session is not None else None
    assert isinstance(watch, Watch)
    await until(pilot, lambda: watch.settled, 30)
    await pilot.pause()


async def passed(app: CockpitApp, pilot: Pilot[int], account: SimulatedAccount, *steps: float) -> None:
    for step in steps:
        manual(account).advance(step)
        await settled(app, pilot)
