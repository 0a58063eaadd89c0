"""One stack over time: its events, what it is deployed with, what that came to. A store; what is to come is in it."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.rollouts import FIRST, Rollout
from services.simulated.platform.stack_events import BACK_AFTER, STACK, Event, created, events
from services.simulated.platform.stack_resources import StackResource, deployment_id, resources
from services.simulated.platform.stack_specs import Spec, release_of, released
from services.simulated.platform.trail_events import TrailEvent

T = TypeVar("T")

USER_INITIATED = "User Initiated"


class Facts(msgspec.Struct, frozen=True):
    """What CloudFormation has made of the parts that people notice."""

    release: int
    """Whose version the stack holds."""
    number: int
    """As which that version was published."""
    deployment: str
    """Of the API, served by its stage."""
    alias: int
    """The published version that the alias was put on."""
    weights: tuple[tuple[str, float], ...] = ()


class Obstacle(msgspec.Struct, frozen=True):
    """A resource that cannot be updated, or not be taken back."""

    logical_id: str
    reason: str
    rollback: bool = False
    """It fails on the way back; else on the way forward."""


class StackBook:
    """One environment's stack. Not locked: callers hold the account's lock."""

    def __init__(
        self, environment: EnvironmentEstate, rollouts: tuple[Rollout, ...], started: datetime, seed: int
    ) -> None:
        self.environment = environment
        self.seed = seed
        self.created = created(started)
        self.rollouts = rollouts
        self.obstacles: list[Obstacle] = []
        """Found by every operation that is called for from now on, until they are taken away."""
        self.tokens: dict[str, Mapping[str, Any]] = {}
        """ClientRequestToken of each call → what was called for."""
        self.planned_trail: dict[str, tuple[TrailEvent, ...]] = {}
        """Token of each rollout → what CloudTrail will tell of it."""
        self._events = events(environment, rollouts, started, seed)
        self._facts = list(_facts(environment, rollouts, self.created, seed))
        self._specs = list(_specs(environment, rollouts, self.created, seed))
        for one in rollouts:
            if one.stuck is not None:
                self.obstacles.append(Obstacle(one.stuck.logical_id, one.stuck.reason, rollback=True))

    def visible(self, now: datetime) -> list[Event]:
        """The events that have come by `now`, oldest first."""
        return self._events[: bisect_right(self._events, now, key=lambda event: event.at)]

    def facts(self, now: datetime) -> Facts:
        return _at(self._facts, now)

    def spec(self, now: datetime) -> Spec:
        return _at(self._specs, now)

    def resources(self, now: datetime) -> tuple[StackResource, ...]:
        """What the stack is made of: the newest release's version, and the deployment that the stage serves."""
        facts = self.facts(now)
        held = resources(self.environment, self.seed, facts.release, facts.deployment)
        if facts.release == facts.number:
            return held
        arn = f"{self.environment.function_arn}:{facts.number}"
        return tuple(
            msgspec.structs.replace(one, physical_id=arn) if release_of(one.logical_id) == facts.release else one
            for one in held
        )

    def status(self, now: datetime) -> tuple[str, datetime | None]:
        """The stack's status and when its last operation began."""
        status, updated = "CREATE_COMPLETE", None
        for event in self.own(now):
            status = event.status
            if event.reason == USER_INITIATED and event.status != "CREATE_IN_PROGRESS":
                updated = event.at
        return status, updated

    def reason(self, now: datetime) -> str:
        """StackStatusReason: of the newest of its own events."""
        return next((event.reason for event in reversed(list(self.own(now)))), "")

    def own(self, now: datetime) -> Iterator[Event]:
        """The stack's own events by then, oldest first."""
        return (
            event
            for event in self.visible(now)
            if event.type == STACK and event.physical_id == self.environment.stack_id
        )

    def update(self, now: datetime) -> list[Event]:
        """The newest update's events by then, with the rollbacks of it, oldest first."""
        seen = self.visible(now)
        firsts = [
            place
            for place, event in enumerate(seen)
            if event.type == STACK and event.status == "UPDATE_IN_PROGRESS" and event.reason == USER_INITIATED
        ]
        return seen[firsts[-1] :] if firsts else []

    def before(self, now: datetime) -> tuple[Facts, Spec]:
        """What stood before the newest update: its last stable state."""
        found = self.update(now)
        then = found[0].at - timedelta(milliseconds=1) if found else now
        return self.facts(then), self.spec(then)

    # What operations do

    def cut(self, now: datetime) -> set[str]:
        """What was to come does not come, the pipeline's later updates neither; tokens and ids of what is ended so."""
        ended = {name for event in self._events if event.at > now for name in (event.token, event.operation) if name}
        self.rollouts = tuple(one for one in self.rollouts if one.began <= now)
        del self._events[bisect_right(self._events, now, key=lambda event: event.at) :]
        for timeline in (self._facts, self._specs):
            del timeline[bisect_right(timeline, now, key=_moment) :]
        return ended

    def add(self, told: list[Event]) -> None:
        self._events = sorted([*self._events, *told], key=lambda event: event.at)

    def make(self, at: datetime, **changed: Any) -> None:
        """The facts from `at` on: those before it, with what is changed."""
        insort(self._facts, (at, msgspec.structs.replace(self.facts(at), **changed)), key=_moment)

    def deploy(self, at: datetime, spec: Spec) -> None:
        """`spec` is what the stack is deployed with from `at` on."""
        insort(self._specs, (at, spec), key=_moment)


def _moment(entry: tuple[datetime, Any]) -> datetime:
    return entry[0]


def _at(timeline: list[tuple[datetime, T]], now: datetime) -> T:
    """What held then; before the first, the first."""
    return timeline[max(0, bisect_right(timeline, now, key=_moment) - 1)][1]


def _facts(
    environment: EnvironmentEstate, rollouts: tuple[Rollout, ...], began: datetime, seed: int
) -> Iterator[tuple[datetime, Facts]]:
    first = FIRST[environment.name]
    facts = Facts(first, first, deployment_id(seed, environment.name, first), first)
    yield began, facts
    for one in rollouts:
        if one.failure is not None:
            continue
        facts = msgspec.structs.replace(facts, release=one.to_version, number=one.to_version)
        yield one.version_published, facts
        weights = () if one.weight >= 1 else ((str(one.to_version), one.weight),)
        facts = msgspec.structs.replace(facts, alias=one.from_version if weights else one.to_version, weights=weights)
        yield one.alias_moved, facts
        if one.api_deployed is not None:
            deployment = deployment_id(seed, environment.name, one.to_version)
            facts = msgspec.structs.replace(facts, deployment=deployment)
            yield one.api_deployed, facts


def _specs(
    environment: EnvironmentEstate, rollouts: tuple[Rollout, ...], began: datetime, seed: int
) -> Iterator[tuple[datetime, Spec]]:
    yield began, released(environment, seed, FIRST[environment.name])
    for one in rollouts:
        yield one.began, released(environment, seed, one.to_version)
        if one.failure is not None:
            back = one.at(one.step(one.failure.logical_id).ends + BACK_AFTER)
            yield back, released(environment, seed, one.from_version)
