"""A confirmation counts only when a person can have read it, typed it, and meant it."""

from __future__ import annotations

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from services.clock import ManualClock
from services.model.plan import ActionKind, Grade, Plan
from services.safe_text import safe
from tests.stories.screen_support import Seeing, a_plan, clock, screen_text, shown, state_home, told_app, until
from tui.app import CockpitApp
from tui.keys import LOCKED
from tui.screens.confirm import Confirmed, ConfirmScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


class Asked:
    """A plan that is shown, and what came of it."""

    def __init__(self, app: CockpitApp, plan: Plan, clock: ManualClock, locked: str = "") -> None:
        self.answers: list[Confirmed | None] = []
        self.sight = Seeing()
        self.screen = ConfirmScreen(
            plan,
            clock,
            sight=self.sight,
            default_reason="v42 errors 12.1 %",
            locked=locked,
        )
        app.push_screen(self.screen, self.answers.append)


async def _armed(pilot: Pilot[int], asked: Asked, clock: ManualClock) -> None:
    await until(pilot, lambda: asked.screen.seen)
    clock.advance(0.71)
    await until(pilot, lambda: asked.screen.armed)


async def test_cancel_has_the_focus_and_enter_there_does_nothing_to_the_account(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        await until(pilot, lambda: bool(asked.answers))
        assert asked.answers == [None]


async def test_nothing_counts_in_the_first_700_ms_after_the_dialog_was_painted(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock, grade=Grade.KEY), clock)
        await until(pilot, lambda: asked.screen.seen)
        clock.advance(0.699)
        await pilot.press("y")
        await until(pilot, lambda: "1 key ignored" in screen_text(app))
        await pilot.press("y", "enter", "tab", "enter", "y")
        assert asked.answers == []
        await until(pilot, lambda: "6 keys ignored" in screen_text(app))
        clock.advance(0.002)
        await until(pilot, lambda: asked.screen.armed)
        await pilot.press("y")
        await until(pilot, lambda: bool(asked.answers))
        assert asked.answers[0] is not None


async def test_a_terminal_that_stops_reading_starts_the_reading_time_anew(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock, grade=Grade.KEY), clock)
        await _armed(pilot, asked, clock)
        asked.sight.terminal_frozen = True
        await until(pilot, lambda: not asked.screen.seen)
        await pilot.press("y")
        asked.sight.terminal_frozen = False
        await until(pilot, lambda: asked.screen.seen)
        await pilot.press("y")
        assert asked.answers == []
        await _armed(pilot, asked, clock)
        await pilot.press("y")
        await until(pilot, lambda: bool(asked.answers))


async def test_a_terminal_that_has_not_taken_the_dialog_yet_confirms_nothing(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock, grade=Grade.KEY), clock)
        asked.sight.taken = 0  # older pictures wait in front of it
        await until(pilot, lambda: "reading time" in screen_text(app))
        clock.advance(5)
        await pilot.press("y")
        await until(pilot, lambda: "1 key ignored" in screen_text(app))
        assert not asked.screen.seen
        asked.sight.picture, asked.sight.taken = 9, 1  # it has it; newer ones wait behind it
        await _armed(pilot, asked, clock)
        await pilot.press("y")
        await until(pilot, lambda: bool(asked.answers))
        assert asked.answers[0] is not None


