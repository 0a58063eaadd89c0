"""What a stack looked like at an instant: the events that had come, its status, its resources."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.rollouts import FIRST, Rollout
from services.simulated.platform.stack_events import STACK, Event, created, events
from services.simulated.platform.stack_nested import NestedStack, nested_stacks
from services.simulated.platform.stack_resources import StackResource, deployment_id, resources
from services.simulated.state import SimulatedState


class StackHistory:
    """The stacks of all environments, read at any instant."""

    def __init__(self, state: SimulatedState, rollouts: dict[str, tuple[Rollout, ...]]) -> None:
        self._state = state
        self._rollouts = rollouts
        self._events = {
            environment.name: events(environment, rollouts[environment.name], state.started, state.seed)
            for environment in state.estate.environments
        }
        self._nested = tuple(
            nested
            for environment in state.estate.environments
            for nested in nested_stacks(environment, rollouts[environment.name], created(state.started), state.seed)
        )

    @property
    def environments(self) -> tuple[EnvironmentEstate, ...]:
        return self._state.estate.environments

    def nested(self, name: str, region: str) -> NestedStack | None:
        """The stack within another that has this name or id; None when there is none in that region."""
        return next((n for n in self._nested if name in (n.name, n.id) and n.environment.region == region), None)

    def visible(self, environment: EnvironmentEstate, now: datetime) -> list[Event]:
        """The events that have come by `now`, oldest first."""
        known = self._events[environment.name]
        return known[: bisect_right(known, now, key=lambda event: event.at)]

    def version(self, environment: EnvironmentEstate, now: datetime) -> int:
        """The version whose resource the stack holds: the newest that CloudFormation has created."""
        version = FIRST[environment.name]
        for rollout in self._rollouts[environment.name]:
            if rollout.failure is None and rollout.version_published <= now:
                version = rollout.to_version
        return version

    def resources(self, environment: EnvironmentEstate, now: datetime) -> tuple[StackResource, ...]:
        """What the stack is made of: its newest version, and the API's deployment that its stage serves."""
        deployed = FIRST[environment.name]
        for rollout in self._rollouts[environment.name]:
            if rollout.failure is None and rollout.api_deployed is not None and rollout.api_deployed <= now:
                deployed = rollout.to_version
        deployment = deployment_id(self._state.seed, environment.name, deployed)
        within = tuple(one.held for one in self._nested if one.environment is environment)
        return (*resources(environment, self._state.seed, self.version(environment, now), deployment), *within)

    def status(self, environment: EnvironmentEstate, now: datetime) -> tuple[str, datetime | None]:
        """The stack's status and when its last operation began."""
        status, updated = "CREATE_COMPLETE", None
        for event in self.visible(environment, now):
            if event.type == STACK and event.physical_id == environment.stack_id:
                status = event.status
                if event.reason == "User Initiated" and event.status != "CREATE_IN_PROGRESS":
                    updated = event.at
        return status, updated

    def newest_event(self, environment: EnvironmentEstate, logical_id: str, now: datetime) -> Event | None:
        """The last that happened to a resource; None when nothing has yet."""
        for event in reversed(self.visible(environment, now)):
            if event.logical_id == logical_id and event.status != "DELETE_SKIPPED":
                return event
        return None
