"""A stack within the stack: events of its own, which only its own id leads to (aws.md 4.2). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_id
from services.simulated.platform.rollouts import Rollout
from services.simulated.platform.stack_events import STACK, Event, event_id, identified
from services.simulated.platform.stack_resources import StackResource, nested_stack
from services.simulated.world.scenarios import Nested


class NestedStack(msgspec.Struct, frozen=True):
    """One, with everything there was and will be of it."""

    environment: EnvironmentEstate
    held: StackResource
    """As its parent knows it."""
    resources: tuple[StackResource, ...]
    events: list[Event]
    """Ascending."""

    @property
    def id(self) -> str:
        return self.held.physical_id

    @property
    def name(self) -> str:
        return self.id.split("/")[1]


def nested_stacks(
    environment: EnvironmentEstate, rollouts: tuple[Rollout, ...], created: datetime, seed: int
) -> tuple[NestedStack, ...]:
    """The stacks within the environment's stack: those that a rollout names. They were created with it."""
    found = []
    for name in dict.fromkeys(one.nested.logical_id for one in rollouts if one.nested is not None):
        ours = [one for one in rollouts if one.nested is not None and one.nested.logical_id == name]
        held, first = nested_stack(environment, seed, name), ours[0].nested
        assert first is not None
        parts = tuple(_resource(environment, seed, held, logical, kind) for logical, kind in first.types.items())
        made = created + timedelta(minutes=4)
        drafts = [*_creation(held, parts, made, seed)]
        for one in ours:
            assert one.nested is not None
            drafts += _rolled_back(held, {part.logical_id: part for part in parts}, one, one.nested, seed)
        drafts.sort(key=lambda event: event.at)
        found.append(NestedStack(environment, held, parts, list(identified(drafts, seed))))
    return tuple(found)


def _resource(environment: EnvironmentEstate, seed: int, held: StackResource, logical: str, kind: str) -> StackResource:
    suffix = stable_id(seed, f"{environment.name}/{held.logical_id}/{logical}", 12)
    return StackResource(logical, kind, f"{held.physical_id.split('/')[1]}-{logical}-{suffix}", 9)


def _own(held: StackResource) -> StackResource:
    return StackResource(held.physical_id.split("/")[1], STACK, held.physical_id, 0)


def _creation(held: StackResource, parts: tuple[StackResource, ...], began: datetime, seed: int) -> Iterator[Event]:
    token = f"nested-{stable_id(seed, held.physical_id, 12)}"
    yield _event(seed, began, _own(held), "CREATE_IN_PROGRESS", token, "User Initiated")
    at = began + timedelta(seconds=3)
    for part in parts:
        yield _event(seed, at, part, "CREATE_IN_PROGRESS", token)
        at += timedelta(seconds=part.seconds)
        yield _event(seed, at, part, "CREATE_COMPLETE", token)
    yield _event(seed, at + timedelta(seconds=1), _own(held), "CREATE_COMPLETE", token)


def _rolled_back(
    held: StackResource, parts: dict[str, StackResource], rollout: Rollout, nested: Nested, seed: int
) -> Iterator[Event]:
    """One of its resources fails, the others are cancelled; it goes back when its parent does."""
    own, token = _own(held), rollout.token
    fails = next(step.ends for step in nested.steps if step.logical_id == nested.failure.logical_id)
    began = rollout.step(nested.logical_id).begins + 1
    yield _event(seed, rollout.at(began), own, "UPDATE_IN_PROGRESS", token, "User Initiated")
    for step in nested.steps:
        part = parts[step.logical_id]
        yield _event(seed, rollout.at(step.begins), part, "UPDATE_IN_PROGRESS", token)
        if step.ends < fails:
            yield _event(seed, rollout.at(step.ends), part, "UPDATE_COMPLETE", token)
        elif step.logical_id == nested.failure.logical_id:
            yield _event(seed, rollout.at(fails), part, "UPDATE_FAILED", token, nested.failure.reason)
        else:
            yield _event(seed, rollout.at(fails + 0.5), part, "UPDATE_FAILED", token, "Resource update cancelled")
    reason = f"The following resource(s) failed to update: [{nested.failure.logical_id}]. "
    yield _event(seed, rollout.at(fails + 1.2), own, "UPDATE_ROLLBACK_IN_PROGRESS", token, reason)
    for index, part in enumerate(parts.values()):
        begins = fails + 14 + 9 * index
        yield _event(seed, rollout.at(begins), part, "UPDATE_IN_PROGRESS", token)
        yield _event(seed, rollout.at(begins + 6), part, "UPDATE_COMPLETE", token)
    yield _event(seed, rollout.at(rollout.cleanup_ends - 12), own, "UPDATE_ROLLBACK_COMPLETE", token)


def _event(seed: int, at: datetime, resource: StackResource, status: str, token: str, reason: str = "") -> Event:
    identity = event_id(seed, resource, at, status)
    return Event(identity, at, resource.logical_id, resource.physical_id, resource.type, status, reason, token)
