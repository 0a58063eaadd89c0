"""After a rollback that did not help: the next candidate is one that has not been tried, and what was tried is told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.actions.layered import PLANNERS
from services.actions.next_try import told, untried
from services.actions.rollback import plan_rollback
from services.model.entry import Operation, Outcome, Phase
from services.model.plan import Layer, Plan
from tests.unit.actions_support import ALIAS, NOW, PRODUCTION, RELEASE, SETTINGS, operation, situation


def rolled(target: int, outcome: Outcome = Outcome.NOT_RECOVERED, live: int = 42) -> Operation:
    alias = replace(ALIAS, version=live)
    plan = plan_rollback(situation(releases=(replace(RELEASE, alias=alias),)), PRODUCTION, SETTINGS, NOW, target)
    assert isinstance(plan, Plan)
    return replace(operation(plan, Phase.DONE, outcome=outcome, switched_s=500), id=f"op-{target}")


@pytest.mark.parametrize("outcome", [Outcome.NOT_RECOVERED, Outcome.INCONCLUSIVE])
def test_the_version_before_the_one_that_did_not_help_is_next(outcome: Outcome) -> None:
    assert untried(rolled(41, outcome)) == (Layer.ALIAS, "v40")


def test_what_an_earlier_rollback_ended_on_is_not_offered_again() -> None:
    assert untried(rolled(40, live=41), [rolled(41)]) == (Layer.ALIAS, "v39")
    assert untried(rolled(39, live=40), [rolled(40, live=41), rolled(41)]) is None


@pytest.mark.parametrize("outcome", [Outcome.RECOVERED, Outcome.FAILED, Outcome.VOID])
def test_nothing_is_next_after_any_other_end(outcome: Outcome) -> None:
    assert untried(rolled(41, outcome)) is None


def test_the_next_plan_moves_on_and_tells_what_was_tried() -> None:
    before = rolled(41)
    found = untried(before)
    assert found is not None
    layer, target = found
    now_live = situation(releases=(replace(RELEASE, alias=replace(ALIAS, version=41)),))
    plan = PLANNERS[layer](now_live, PRODUCTION, SETTINGS, NOW, target)
    assert isinstance(plan, Plan)
    assert plan.steps[0].after["version"] == "40"
    assert told(plan, before, [before]).notes[0].startswith(f"Tried     v41: {before.text}")
    assert len(told(plan, before, [before]).notes) == len(plan.notes) + 1
