"""Web content in one plan with another layer: last in the order, proved at the edge, then judged by the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.actions.content import before
from services.actions.guards import refuse
from services.actions.layered import plan_layers, plan_undo, restores_content
from services.model.entry import Outcome
from services.model.plan import ActionKind, Layer, Plan
from services.model.situation import Situation
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.content_support import Shelf
from tests.contract.executor_support import SETTINGS, planned, situation_of
from tests.simulated_support import manual, simulated

BOTH = (Layer.CONTENT, Layer.ALIAS)
PAGES = ("index.html", "app.js")


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        opened.clock.advance(540)  # type: ignore[attr-defined]  # a ManualClock: `simulated` without one of its own
        yield opened


@pytest.fixture
def shelf(account: SimulatedAccount, tmp_path: Path) -> Shelf:
    """A desk before which somebody has published, after the bad version."""
    shelf = Shelf(account, tmp_path)
    shelf.good = shelf.held()
    manual(account).advance(30)
    shelf.put(*PAGES)
    manual(account).advance(30)
    return shelf


async def seen(shelf: Shelf) -> Situation:
    return await situation_of(shelf.environment, shelf.clock)


async def both(shelf: Shelf) -> Plan:
    restored = (await shelf.restoration()).plan
    found = plan_layers(await seen(shelf), shelf.environment, SETTINGS, shelf.clock.now(), BOTH, content=restored)
    return planned(found)


async def undo(shelf: Shelf, operation: str) -> Plan:
    done = shelf.read(operation)
    content = None
    if restores_content(done):
        content = (await shelf.restoration(before(done), remove=True, undo_of=operation)).plan
    found = plan_undo(done, await seen(shelf), shelf.environment, SETTINGS, shelf.clock.now(), content)
    return planned(found)


async def test_the_alias_goes_first_the_content_last_and_both_are_proved(shelf: Shelf) -> None:
    plan = await both(shelf)
    assert [step.kind for step in plan.steps] == ["lambda.alias", "content.restore", "edge.invalidation"]
    assert [one.layer for one in plan.layers if one.chosen] == [Layer.ALIAS, Layer.CONTENT]
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    done = shelf.read(operation)
    assert (shelf.live(), shelf.held()) == ("41", shelf.good)
    assert "are the restored versions; " in done.text, "the edge's proof stands before what the metrics say"
    assert "clean" in done.text or "errors" in done.text


async def test_both_are_taken_back_the_content_first(shelf: Shelf) -> None:
    operation = shelf.order(await both(shelf))
    await shelf.carry_out(operation)
    bad = dict.fromkeys(PAGES)
    back = await undo(shelf, operation)
    assert [step.kind for step in back.steps] == ["content.restore", "edge.invalidation", "lambda.alias"]
    assert back.undo_of == operation
    await shelf.carry_out(shelf.order(back), until=lambda one: one.switched is not None)
    assert shelf.live() == "42"
    held = shelf.held()
    assert {key: held[key] for key in bad} == {key: f"bad {key}".encode() for key in bad}


async def test_an_alias_that_is_refused_leaves_the_content_as_it_is(shelf: Shelf) -> None:
    plan = await both(shelf)
    shelf.account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.DENY))
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.FAILED
    done = shelf.read(operation)
    assert (shelf.live(), shelf.copies()) == ("42", 0)
    assert not restores_content(done)


async def test_content_that_cannot_be_restored_leaves_no_half_of_the_plan(shelf: Shelf) -> None:
    none = refuse(ActionKind.ROLLBACK, "the bucket held nothing then", "Choose a later instant.")
    found = plan_layers(await seen(shelf), shelf.environment, SETTINGS, shelf.clock.now(), BOTH, content=none)
    assert found == none