async def test_production_takes_its_name_typed_whole_and_nothing_less(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        await pilot.press(*"y", "enter")
        await pilot.press("backspace", "enter")  # enter on an empty field
        await pilot.press(*"productio", "enter")
        assert asked.answers == []
        await pilot.press("n", "enter")
        await until(pilot, lambda: bool(asked.answers))
        answer = asked.answers[0]
        assert answer is not None
        assert answer.reason == "v42 errors 12.1 %"


async def test_a_typed_reason_replaces_the_default(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        await pilot.press(*"production", "tab", *"pager", "enter")
        await until(pilot, lambda: bool(asked.answers))
        answer = asked.answers[0]
        assert answer is not None
        assert answer.reason == "pager"


async def test_a_look_alike_name_confirms_nothing(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        asked.screen.query_one("#name", Input).value = "pr\u043eduction"  # a Cyrillic o
        asked.screen.query_one("#name", Input).focus()
        await pilot.press("enter")
        assert asked.answers == []


async def test_a_paste_is_refused(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        name = asked.screen.query_one("#name", Input)

        def said() -> int:
            return sum("Nothing can be pasted" in str(one.message) for one in app._notifications)

        app.post_message(events.Paste("production\n"))  # while Cancel has the focus
        await until(pilot, lambda: said() == 1)
        name.focus()
        await pilot.pause()
        app.post_message(events.Paste("production\n" * 1000))
        app.copy_to_clipboard("production")
        await pilot.press("ctrl+v")
        await until(pilot, lambda: said() == 3)
        assert name.value == ""
        assert asked.answers == []


async def test_the_key_that_opened_the_plan_never_confirms_it(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        for grade in (Grade.KEY, Grade.TYPED):
            asked = Asked(app, a_plan(clock, grade=grade), clock)
            await _armed(pilot, asked, clock)
            await pilot.press(*"RRR", "I", "z")
            assert asked.answers == []
            await pilot.press("escape")
            await until(pilot, lambda asked=asked: asked.answers == [None])  # type: ignore[misc]  # a default has no type


async def test_a_plan_that_has_grown_old_is_void(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        clock.advance(5 * 60)
        await pilot.press(*"production", "enter")
        assert asked.answers == []
        assert "too old" in asked.screen.obstacle


async def test_a_dialog_that_does_not_fit_confirms_nothing_until_it_fits_again(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock, grade=Grade.KEY), clock)
        await _armed(pilot, asked, clock)
        await pilot.resize_terminal(40, 8)
        await until(pilot, lambda: bool(asked.screen.obstacle))
        await pilot.press("y")
        assert asked.answers == []
        await pilot.resize_terminal(120, 40)
        await _armed(pilot, asked, clock)
        await pilot.press("y")
        await until(pilot, lambda: bool(asked.answers))


async def test_a_read_only_plan_can_be_looked_at_and_not_confirmed(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock, locked="read-only")
        await until(pilot, lambda: "LIVE" in screen_text(app))
        clock.advance(1)
        await pilot.press(*"production", "enter", "y")
        assert not asked.screen.armed
        assert [answer for answer in asked.answers if answer is not None] == []


@pytest.mark.parametrize("why", ["read-only", "old", "void", "whole"])
async def test_why_nothing_can_be_confirmed_stands_whole_beside_the_buttons(clock: ManualClock, why: str) -> None:
    app, _ = told_app(clock)
    async with shown(app, (80, 24)) as pilot:
        notes = tuple([safe("A note of its own")] * 30)
        plan = msgspec.structs.replace(a_plan(clock), kind=ActionKind.ISOLATE, undo_of="01HX", notes=notes)
        asked = Asked(app, plan, clock, locked=LOCKED if why == "read-only" else "")
        await until(pilot, lambda: "Take it back" in screen_text(app))
        if why == "old":
            clock.advance(3_600)
        elif why == "void":
            asked.screen._overtaken = "LIVE is at v41 now"
        elif why == "whole":
            await until(pilot, lambda: asked.screen.seen)
            clock.advance(0.71)
            await pilot.press("down")
        await until(pilot, lambda: bool(asked.screen.obstacle) and asked.screen.obstacle in screen_text(app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_a_plan_fits_every_screen_it_is_made_for(clock: ManualClock, size: tuple[int, int]) -> None:
    app, _ = told_app(clock)
    async with shown(app, size) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        text = screen_text(app)
        assert "UpdateAlias" in text
        assert "requests that have failed already" in text
        assert "Cancel" in text


async def test_a_name_typed_in_one_burst_loses_no_letter_and_keeps_their_order(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        for _ in range(5):
            asked = Asked(app, a_plan(clock), clock)
            await _armed(pilot, asked, clock)
            for letter in "production":
                app.post_message(events.Key(letter, letter))
            app.post_message(events.Key("enter", "\r"))
            await until(pilot, lambda asked=asked: bool(asked.answers))  # type: ignore[misc]  # a default has no type
            assert asked.answers[0] is not None


async def test_a_dialog_may_be_opened_while_the_one_before_is_still_leaving(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        for _ in range(3):
            Asked(app, a_plan(clock), clock)
            app.pop_screen()
        last = Asked(app, a_plan(clock), clock)
        await pilot.pause()
        assert app.screen is last.screen


@pytest.mark.parametrize(
    ("downs", "typed", "told", "reason"),
    [
        pytest.param(
            1, "", "Data Corruption Incident, runbook line 985", "Data corruption detected",
            marks=pytest.mark.runbook("R108"), id="R108",
        ),
        pytest.param(2, "", "Security Incident Checklist", "Security vulnerability exposed", id="R109"),
        pytest.param(
            3, "sign-in", "needs the function", "Critical business function impaired: sign-in",
            marks=pytest.mark.runbook("R110"), id="R110",
        ),
        pytest.param(
            4, "P2, 340 users", "needs severity and who is affected",
            "Customer impact severity assessment: P2, 340 users", marks=pytest.mark.runbook("R111"), id="R111",
        ),
    ],
)  # fmt: skip
async def test_a_decision_point_of_the_runbook_is_a_reason_with_what_it_has_to_say(
    clock: ManualClock, downs: int, typed: str, told: str, reason: str
) -> None:
    app, _ = told_app(clock)
    async with shown(app, (80, 24)) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        await pilot.press(*"production", "tab", *["down"] * downs)
        await until(pilot, lambda: told in screen_text(app))
        if typed:
            await pilot.press("enter")
            assert asked.answers == [], "what the runbook asks for is not said yet"
            await pilot.press(*typed)
        await pilot.press("enter")
        await until(pilot, lambda: bool(asked.answers))
        answer = asked.answers[0]
        assert answer is not None
        assert answer.reason == reason


async def test_the_decision_points_go_round_and_end_at_the_own_words(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        asked = Asked(app, a_plan(clock), clock)
        await _armed(pilot, asked, clock)
        await pilot.press(*"production", "tab", *["down"] * 5, "up", "down", "enter")
        await until(pilot, lambda: bool(asked.answers))
        answer = asked.answers[0]
        assert answer is not None
        assert answer.reason == "v42 errors 12.1 %"
