"""Two people on call look at the same bad deployment, both with the plan open; one of them is quicker."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.clock import ManualClock
from services.journal.folding import fold
from services.journal.ids import new_operation_id
from services.model.entry import Actor, Entry, Operation, Phase
from services.model.plan import Plan, Precondition
from services.model.reading import Reading
from services.safe_text import SafeText, safe
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import Seeing, a_plan, clock, screen_text, shown, state_home, told_app, until
from tests.unit.actions_support import ALIAS, RELEASE
from tui.screens.confirm import Confirmed, ConfirmScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

ALICE = Actor("alice", "bastion-2")
MOVED = msgspec.structs.replace(
    RELEASE, alias=msgspec.structs.replace(ALIAS, version=41, revision_id=SafeText("rev-43"))
)


def the_plan(clock: ManualClock) -> Plan:
    """Of the alias as it is told below."""
    plan = a_plan(clock)
    step = plan.steps[0]
    call = msgspec.structs.replace(
        step.call, parameters={**step.call.parameters, "FunctionName": str(RELEASE.function)}
    )
    step = msgspec.structs.replace(
        step,
        call=call,
        preconditions=(*step.preconditions, Precondition("alias.revision", str(ALIAS.revision_id))),
        before={"version": "42"},
    )
    return msgspec.structs.replace(plan, steps=(step,))


def hers(plan: Plan, clock: ManualClock) -> Operation:
    """Her rollback, applied a moment ago, as the journal tells it."""
    identity, at = new_operation_id(clock.now()), clock.now()
    data: dict[str, object] = {"switched": at.isoformat()}
    entries = (
        Entry(identity, 0, at, Phase.ORDERED, safe("ordered"), plan=plan, actor=ALICE),
        Entry(identity, 1, at, Phase.APPLIED, safe("LIVE is now v41 (was v42)"), data=data),
    )
    found = fold(entries)
    assert found is not None
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("shared", [True, False], ids=["one journal", "two machines"])
async def test_the_slower_one_s_plan_says_that_it_is_void_and_cannot_be_confirmed(
    clock: ManualClock, shared: bool, size: tuple[int, int]
) -> None:
    app, told = told_app(clock)
    answers: list[Confirmed | None] = []
    async with shown(app, size) as pilot:

        def tell(feed: str, value: Any) -> None:
            told.watches[0].post(FeedUpdate(feed, Reading(value, clock.now(), clock.now())))

        tell("releases", (RELEASE,))
        plan = the_plan(clock)
        screen = ConfirmScreen(plan, clock, sight=Seeing())
        app.push_screen(screen, answers.append)
        await until(pilot, lambda: screen.seen)
        clock.advance(1)
        await until(pilot, lambda: screen.armed)

        # The alias is read as the other one has left it; her operation too where the journal is one.
        clock.advance(5)
        if shared:
            tell("operations", (hers(plan, clock),))
        tell("releases", (MOVED,))
        by = ", by alice on bastion-2" if shared else ""
        await until(pilot, lambda: f"VOID: LIVE is at v41 now, it was at v42{by}" in screen_text(app))
        assert "VOID: esc, and plan again" in screen_text(app)
        assert not screen.armed
        await pilot.press(*"production", "enter")
        assert app.screen is screen
        assert answers == []
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        assert answers == [None]


async def test_an_operation_that_is_carried_on_is_not_void_by_what_it_did_itself(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        screen = ConfirmScreen(the_plan(clock), clock, sight=Seeing(), follow=False)
        app.push_screen(screen)
        told.watches[0].post(FeedUpdate("releases", Reading((MOVED,), clock.now(), clock.now())))
        await until(pilot, lambda: screen.seen)
        clock.advance(1)
        await until(pilot, lambda: screen.armed)
