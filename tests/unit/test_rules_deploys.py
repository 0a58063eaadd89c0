"""Stack operations read: legs told apart, the cause found within nested stacks, no percentage without a denominator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.model.assessment import State
from services.model.deploys import Deploy, Leg
from services.model.stacks import STACK_TYPE, StackEvent
from services.rules.deploys import deploys
from services.rules.operations import operations
from services.rules.stacks import stack_meaning, stack_state
from services.safe_text import safe
from tests.unit.rules_support import NOW

OWN, CHILD = "arn:own", "arn:child"


def _event(
    ago: float,
    logical: str,
    status: str,
    reason: str = "",
    *,
    stack: str = OWN,
    physical: str = "",
    op: str = "",
    token: str = "",
) -> StackEvent:
    type = STACK_TYPE if physical in (OWN, CHILD) else "AWS::X::Y"
    return StackEvent(
        id=safe(f"{stack}/{logical}/{status}/{ago}"),
        at=NOW - timedelta(seconds=ago),
        logical_id=safe(logical),
        physical_id=safe(physical),
        type=safe(type),
        status=safe(status),
        reason=safe(reason),
        token=safe(token),
        stack_id=safe(stack),
        operation=safe(op),
        nested=stack == CHILD,
    )


def _own(ago: float, status: str, reason: str = "", **more: str) -> StackEvent:
    return _event(ago, "s", status, reason, physical=OWN, **more)


def _read(*events: StackEvent, changed: dict[str, int] | None = None) -> tuple[Deploy, ...]:
    newest_first = tuple(sorted(events, key=lambda one: one.at, reverse=True))
    return deploys(newest_first, NOW, changed)


def _update(ago: float, length: float) -> tuple[StackEvent, ...]:
    return (
        _own(ago, "UPDATE_IN_PROGRESS", "User Initiated"),
        _event(ago - 1, "F", "UPDATE_IN_PROGRESS"),
        _event(ago - 2, "F", "UPDATE_COMPLETE"),
        _own(ago - 3, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        _event(ago - 4, "V1", "DELETE_SKIPPED"),
        _own(ago - length, "UPDATE_COMPLETE"),
    )


def _failed() -> tuple[StackEvent, ...]:
    return (
        _own(100, "UPDATE_IN_PROGRESS", "User Initiated"),
        _event(99, "A", "UPDATE_IN_PROGRESS"),
        _event(98, "B", "UPDATE_IN_PROGRESS"),
        _event(90, "A", "UPDATE_COMPLETE"),
        _event(80, "B", "UPDATE_FAILED", "Resource update cancelled"),
        _event(81, "C", "UPDATE_FAILED", "no such key"),
        _own(79, "UPDATE_ROLLBACK_IN_PROGRESS"),
        _event(70, "A", "UPDATE_IN_PROGRESS"),
        _event(60, "A", "UPDATE_COMPLETE"),
        _event(59, "B", "UPDATE_IN_PROGRESS"),
    )


def test_update_and_clean_up_are_told_apart() -> None:
    (one,) = _read(*_update(100, 20))
    assert [(move.logical_id, move.leg, move.word) for move in one.moves] == [
        ("F", Leg.FORWARD, "updated"),
        ("V1", Leg.CLEANUP, "kept"),
    ]
    assert (one.word, one.state) == ("deployed", State.OK)


def test_a_rollback_is_told_apart_from_the_update_it_undoes_and_counted_against_what_was_touched() -> None:
    (one,) = _read(*_failed())
    legs = {(str(move.logical_id), move.leg): move for move in one.moves}
    assert legs["A", Leg.FORWARD].word == "updated"
    assert (legs["A", Leg.ROLLBACK].word, legs["A", Leg.ROLLBACK].state) == ("restored", State.WARN)
    assert legs["B", Leg.ROLLBACK].word == "going back"
    assert legs["B", Leg.FORWARD].word == "cancelled"
    assert (one.word, one.state, one.leg) == ("rolling back", State.WARN, Leg.ROLLBACK)
    assert (one.progress.done, one.progress.moving, one.progress.of) == (1, 1, 3)
    assert one.progress.percent == pytest.approx(100 / 3)
    assert one.operation.root_cause is not None
    assert one.operation.root_cause.logical_id == "C", "not what was merely cancelled, though that is listed later"


def test_an_update_tells_no_percentage_unless_its_change_set_is_known() -> None:
    events = (_own(10, "UPDATE_IN_PROGRESS", "User Initiated", op="o1"), _event(9, "F", "UPDATE_COMPLETE", op="o1"))
    (blind,) = _read(*events)
    assert (blind.progress.of, blind.progress.percent) == (None, None)
    (known,) = _read(*events, changed={"o1": 4})
    assert known.progress.percent == 25.0


def test_elapsed_stands_against_the_median_of_updates_that_went_through() -> None:
    past = (*_update(5000, 20), *_update(4000, 30), *_update(3000, 90))
    newest = _read(*past, _own(10, "UPDATE_IN_PROGRESS", "User Initiated"))[0]
    assert (newest.progress.elapsed, newest.progress.usual) == (10.0, 30.0)
    assert _read(*_update(100, 20))[0].progress.usual is None


def test_the_cause_is_what_failed_in_the_nested_stack_and_not_the_parent_that_tells_of_it() -> None:
    (one,) = _read(
        _own(100, "UPDATE_IN_PROGRESS", "User Initiated"),
        _event(99, "Inner", "UPDATE_IN_PROGRESS", physical=CHILD),
        _event(98, "child", "UPDATE_IN_PROGRESS", stack=CHILD, physical=CHILD),
        _event(97, "Queue", "UPDATE_FAILED", "bad value", stack=CHILD),
        _event(96, "child", "UPDATE_FAILED", "queue", stack=CHILD, physical=CHILD),
        _event(95, "Inner", "UPDATE_FAILED", "Embedded stack was not updated", physical=CHILD),
        _own(94, "UPDATE_ROLLBACK_IN_PROGRESS"),
    )
    cause = one.operation.root_cause
    assert cause is not None
    assert (cause.logical_id, cause.reason) == ("Queue", "bad value")
    moves = {str(move.logical_id): move for move in one.moves}
    assert (moves["Queue"].stack, moves["Queue"].depth) == ("Inner", 1)
    assert "child" not in moves, "the nested stack is told of once, as its parent's resource"


def test_ids_group_a_rollback_with_its_update_and_keep_two_updates_apart() -> None:
    events = (
        _own(50, "UPDATE_IN_PROGRESS", op="u1", token="t1"),
        _own(40, "UPDATE_ROLLBACK_IN_PROGRESS", op="r1", token="t1"),
        _own(30, "UPDATE_ROLLBACK_FAILED", op="r1", token="t1"),
        _own(20, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", op="c1", token="t2"),
        _event(15, "F", "UPDATE_COMPLETE", op="c1", token="t2"),
        _own(10, "UPDATE_ROLLBACK_COMPLETE", op="c1", token="t2"),
    )
    found = operations(tuple(reversed(events)))
    assert [len(one.events) for one in found] == [3, 3]
    assert deploys(tuple(reversed(events)), NOW)[0].kind == "rollback"


@pytest.mark.parametrize("ended", [True, False])
def test_a_rollback_that_is_continued_by_hand_is_an_operation_of_its_own_without_ids_too(ended: bool) -> None:
    events = [_own(50, "UPDATE_IN_PROGRESS"), _own(30, "UPDATE_ROLLBACK_FAILED"),
              _own(20, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")]  # fmt: skip
    if ended:
        events.append(_own(10, "UPDATE_ROLLBACK_COMPLETE"))
    assert len(operations(tuple(reversed(events)))) == 2


@pytest.mark.runbook("R265")
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("UPDATE_COMPLETE", State.OK),
        ("CREATE_COMPLETE", State.OK),
        ("UPDATE_ROLLBACK_COMPLETE", State.WARN),
        ("ROLLBACK_COMPLETE", State.CRIT),
        ("UPDATE_ROLLBACK_FAILED", State.CRIT),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", State.ELEVATED),
    ],
)
def test_a_status_is_coloured_by_what_it_means(status: str, state: State) -> None:
    assert stack_state(status) is state
    assert stack_meaning(status)


def test_deployed_is_never_called_healthy() -> None:
    assert "says nothing of health" in stack_meaning("UPDATE_COMPLETE")
    assert "failed" in stack_meaning("UPDATE_ROLLBACK_COMPLETE")
