"""What a stack looked like at an instant: the events that had come, its status, its resources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.rollouts import Rollout
from services.simulated.platform.stack_book import StackBook
from services.simulated.platform.stack_events import Event, created
from services.simulated.platform.stack_nested import NestedStack, nested_stacks
from services.simulated.platform.stack_resources import StackResource
from services.simulated.state import SimulatedState


class StackHistory:
    """The stacks of all environments, read at any instant."""

    def __init__(self, state: SimulatedState, books: Mapping[str, StackBook]) -> None:
        self._state = state
        self._books = books
        self._nested = tuple(
            nested
            for environment in state.estate.environments
            for nested in nested_stacks(
                environment, books[environment.name].rollouts, created(state.started), state.seed
            )
        )

    @property
    def environments(self) -> tuple[EnvironmentEstate, ...]:
        return self._state.estate.environments

    def nested(self, name: str, region: str) -> NestedStack | None:
        """The stack within another that has this name or id; None when there is none in that region."""
        return next((n for n in self._nested if name in (n.name, n.id) and n.environment.region == region), None)

    def visible(self, environment: EnvironmentEstate, now: datetime) -> list[Event]:
        """The events that have come by `now`, oldest first."""
        return self.book(environment).visible(now)

    def book(self, environment: EnvironmentEstate) -> StackBook:
        return self._books[environment.name]

    def rollouts(self, environment: EnvironmentEstate) -> tuple[Rollout, ...]:
        """The pipeline's updates, ascending."""
        return self.book(environment).rollouts

    def resources(self, environment: EnvironmentEstate, now: datetime) -> tuple[StackResource, ...]:
        """What the stack is made of, the stacks within it too."""
        within = tuple(one.held for one in self._nested if one.environment is environment)
        return (*self.book(environment).resources(now), *within)

    def status(self, environment: EnvironmentEstate, now: datetime) -> tuple[str, datetime | None]:
        """The stack's status and when its last operation began."""
        return self.book(environment).status(now)

    def newest_event(self, environment: EnvironmentEstate, logical_id: str, now: datetime) -> Event | None:
        """The last that happened to a resource; None when nothing has yet."""
        for event in reversed(self.visible(environment, now)):
            if event.logical_id == logical_id and not event.status.startswith("DELETE_"):
                return event
        return None
