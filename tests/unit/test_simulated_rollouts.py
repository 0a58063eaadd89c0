"""The account's history: releases in order, events newest last, the alias only at its own event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulated.estate import ENVIRONMENTS, estate
from services.simulated.platform.paging import page
from services.simulated.platform.rollouts import rollouts
from services.simulated.platform.stack_events import STACK, events
from services.simulated.platform.stack_resources import code_sha, deployment_id, resources
from services.simulated.protocol import AwsError
from services.simulated.world.scenarios import LOGICAL_ALIAS, SCENARIOS

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_releases_follow_each_other_version_by_version(name: str, scenario: str) -> None:
    environment = estate(1).environment(name)
    planned = rollouts(SCENARIOS[scenario], environment, START, 1)
    for earlier, later in pairwise(planned):
        assert earlier.ended < later.began
        assert earlier.to_version == later.from_version < later.to_version


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_operation_of_the_stack_starts_and_ends_with_the_stack_itself(name: str) -> None:
    environment = estate(1).environment(name)
    planned = rollouts(SCENARIOS["bad-deploy"], environment, START, 1)
    told = events(environment, planned, START, 1)
    assert [event.at for event in told] == sorted(event.at for event in told)
    assert len({event.id for event in told}) == len(told)
    for rollout in planned:
        own = [event for event in told if event.token == rollout.token]
        assert (own[0].type, own[0].status, own[0].reason) == (STACK, "UPDATE_IN_PROGRESS", "User Initiated")
        assert (own[-1].type, own[-1].status) == (STACK, "UPDATE_COMPLETE")
        statuses = [event.status for event in own if event.type == STACK]
        assert statuses == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_the_alias_moves_at_its_own_event_and_after_the_version_is_there() -> None:
    environment = estate(1).environment("production")
    bad = rollouts(SCENARIOS["bad-deploy"], environment, START, 1)[-1]
    told = events(environment, (bad,), START, 1)
    moved = next(event for event in told if event.logical_id == LOGICAL_ALIAS and event.status == "UPDATE_COMPLETE")
    assert moved.at == bad.alias_moved > bad.version_published > bad.code_updated > bad.began
    assert bad.began == START + timedelta(seconds=120)


def test_names_and_ids_come_from_the_seed_alone() -> None:
    assert estate(7) == estate(7)
    assert estate(7).environment("production").api_id != estate(8).environment("production").api_id
    assert estate(7).environment("production").api_id != estate(7).environment("staging").api_id


def test_each_version_has_its_own_code_and_the_same_in_every_environment() -> None:
    assert code_sha("production", 41) == code_sha("staging", 41) != code_sha("production", 40)


def test_a_stack_names_each_resource_once_with_its_physical_name() -> None:
    environment = estate(1).environment("production")
    held = resources(environment, 1, 41, deployment_id(1, "production", 41))
    assert len({resource.logical_id for resource in held}) == len(held)
    assert all(resource.physical_id for resource in held)


@given(st.integers(0, 60), st.integers(1, 9))
def test_pages_join_to_the_whole_list(count: int, size: int) -> None:
    items = list(range(count))
    joined: list[int] = []
    token: str | None = None
    while True:
        chosen, token = page(items, token, size)
        joined += chosen
        if token is None:
            break
        assert len(chosen) == size
    assert joined == items


@pytest.mark.parametrize("token", ["nonsense", "MTI=", "ünïcode"])
def test_a_token_that_was_never_given_is_refused(token: str) -> None:
    with pytest.raises(AwsError, match="token is invalid"):
        page([1, 2, 3], token, 2)
