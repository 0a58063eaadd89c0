"""Every dialog keeps its ground: while the terminal shrinks and grows again, and while nothing answers any more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.pilot import Pilot

from services.model.assessment import State
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import manual
from tests.stories.live_support import home, settled, still_app, troubled
from tests.stories.screen_support import screen_text, shown, state_home, until
from tests.stories.test_journal_screen import SANDBOX, done
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.notice import NoticeScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

OPENED: Mapping[str, tuple[str, ...]] = {
    "help": ("question_mark",),
    "environments": ("e",),
    "palette": ("colon",),
    "plan": ("R",),
    "layers": ("R", "space"),
    "paths": ("I",),
    "invalidation": ("I", "enter"),
    "content": ("U",),
    "ways": ("X",),
    "isolation": ("X", "enter"),
    "health": ("h",),
    "ready": ("p",),
    "acknowledge": ("a",),
    "rule's steps": ("exclamation_mark", "s", "e"),
    "metrics": ("2",),
    "logs": ("3",),
    "searches": ("3", "s"),
    "groups": ("3", "f"),
    "live tail": ("3", "dollar_sign"),
    "deployments": ("4",),
    "memory": ("4", "C"),
    "alarm": ("7", "enter"),
    "overnight": ("7", "n"),
    "dashboard": ("8",),
    "dashboards": ("8", "d"),
    "entry": ("9", "enter"),
    "all": ("0",),
}
"""Name → the keys that open it from the overview."""


SHRUNK = (
    "help", "environments", "palette", "plan", "layers", "paths", "invalidation", "content", "ways", "isolation",
    "health", "ready", "acknowledge", "rule's steps", "groups", "live tail", "memory", "dashboard",
)  # fmt: skip
"""The dialogs of OPENED, and of the screens, which all shrink alike, two."""

ASKING = (
    "ready", "health", "rule's steps", "metrics", "logs", "searches", "groups", "deployments", "alarm", "overnight",
    "dashboard", "dashboards", "entry", "all",
)  # fmt: skip
"""Those of OPENED that ask AWS something of their own."""


async def _open(app: CockpitApp, pilot: Pilot[int], keys: tuple[str, ...]) -> str:
    """Open a dialog; the name of the screen that is on top then."""
    await home(app, pilot, "1")
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    if keys == ("U",):  # the bucket is read first
        await until(pilot, lambda: isinstance(app.screen, (ConfirmScreen, NoticeScreen)))
    return type(app.screen).__name__


@pytest.mark.timeout(300)
async def test_a_terminal_may_shrink_to_nothing_and_grow_again_under_every_dialog(state_home: Path) -> None:
    done("A rollback", 30, environment=SANDBOX)
    with troubled() as account:
        app = still_app(account)
        async with shown(app, (80, 24)) as pilot:
            await settled(app, pilot)
            for name in SHRUNK:
                top = await _open(app, pilot, OPENED[name])
                for size in ((20, 5), (80, 24)):
                    await pilot.resize_terminal(*size)
                    await pilot.pause()
                assert type(app.screen).__name__ == top, name
                assert "PRODUCTION" in screen_text(app), name
                if isinstance(app.screen, ConfirmScreen):
                    assert not app.screen.obstacle and "Cancel" in screen_text(app), f"{name} fits 80x24"


async def test_nothing_answers_any_more_and_every_dialog_stays_and_goes_on_when_it_does(state_home: Path) -> None:
    done("A rollback", 30, environment=SANDBOX)
    with troubled() as account:
        app = still_app(account)
        async with shown(app, (80, 24)) as pilot:
            await settled(app, pilot)
            await _open(app, pilot, OPENED["plan"])
            account.faults.add(Fault("*", "*", FaultKind.RESET_BEFORE, times=None))
            manual(account).advance(60)
            await settled(app, pilot)
            assert isinstance(app.screen, ConfirmScreen)
            for name in ASKING:
                await _open(app, pilot, OPENED[name])
                assert "PRODUCTION" in screen_text(app), name
            manual(account).advance(600)
            await settled(app, pilot)
            await home(app, pilot, "1")
            assert app.assessment is not None and app.assessment.judgements["api.errors"].state is State.STALE
            account.faults.clear()
            await pilot.press("r")
            await settled(app, pilot)
            await until(pilot, lambda: app.assessment is not None and app.assessment.verdict.state is State.CRIT)
