"""What is told while a screen comes or goes is shown or drawn by nobody; it never ends the app."""

from __future__ import annotations

import asyncio
import threading
from contextvars import Context
from pathlib import Path

import msgspec
import pytest

from services.clock import ManualClock
from services.journal.folding import fold
from services.journal.ids import new_operation_id
from services.model.entry import Entry, Operation, Phase
from services.model.reading import Reading
from services.safe_text import safe
from services.settings.loading import find, load
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import (
    Seeing,
    Told,
    a_plan,
    clock,
    screen_text,
    shown,
    state_home,
    told_app,
    top,
    until,
)
from tui.app import STARTING, CockpitApp
from tui.picture import Picture
from tui.screens.confirm import ConfirmScreen
from tui.screens.operation import OperationScreen
from tui.terminal.stall import StallReport

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def _operation(clock: ManualClock) -> Operation:
    identity = new_operation_id(clock.now())
    found = fold((Entry(identity, 1, clock.now(), Phase.ORDERED, safe("ordered"), plan=a_plan(clock)),))
    assert found is not None
    return found


def _picture(app: CockpitApp, operation: Operation, clock: ManualClock) -> Picture:
    assert app.session is not None and app.session.situation is not None
    told = Reading((operation,), clock.now(), clock.now())
    situation = msgspec.structs.replace(app.session.situation, operations=told)
    return Picture(
        app.settings, app.session.environment, situation, app.assessment, clock.now(), app.key_context(),
        frozenset({operation.id}),
    )  # fmt: skip


async def test_an_operation_is_told_to_its_screen_before_it_stands_and_after_it_has_gone(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        operation = _operation(clock)
        picture = _picture(app, operation, clock)
        screen = OperationScreen(operation.id)
        screen.present(picture)
        mounting = app.push_screen(screen)
        screen.present(picture)
        await mounting
        await until(pilot, lambda: operation.id in screen_text(app))
        assert "executor has gone" in screen_text(app)
        assert "nobody carries this on" in screen_text(app)
        leaving = screen.dismiss(None)
        screen.present(picture)
        await leaving
        screen.present(picture)
        await until(pilot, lambda: app.screen is app.overview)
        assert app._exception is None


async def test_what_a_thread_asks_for_is_shown_where_widgets_find_their_app(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        operation = _operation(clock)
        session = app.session
        assert session is not None
        await until(pilot, lambda: session.situation is not None and not session.situation.operations.waiting)
        session.fold_journal((operation,))  # after the empty journal has been read: it is told again only when it grows
        await until(pilot, lambda: app._heart._gathering is None)  # the next that is asked for is shown at once
        mounting = app.push_screen(OperationScreen(operation.id))
        Context().run(app.present_soon)
        assert app._exception is None
        await mounting
        await until(pilot, lambda: "ordered" in top(app))
        assert app._exception is None


async def test_a_confirmation_is_looked_at_before_it_stands_and_after_it_has_gone(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            screen = ConfirmScreen(a_plan(clock), clock, sight=Seeing())
            screen._look()
            mounting = app.push_screen(screen)
            screen._look()
            await mounting
            screen._look()
            leaving = screen.dismiss(None)
            screen._look()
            await leaving
            screen._look()
            assert not screen.armed
        assert app._exception is None


async def test_nothing_is_shown_any_more_once_the_app_is_leaving(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: "03:07:00Z" in screen_text(app))
        app.exit(0)
        clock.advance(75)
        told.watches[0].post(FeedUpdate("parts", Reading()))
        app._present()
        assert "03:08:15Z" not in screen_text(app)
    app._present()
    assert app.return_code == 0
    assert told.watches[0].stopped


@pytest.mark.parametrize(
    ("after", "seconds", "keys", "told"),
    [(2, 1.4, 0, False), (2, 1.4, 3, False), (2, 4.0, 0, True), (60, 1.4, 0, False), (60, 1.4, 3, True)],
)
async def test_a_short_freeze_of_the_start_is_nothing_to_tell(
    clock: ManualClock, after: float, seconds: float, keys: int, told: bool
) -> None:
    app, _ = told_app(clock)
    clock.advance(after)
    assert app._worth_saying(StallReport(seconds, keys)) is told


async def test_that_the_start_is_over_is_told_once(clock: ManualClock) -> None:
    told = list[int]()
    app = CockpitApp(
        load(), find(load(), "prod"), opener=Told(clock), machine=clock, started=lambda: told.append(len(told))
    )
    async with shown(app) as pilot:
        app._beat()
        assert told == []
        clock.advance(STARTING)
        app._beat()
        app._beat()
        await pilot.pause()
        assert told == [0]


async def test_a_fault_that_nobody_waits_for_is_told_once_and_ends_nothing(
    clock: ManualClock, state_home: Path
) -> None:
    app, _ = told_app(clock)

    def fail() -> None:
        raise ValueError("secret")

    before = threading.excepthook
    async with shown(app) as pilot:
        loop = asyncio.get_running_loop()
        loop.call_soon(fail)
        loop.call_soon(fail)
        await until(pilot, lambda: len(_told(app)) == 1)
        threading.Thread(target=dict[str, int]().__getitem__, args=("absent",)).start()
        await until(pilot, lambda: len(_told(app)) == 2)
        assert [one.partition(" and ")[0] for one in _told(app)] == [
            "A part of it failed (ValueError)",
            "A part of it failed (KeyError)",
        ]
        assert "secret" not in "".join(_told(app))
        assert len(list((state_home / "crashes").glob("crash-*.txt"))) == 2
        assert app.is_running
        assert app._exception is None
    assert threading.excepthook is before


def _told(app: CockpitApp) -> list[str]:
    return [one.message for one in app._notifications if one.title == "Cockpit"]
