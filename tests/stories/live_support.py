"""The screen on a live simulated account whose clock stands still: whatever changes was done by a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from textual.pilot import Pilot
from textual.widgets import Input

from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import Update
from services.watch.watch import Watch
from tests.simulated_support import manual, simulated
from tests.stories.screen_support import until
from tui.app import CockpitApp
from tui.keys import KEYS, Group
from tui.screens.frame import FrameScreen
from tui.screens.overview import OverviewScreen
from tui.session import Opened

IN_TROUBLE = timedelta(minutes=11)
"""After the start of `bad-deploy`: version, minute and key are named, two alerts wait."""

NUMBERS = {key.id: key.key for key in KEYS if key.group is Group.SCREEN}
"""Id of each numbered screen → the key that leads there."""

Mark = tuple[object, ...]


@contextmanager
def troubled() -> Iterator[SimulatedAccount]:
    """An account in the middle of a bad deployment."""
    with simulated("bad-deploy") as account:
        manual(account).advance(IN_TROUBLE.total_seconds())
        yield account


def still_app(account: SimulatedAccount, change: Callable[[Environment], Environment] = lambda one: one) -> CockpitApp:
    """The app on `account`; the account's time moves only when it is told to."""

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(account.clock, Watch(environment, settings, account.clock, post, jitter=lambda: 0.5))

    settings = load()
    return CockpitApp(settings, change(at_endpoint(find(settings, "prod"), account.endpoint)), opener=opener)


async def settled(app: CockpitApp, pilot: Pilot[int]) -> None:
    """Everything that was due has been asked and shown."""
    watch = app.session.watch if app.session is not None else None
    assert isinstance(watch, Watch)
    await until(pilot, lambda: watch.settled and app.assessment is not None, 60)
    await pilot.pause()


class Seen(NamedTuple):
    """What a person, or the account, can notice of a key."""

    screens: Mark
    cells: Mark
    focus: object
    said: Mark
    asked: int
    copied: str


def seen(app: CockpitApp, account: SimulatedAccount) -> Seen:
    """The screens and their cells with their colours, what is said, how often the account was asked."""
    return Seen(
        tuple(id(one) for one in app.screen_stack),
        tuple(tuple(strip) for strip in app.screen._compositor.render_strips()),
        app.focused,
        tuple(one.identity for one in app._notifications),
        len(account.calls),
        app.clipboard,
    )


async def home(app: CockpitApp, pilot: Pilot[int], number: str) -> None:
    """Out of everything that is open, to the screen of this number with nothing open in it."""
    for _ in range(8):
        if isinstance(app.screen, (OverviewScreen, FrameScreen)) and not isinstance(app.focused, Input):
            break
        await pilot.press("escape")
    if number != NUMBERS.get(app.screen.IDENTITY if isinstance(app.screen, FrameScreen) else "overview"):
        await pilot.press(number)
    if isinstance(app.screen, FrameScreen):
        while app.screen.step_back():
            await pilot.pause()
