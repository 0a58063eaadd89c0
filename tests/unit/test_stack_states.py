"""What CloudFormation permits, state by state, against botocore's own list of states."""

from __future__ import annotations

import botocore.loaders
import pytest

from services.rules.stack_states import STATES, Way, permitted


def _statuses() -> list[str]:
    model = botocore.loaders.Loader().load_service_model("cloudformation", "service-2")
    return list(model["shapes"]["StackStatus"]["enum"])


def test_every_state_of_cloudformation_is_known_or_passes_by_itself() -> None:
    names = _statuses()
    assert set(STATES) <= set(names)
    assert {name for name in names if name not in STATES} == {
        name for name in names if name.endswith("_IN_PROGRESS") and name not in STATES
    } | {"DELETE_COMPLETE"}


@pytest.mark.parametrize(
    ("way", "states"),
    [
        (Way.CANCEL, {"UPDATE_IN_PROGRESS"}),
        (Way.CONTINUE, {"UPDATE_ROLLBACK_FAILED"}),
        (Way.ROLL_BACK, {"UPDATE_FAILED"}),
    ],
)
def test_each_way_is_open_in_its_own_state_alone(way: Way, states: set[str]) -> None:
    assert {name for name in _statuses() if way in permitted(name).ways} == states


def test_what_would_delete_the_stack_is_never_a_way() -> None:
    deleting = [name for name in _statuses() if permitted(name).deletes]
    assert deleting == ["CREATE_FAILED"]
    assert Way.ROLL_BACK not in permitted("CREATE_FAILED").ways


def test_nothing_is_permitted_while_something_else_runs() -> None:
    running = {name for name in _statuses() if name.endswith("_IN_PROGRESS")} - {"UPDATE_IN_PROGRESS"}
    assert all(not permitted(name).ways for name in running)
    assert all(permitted(name).text for name in _statuses())
