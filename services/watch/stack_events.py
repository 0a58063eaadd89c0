"""A stack's events with those of the stacks nested in it: the whole history once, later only what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from services.aws import stacks
from services.aws.session import Account
from services.model.stacks import StackEvent
from services.problems import AccountError

KEPT = 1_000
"""Events of the stack itself that are kept, and of each nested one."""

NESTED_PAGES = 2
"""Pages of a nested stack's history that are read at first."""

MOST_NESTED = 30
"""Nested stacks that are read in one turn; each costs a call."""


class EventReader:
    """Reads one stack again and again. Stops paging at the first event it knows (aws.md 4.2)."""

    def __init__(self, account: Account, stack: str) -> None:
        self._account = account
        self._stack = stack
        self._events: tuple[StackEvent, ...] = ()
        self._nested: dict[str, tuple[StackEvent, ...]] = {}
        """Id of a nested stack → its events, newest first."""
        self._told: dict[str, str] = {}
        """Id of a nested stack → id of its parent's event up to which it was read, or was refused."""

    async def read(self) -> tuple[StackEvent, ...]:
        """Every event known, newest first. Raises AccountError when the stack itself cannot be read.

        A nested stack that cannot be read costs only its own events: the parent's tell that it failed.
        """
        known = {event.id for event in self._events}
        fresh = await stacks.events(self._account, self._stack, known)
        if fresh and self._events and fresh[0].stack_id != self._events[0].stack_id:
            # Another stack of the same name: its history is its own.
            self._events, self._nested, self._told = (), {}, {}
        self._events = (fresh + self._events)[:KEPT]
        await self._descend(self._events)
        if not self._nested:
            return self._events
        every = [*self._events, *(event for events in self._nested.values() for event in events)]
        return tuple(sorted(every, key=lambda event: event.at, reverse=True))

    async def _descend(self, events: Iterable[StackEvent]) -> None:
        """Read the stacks within of which there is news, and those within them."""
        level = list(events)
        for _ in range(5):  # nobody nests deeper; a circle ends here
            due = self._due(level)[:MOST_NESTED]
            if not due:
                return
            found = await asyncio.gather(*(self._child(told) for told in due))
            level = [event for events in found for event in events]

    def _due(self, events: list[StackEvent]) -> list[StackEvent]:
        """The newest event of each stack within that moves, or of which its parent has told something new."""
        newest: dict[str, StackEvent] = {}
        for event in sorted(events, key=lambda event: event.at):
            if event.holds_stack:
                newest[event.physical_id] = event
        return [
            told
            for told in newest.values()
            if told.status.endswith("_IN_PROGRESS") or self._told.get(told.physical_id) != told.id
        ]

    async def _child(self, told: StackEvent) -> tuple[StackEvent, ...]:
        id = told.physical_id
        before = self._nested.get(id, ())
        try:
            fresh = await stacks.events(self._account, id, {event.id for event in before}, NESTED_PAGES, nested=True)
        except AccountError as error:
            if not error.problem.passing:
                self._told[id] = told.id
            return before
        self._told[id] = told.id
        self._nested[id] = (fresh + before)[:KEPT]
        return self._nested[id]
