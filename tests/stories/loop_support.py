"""The closed loop by its keys: red, the plan, the typed name, the verdict. The stories walk it, the bench counts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from services.actions.stack import skippable
from services.journal.home import JournalHome
from services.journal.reading import operations
from services.model.assessment import State
from services.model.entry import Operation
from tests.stories.screen_support import judged, screen_text, sentence, until
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.operation import OperationScreen
from tui.screens.paths import PathsScreen
from tui.screens.skips import SkipsScreen

BUDGET = 8
"""Keystrokes from red to RECOVERED besides the typed name."""

NAME = "production"


class Loop:
    """One walk through it: who presses, what it is pressed on, and how many keys that took."""

    def __init__(self, pilot: Pilot[int], app: CockpitApp) -> None:
        self.pilot, self.app = pilot, app
        self.keys = 0
        """Without the environment's name, which is typed to confirm."""

    async def press(self, *keys: str) -> None:
        self.keys += len(keys)
        await self.pilot.press(*keys)

    async def until(self, condition: Callable[[], bool], seconds: float = 15.0) -> None:
        await until(self.pilot, condition, seconds)

    async def red(self, *words: str, key: str = "R", seconds: float = 100.0) -> None:
        """The verdict is CRIT, says all of `words` and names the key that helps."""
        await self.until(
            lambda: (
                judged(self.app) is State.CRIT
                and all(word in sentence(self.app) for word in words)
                and self.app.assessment is not None
                and self.app.assessment.verdict.key == key
            ),
            seconds,
        )

    async def plan(self, *keys: str) -> ConfirmScreen:
        """Press `keys`; the plan that they lead to."""
        await self.press(*keys)
        await self.until(lambda: isinstance(self.app.screen, ConfirmScreen), 60)
        dialog = self.app.screen
        assert isinstance(dialog, ConfirmScreen)
        return dialog

    async def confirm(self, dialog: ConfirmScreen) -> None:
        """Type the name when it counts, and see the operation."""
        await self.until(lambda: dialog.armed)
        await self.pilot.press(*NAME)
        await self.press("enter")
        await self.until(lambda: isinstance(self.app.screen, OperationScreen))

    async def verdict(self, home: JournalHome, word: str = "RECOVERED", seconds: float = 90.0) -> Operation:
        """The operation when it has ended, and the screen says so."""
        await self.until(lambda: any(not one.open for one in operations(home, NAME)), seconds)
        await self.until(lambda: word in screen_text(self.app))
        return operations(home, NAME)[0]

    async def skip_first(self) -> None:
        """A stack that is stuck: of what could be left out the first is."""
        await self.until(lambda: skips_known(self.app), 60)
        await self.press("R")
        await self.until(lambda: isinstance(self.app.screen, SkipsScreen))
        await self.press("space")
        await self.until(lambda: "[x]" in screen_text(self.app))


def events_read(app: CockpitApp) -> bool:
    """The stack's history is there: which resources are stuck."""
    session = app.session
    return session is not None and session.situation is not None and session.situation.events.value is not None


def skips_known(app: CockpitApp) -> bool:
    """It is read which resources are stuck."""
    situation = app.session.situation if app.session is not None else None
    return situation is not None and bool(skippable(situation))


Walk = Callable[[Loop], Awaitable[ConfirmScreen]]
"""From the first key to the plan."""


async def by_evidence(loop: Loop) -> ConfirmScreen:
    """`R`: the layer that the evidence points at."""
    return await loop.plan("R")


async def out_of_the_stack(loop: Loop) -> ConfirmScreen:
    """`R`, what is skipped, enter."""
    await loop.skip_first()
    return await loop.plan("enter")


async def of_the_edge(loop: Loop) -> ConfirmScreen:
    """`I` and the paths that are offered."""
    await loop.press("I")
    await loop.until(lambda: isinstance(loop.app.screen, PathsScreen))
    return await loop.plan("enter")
