"""The cockpit as an operator has it: the real app under a pilot, with a watch that asks AWS or a test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.app import App
from textual.pilot import Pilot

from services.clock import Clock, ManualClock
from services.model.assessment import State
from services.model.plan import ActionKind, Call, Criterion, Grade, Plan, Precondition, Step
from services.safe_text import SafeText, safe
from services.settings.loading import find, load
from services.settings.values import Environment, Settings
from services.watch.updates import Update
from services.watch.watch import Watch
from tui.app import CockpitApp
from tui.session import Opened

START = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)


class ToldWatch:
    """A watch that asks nobody: what it learns, a test tells it through `post`."""

    def __init__(self, environment: Environment, post: Callable[[Update], None]) -> None:
        self.environment = environment
        self.post = post
        self.started = self.stopped = False
        self.refreshed = 0

    def start(self) -> None:
        self.started = True

    def stop(self) -> None:
        self.stopped = True

    def refresh(self) -> None:
        self.refreshed += 1

    def busy_until(self, feed: str, until: datetime) -> None:
        return


class Told:
    """Makes told watches and keeps them, newest last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.watches: list[ToldWatch] = []

    def __call__(self, environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        watch = ToldWatch(environment, post)
        self.watches.append(watch)
        return Opened(self.clock, watch)


def told_app(
    clock: Clock, *, environment: str = "prod", change: Callable[[Environment], Environment] = lambda one: one
) -> tuple[CockpitApp, Told]:
    """The app on a told watch. The machine's time is the clock's too."""
    settings = load()
    told = Told(clock)
    return CockpitApp(settings, change(find(settings, environment)), opener=told, machine=clock), told


@asynccontextmanager
async def shown(app: CockpitApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[int]]:
    """The app on a screen of `size`, its environment opened."""
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session is not None and app.session.situation is not None)
        try:
            yield pilot
        finally:
            watch = app.session.watch if app.session is not None else None
            if isinstance(watch, Watch):
                watch.stop()
                await asyncio.to_thread(watch.join, 10)


async def until(pilot: Pilot[int], condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Let the app go on until `condition` holds; fail with the screen when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s; the screen was\n{screen_text(pilot.app)}")
        await pilot.pause(0.02)


async def until_told(pilot: Pilot[int], app: App[Any], words: str) -> None:
    """Let the app go on until these words stand on the screen in front."""
    await until(pilot, lambda: words in top(app))


def screen_text(app: App[Any]) -> str:
    """The screen's rows as a person reads them, dialogs included."""
    lines = app.screen._compositor.render_strips()
    below = [screen._compositor.render_strips() for screen in app._background_screens]
    return "\n".join("\n".join(strip.text for strip in strips) for strips in (*below, lines))


def top(app: App[Any]) -> str:
    """The rows of the screen in front alone."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def judged(app: CockpitApp) -> State:
    """What the line under the header is coloured by."""
    return app.assessment.verdict.state if app.assessment is not None else State.WAITING


def sentence(app: CockpitApp) -> str:
    """What the line under the header says."""
    return str(app.assessment.verdict.sentence) if app.assessment is not None else ""


def read_only(environment: Environment) -> Environment:
    """The environment under `--read-only`."""
    return msgspec.structs.replace(environment, read_only=True)


class Seeing:
    """A terminal that has every picture at once; a test may freeze it, or keep the newest from it."""

    def __init__(self) -> None:
        self.picture = 1
        self.taken = 1
        self.terminal_frozen = False

    def has_picture(self, number: int) -> bool:
        return self.taken >= number


def a_plan(clock: Clock, *, grade: Grade = Grade.TYPED, kind: ActionKind = ActionKind.ROLLBACK) -> Plan:
    """A small rollback of production."""
    still = (Precondition("alias.version", "42"),)
    call = Call("lambda", "UpdateAlias", "us-west-2", {"FunctionName": "f", "Name": "LIVE", "FunctionVersion": "41"})
    return Plan(
        kind=kind,
        environment="production",
        account=safe("123456789012"),
        title="Roll back LIVE of f from v42 to v41",
        made=clock.now(),
        expires=clock.now() + timedelta(minutes=5),
        grade=grade,
        steps=(Step("lambda.alias", SafeText("Lambda  LIVE  v42 → v41"), call, still),),
        saved=(SafeText("alias LIVE: v42"),),
        irreversible=(SafeText("requests that have failed already"),),
        criterion=Criterion("5 settled minutes after the switch: errors < 1 %"),
    )


@pytest.fixture
def clock() -> ManualClock:
    """03:07, standing still."""
    return ManualClock(START)


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of the test's own."""
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"
