"""Every key of the one table: it works, or it says why not; footer, help and palette tell the same."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from services.clock import ManualClock
from services.journal.home import JournalHome
from services.journal.who import actor
from services.model.parts import Parts
from services.model.plan import Grade, Layer, LayerChoice
from services.model.reading import Reading
from services.safe_text import safe
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import a_plan, clock, read_only, screen_text, shown, state_home, told_app, until
from tui.app import CockpitApp
from tui.keys import KEYS, READ_ONLY
from tui.screens.confirm import ConfirmScreen
from tui.screens.help import HelpScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.notice import NoticeScreen
from tui.screens.operation import OperationScreen
from tui.screens.paths import PathsScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def _told_parts(app: CockpitApp, clock: ManualClock) -> FeedUpdate:
    parts = Parts(safe("EC2Manager-production"), safe("arn"), ())
    return FeedUpdate("parts", Reading(parts, clock.now(), clock.now()))


async def _journal_read(app: CockpitApp, pilot: Pilot[int]) -> None:
    """Until what was there before has been looked at: what is ordered from now on is not shown by itself."""

    def read() -> bool:
        situation = app.session.situation if app.session is not None else None
        return situation is not None and not situation.operations.waiting

    await until(pilot, read)


def _order_on_disk(app: CockpitApp, clock: ManualClock, layers: tuple[LayerChoice, ...] = ()) -> str:
    """An order that nobody carries out: its executor was killed."""
    from services.executor.orders import write_order
    from services.journal.ids import new_operation_id

    assert app.session is not None
    environment = app.session.environment
    operation = new_operation_id(clock.now())
    plan = msgspec.structs.replace(a_plan(clock, grade=Grade.TYPED), layers=layers)
    write_order(JournalHome.default(environment), operation, plan, environment, actor(), "a test", clock.now())
    return operation


async def test_help_lists_every_key_with_the_reason_of_those_that_are_off(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app, (120, 70)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Keys" in screen_text(app))
        text = " ".join(screen_text(app).split())
        for key in KEYS:
            assert f"{key.shown} {key.label}" in text
        assert "the parts of the stack are not known yet" in text


async def test_a_key_that_is_off_says_why_and_opens_nothing(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        for key, reason in (("R", "not known yet"), ("z", "nothing to take back"), ("o", "nothing has been done")):
            await pilot.press(key)
            assert any(reason in str(one.message) for one in app._notifications), key
            assert app.screen is app.overview


async def test_the_palette_offers_every_action_by_name(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app, (120, 90)) as pilot:
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        for key in KEYS:
            if key.id not in ("palette", "focus"):
                await until(pilot, lambda key=key: key.label.capitalize() in screen_text(app))  # type: ignore[misc]  # a default has no type


async def test_an_action_runs_from_the_palette(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("ctrl+p", *"ask again")
        await until(pilot, lambda: "Ask again" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: told.watches[0].refreshed == 1 or app.screen is app.overview)
        await until(pilot, lambda: told.watches[0].refreshed == 1)


async def test_read_only_keys_say_why_and_still_lead_to_the_plan(clock: ManualClock) -> None:
    app, told = told_app(clock, change=read_only)
    async with shown(app) as pilot:
        told.watches[0].post(_told_parts(app, clock))
        await until(pilot, lambda: app.key_context().parts_known)
        assert "READ-ONLY" in screen_text(app)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, PathsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen) or "read-only" in screen_text(app))
        await pilot.press("escape", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert READ_ONLY.split(":")[0] in screen_text(app)


async def test_invalidation_paths_have_to_be_paths(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        told.watches[0].post(_told_parts(app, clock))
        await until(pilot, lambda: app.key_context().parts_known)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, PathsScreen))
        await pilot.press(*"index.html", "enter")
        await until(pilot, lambda: "does not begin with /" in screen_text(app))
        await pilot.press("escape")
        assert app.screen is app.overview


async def test_an_operation_whose_executor_has_gone_is_shown_at_the_start_with_what_can_be_done(
    clock: ManualClock,
) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        operation = _order_on_disk(app, clock)
        await until(pilot, lambda: app.key_context().running)
        if not isinstance(app.screen, OperationScreen):  # the first look at the journal shows it by itself
            await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))
        await until(pilot, lambda: "executor has gone" in screen_text(app))
        assert operation in screen_text(app)
        await pilot.press("R")
        assert isinstance(app.screen, OperationScreen), "nothing else can be begun from here"


async def test_what_was_under_way_before_the_screen_began_is_the_first_thing_shown(clock: ManualClock) -> None:
    first, _ = told_app(clock)
    async with shown(first):
        _order_on_disk(first, clock)
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))


async def test_a_damaged_journal_is_told_once_and_names_its_folder(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        operation = _order_on_disk(app, clock)
        assert app.session is not None
        folder = app.session.home.path
        with (folder / f"{operation}.jsonl").open("w", encoding="utf-8") as file:
            file.write('{"forged": true}\n' * 3)

        def told() -> list[str]:
            return [str(one.message) for one in app._notifications if one.title == "Journal damaged"]

        await until(pilot, lambda: bool(told()))
        assert str(folder) in told()[0] and operation in told()[0]
        _order_on_disk(app, clock)
        await until(pilot, lambda: len(app.session.operations if app.session else ()) == 2)
        await pilot.pause(0.4)
        assert len(told()) == 1


async def test_leaving_while_an_operation_is_under_way_asks_and_leaves_by_default(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await _journal_read(app, pilot)
        _order_on_disk(app, clock)
        await until(pilot, lambda: app.key_context().running)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeavingScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeavingScreen))
        await pilot.press("enter")
        await until(pilot, lambda: app.return_code == 0 and app._exit)


async def test_an_order_in_nobodys_hands_is_said_wherever_a_person_looks(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        _order_on_disk(app, clock)
        await until(pilot, lambda: "rollback LEFT OPEN" in screen_text(app))
        await pilot.press("escape")
        said = "stands still, its executor is gone"
        await until(pilot, lambda: app.screen is app.overview and said in " ".join(screen_text(app).split()))
        assert "o  opens it, r there carries it on" in " ".join(screen_text(app).split()).replace(" o ", " o  ")
        await pilot.press("R")
        reason = "Roll back: an operation was left open, its executor is gone; o shows it, r there carries it on."
        await until(pilot, lambda: reason in [str(one.message) for one in app._notifications])
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeavingScreen) and "Nobody carries it on" in screen_text(app))
        assert "goes on without" not in screen_text(app)


async def test_what_is_carried_on_offers_no_other_layers_and_asks_for_no_other_reason(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    layers = (LayerChoice(Layer.ALIAS, safe("LIVE"), True, True, True), LayerChoice(Layer.STAGE, safe("prod"), True))
    async with shown(app) as pilot:
        _order_on_disk(app, clock, layers)
        await until(pilot, lambda: app.key_context().orphaned)
        if not isinstance(app.screen, OperationScreen):  # what stood at the start is shown by itself
            await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OperationScreen) and app.screen.orphaned)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and "Carry on" in screen_text(app))
        assert "space chooses" not in screen_text(app)
        assert not app.screen.query("#reason")
        assert "Type production" in screen_text(app)


async def test_leaving_when_nothing_runs_asks_nothing(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: app._exit)
        assert app.return_code == 0


async def test_a_terminal_that_is_too_small_says_so_and_keeps_environment_and_operation(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await _journal_read(app, pilot)
        _order_on_disk(app, clock)
        await until(pilot, lambda: app.key_context().running)
        await pilot.resize_terminal(50, 12)
        await until(pilot, lambda: "too small" in screen_text(app))
        assert "PRODUCTION" in screen_text(app)
        await until(pilot, lambda: "rollback" in screen_text(app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "API latency" in screen_text(app))
        assert "too small" not in screen_text(app)


async def test_the_ages_go_on_while_nothing_arrives(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: "03:07:00Z" in screen_text(app))
        clock.advance(timedelta(seconds=75).total_seconds())
        await until(pilot, lambda: "03:08:15Z" in screen_text(app))
