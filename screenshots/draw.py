"""`make screenshots`: every screen in calm and in trouble, drawn by the real screen on the simulated account.

Two courses of events: a calm account, screen by screen; and a bad deployment, the plan, the verification, recovered. A
picture of each moment at each size, `calm-…` for the quiet ones. Twenty-odd minutes of the account pass in about a
minute of yours. `python -m screenshots.draw FOLDER` puts them somewhere else.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
SIZES = ((80, 24), (120, 40), (200, 50))
START = "2026-11-23T03:00:00+00:00"
SPEED = "30"
SCREENS = (
    ("2", "metrics"),
    ("3", "logs"),
    ("4", "deployments"),
    ("6", "runbook"),
    ("7", "alarms"),
    ("8", "dashboard"),
    ("9", "journal"),
    ("0", "environments"),
)
"""Key → picture, besides the first screen."""

PATIENCE_S = 120.0


async def _until(pilot: Any, true: Callable[[], bool], what: str) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while not true():
        if loop.time() > deadline:
            raise SystemExit(f"screenshots: waited {PATIENCE_S:.0f} s for {what} in vain")
        await pilot.pause(0.05)


async def _shoot(pilot: Any, moment: str, whole: Callable[[], bool] = lambda: True) -> None:
    """One picture per size of what is on the screen, once it is `whole` again."""
    for columns, rows in SIZES:
        await pilot.resize_terminal(columns, rows)
        await pilot.pause(0.5)
        await _until(pilot, whole, f"{moment} at {columns}x{rows}")
        path = FOLDER / f"{moment}-{columns}x{rows}.svg"
        path.write_text(_tidy(pilot.app.export_screenshot(title="cockpit")))
        sys.stderr.write(f"  {path.name}\n")


def _tidy(svg: str) -> str:
    """The same picture, with ids that do not change from run to run."""
    return re.sub(r"terminal-\d+", "terminal", svg)


def _app(url: str) -> Any:
    from services.settings.loading import at_endpoint, find, load
    from tui.app import CockpitApp

    settings = load()
    return CockpitApp(
        settings, at_endpoint(find(settings, "production"), url), equip=lambda other: at_endpoint(other, url)
    )


async def _screens(pilot: Any, prefix: str = "") -> None:
    """The other screens, each once it has asked what it shows; back to the first one."""
    for key, name in SCREENS:
        await pilot.press(key)
        await pilot.pause(3.0)
        await _shoot(pilot, f"{prefix}{name}")
    await pilot.press("1")


async def _calm(url: str) -> None:
    from services.model.assessment import State

    app = _app(url)
    async with app.run_test(size=(200, 50)) as pilot:
        await _until(
            pilot,
            lambda: app.assessment is not None and app.assessment.verdict.state is State.OK,
            "a calm verdict",
        )
        await pilot.pause(4.0)
        await _shoot(pilot, "calm")
        await _screens(pilot, "calm-")
        await pilot.press("question_mark")
        await pilot.pause(0.5)
        await _shoot(pilot, "calm-help")


async def _trouble(url: str) -> None:
    from services.model.assessment import State
    from services.model.entry import Outcome
    from tui.screens.confirm import ConfirmScreen

    app = _app(url)

    def verdict() -> State | None:
        return app.assessment.verdict.state if app.assessment is not None else None

    def operation() -> Any:
        operations = app.session.operations if app.session is not None else ()
        return operations[0] if operations else None

    def armed() -> bool:
        return isinstance(app.screen, ConfirmScreen) and app.screen.armed

    async with app.run_test(size=(200, 50)) as pilot:
        await _until(pilot, lambda: verdict() is State.CRIT, "the bad deployment to show")
        await pilot.pause(4.0)
        await _shoot(pilot, "critical")
        await _screens(pilot)
        app.action_run("outage")
        await pilot.pause(3.0)
        await _shoot(pilot, "outage")
        await pilot.press("escape")
        await pilot.press("R")
        await _until(pilot, lambda: isinstance(app.screen, ConfirmScreen), "the plan")
        await _shoot(pilot, "plan", armed)
        await pilot.press(*"production")
        await pilot.press("enter")
        await _until(pilot, lambda: operation() is not None and operation().progress[0] >= 2, "the verification")
        await _shoot(pilot, "verifying")
        await _until(pilot, lambda: operation().outcome is Outcome.RECOVERED, "the recovery")
        await pilot.pause(1.0)
        await _shoot(pilot, "recovered")
        await pilot.press("escape", "6")
        for part in ("checklists", "maintenance"):
            await pilot.press("tab")
            await pilot.pause(0.5)
            await _shoot(pilot, part)
        await pilot.press("1", "question_mark")
        await pilot.pause(0.5)
        await _shoot(pilot, "help")


def main() -> int:
    from tui.commands.demo import simulated_account
    from tui.launch import TEXTUAL_ENVIRONMENT

    for name, value in TEXTUAL_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ.pop("NO_COLOR", None)
    for scenario, play in (("calm", _calm), ("bad-deploy", _trouble)):
        with tempfile.TemporaryDirectory() as home:
            os.environ["COCKPIT_STATE_HOME"] = home
            with simulated_account(["--scenario", scenario, "--speed", SPEED, "--start", START]) as ready:
                asyncio.run(play(ready.endpoint))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
