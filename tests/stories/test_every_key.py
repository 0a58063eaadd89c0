"""Every key of every screen, pressed on a live account that may only be read: each does something or says why not,
and none changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.pilot import Pilot

from services.simulated.account import SimulatedAccount
from tests.simulated_support import manual
from tests.stories.live_support import NUMBERS, home, seen, settled, still_app, troubled
from tests.stories.screen_support import read_only, screen_text, shown, state_home, until
from tests.stories.test_journal_screen import SANDBOX, done
from tests.unit.test_one_writer import changing
from tui.app import CockpitApp
from tui.keys import BY_NAME, KEYS, LOCKED, Key, blocks, key_by_id, view_keys, why_off
from tui.screens.confirm import ConfirmScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.notice import NoticeScreen
from tui.screens.rule import RuleScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

ELSEWHERE = {
    "quit": "tests/stories/test_keys.py leaves",
    "compare": "tests/stories/test_metrics_screen.py compares: what it asks waits for the account's time",
    "longer_range": "tests/stories/test_dashboard.py looks at more, likewise",
    "suspend": "tests/terminal/test_screen.py suspends: it takes a terminal",
}

PATIENCE_S = 30.0
"""After this a key is dead; one that lives is seen at once."""

FIRST: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("up", "first", "page_up", "board_up", "board_page_up", "board_top", "rule_up", "rule_page_up"), ("G",)
    ),
    **dict.fromkeys(("down", "last", "page_down", "board_down", "board_page_down", "board_end"), ("g",)),
}
"""What is pressed before, so that there is somewhere to go."""


def _stands(app: CockpitApp) -> bool:
    """Whether there is something to go through: a dashboard is asked for, and drawn when it comes."""
    return not isinstance(app.screen, DashboardScreen) or app.screen.reading.value is not None


async def _press(app: CockpitApp, pilot: Pilot[int], account: SimulatedAccount, key: Key) -> bool:
    """Whether pressing `key` can be noticed."""
    for before in FIRST.get(key.id, ()):
        await pilot.press(before)
        await pilot.pause()
    before_it = seen(app, account)
    await pilot.press(key.key)
    try:
        await until(pilot, lambda: seen(app, account) != before_it, PATIENCE_S)
    except AssertionError:
        return False
    return True


@pytest.mark.timeout(400)  # two hundred keys, which a busy machine takes its time over
async def test_every_key_of_every_screen_does_something_or_says_why_not(
    state_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # what is exported goes here
    for minutes in (90, 60, 30):
        done("A rollback", minutes, environment=SANDBOX)
    dead: list[str] = []
    with troubled() as account:
        app = still_app(account, read_only)
        async with shown(app, (80, 24)) as pilot:
            await settled(app, pilot)
            for name, number in NUMBERS.items():
                everywhere = KEYS if name == "overview" else ()  # bound once, in the app
                own = sorted(view_keys(name), key=lambda key: key.id not in FIRST)  # while the lists are as they come
                for key in (*own, *everywhere):
                    if key.id in ELSEWHERE or key.key == number:
                        continue
                    await home(app, pilot, number)
                    await until(pilot, lambda: _stands(app), 30)
                    if not await _press(app, pilot, account, key):
                        dead.append(f"{name}: {key.shown} {key.label}")
            await home(app, pilot, "1")
            for key in view_keys("alert"):
                if not isinstance(app.screen, RuleScreen):
                    await home(app, pilot, "exclamation_mark")
                if not await _press(app, pilot, account, key):
                    dead.append(f"alert: {key.shown} {key.label}")
        assert {call.operation for call in account.calls} & changing() == set()
    assert not dead, "; ".join(dead)


ORDERS: Mapping[str, tuple[str, ...]] = {
    "rollback": (),
    "invalidate": ("enter",),
    "restore": (),
    "isolate": ("enter",),
    "undo": (),
    "export_logs": (*"some-bucket 2h", "enter"),
    "retention": (*"90", "enter"),
    "configure": ("backspace", "5", "enter"),
    "clean_up": ("enter",),
    "test_invoke": ("enter",),
    "sign_out": (*"user-1", "enter"),
    "index_change": (*"change.json", "enter"),
}
"""What is typed after each action that changes something, up to its plan."""


def _answered(app: CockpitApp, account: SimulatedAccount) -> bool:
    """Whether the plan stands there, or why there is none; until then time passes: some questions keep a pace."""
    if isinstance(app.screen, (ConfirmScreen, NoticeScreen)):
        return True
    manual(account).advance(0.5)
    return False


def write_index_change(folder: Path) -> None:
    (folder / "change.json").write_text('[{"Delete": {"IndexName": "no-such-index"}}]')


def orders(state_home: Path) -> set[Path]:
    """Everything that was ever ordered."""
    return set(state_home.rglob("*.order.jsonl"))


async def test_under_read_only_every_action_shows_its_plan_and_why_it_stays_one(
    state_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_index_change(tmp_path)
    done("A rollback", 30, environment=SANDBOX)
    before = orders(state_home)
    changes = {key.id for key in (*KEYS, *BY_NAME) if key.changes}
    assert changes == ORDERS.keys()
    planned: set[str] = set()
    with troubled() as account:
        app = still_app(account, read_only)
        async with shown(app) as pilot:
            await settled(app, pilot)
            for identity, typed in ORDERS.items():
                key, context = key_by_id(identity), app.key_context()
                app.action_run(identity)
                await pilot.pause()
                if blocks(key, context):
                    said = [str(one.message) for one in app._notifications]
                    assert any(why_off(key, context) in one for one in said), identity
                    continue
                await pilot.press(*typed)
                await until(pilot, lambda: _answered(app, account))
                if isinstance(app.screen, ConfirmScreen):
                    planned.add(identity)
                    await until(pilot, lambda: LOCKED in " ".join(screen_text(app).split()))
                    await pilot.press("y", *"production", "tab", "enter")
                await home(app, pilot, "1")
        assert {call.operation for call in account.calls} & changing() == set()
    assert orders(state_home) == before, "nothing was ordered"
    assert planned >= {"rollback", "invalidate", "isolate", "retention", "configure", "test_invoke"}
