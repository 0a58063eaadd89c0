"""The log tail among the feeds: which groups are followed, and a tail for as long as these stay the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from services.clock import Clock
from services.model.apis import Api
from services.model.functions import Function
from services.model.reading import Reading
from services.problems import AccountError, ProblemKind, problem
from services.settings.values import Cadence, LogGroup
from services.watch.feeds import Feeds
from services.watch.tailing import Tail, TailGroup
from services.watch.updates import FeedUpdate, Update

CHECK_S = 60.0
"""How often the groups are looked at again."""


class TailFeed:
    """Runs the tail; starts a new one when the stack's log groups have changed."""

    def __init__(self, feeds: Feeds, clock: Clock, cadence: Cadence, post: Callable[[Update], None]) -> None:
        self._feeds = feeds
        self._clock = clock
        self._cadence = cadence
        self._post = post
        self._tail: Tail | None = None

    def busy_until(self, until: datetime) -> None:
        """Look at the logs more often until then."""
        if self._tail is not None:
            self._tail.busy_until(until)

    async def run(self) -> None:
        """Follow for ever. Ends only by cancellation."""
        followed: tuple[TailGroup, ...] = ()
        running: asyncio.Task[None] | None = None
        try:
            while True:
                groups = await self._groups(followed)
                if running is not None and (groups != followed or running.done()):
                    running.cancel()
                    running = None
                if groups and running is None:
                    followed = groups
                    running = asyncio.create_task(self._follow(groups), name="following")
                await self._clock.sleep(CHECK_S)
        finally:
            if running is not None:
                running.cancel()

    async def _groups(self, followed: tuple[TailGroup, ...]) -> tuple[TailGroup, ...]:
        """The groups to follow; none in a wrong account. What is `followed` stays while it cannot be told anew.

        A tail that is started again would show its lines again.
        """
        try:
            await self._feeds.cleared("tail")
            await self._feeds.known("parts")
        except AccountError as error:
            if followed and error.problem.kind is not ProblemKind.WRONG_ACCOUNT:
                return followed
            self._post(FeedUpdate("tail", Reading().failed(error.problem, self._clock.now())))
            return ()
        none: tuple[Function, ...] = ()
        functions = await self._feeds.known_or("functions", none)
        apis: tuple[Api, ...] = await self._feeds.known_or("apis", ())
        return log_groups(self._feeds.environment.names.log_groups, functions, apis)

    async def _follow(self, groups: Sequence[TailGroup]) -> None:
        self._tail = Tail(self._feeds.account, groups, self._clock, self._post, self._cadence)
        try:
            await self._tail.run()
        except Exception as error:
            # The edge of the tail: whatever a page did to it, the other feeds live on and it is started again.
            kind = type(error).__name__
            cause = problem(ProblemKind.GARBLED, f"the log tail stumbled ({kind}) and is started again")
            self._post(FeedUpdate("tail", Reading().failed(cause, self._clock.now())))
        finally:
            self._tail = None


def log_groups(
    configured: Sequence[LogGroup], functions: Sequence[Function], apis: Sequence[Api]
) -> tuple[TailGroup, ...]:
    """Each group once: the application's own, the functions', the API's execution and access logs."""
    found: dict[str, str] = {group.name: group.short for group in configured}
    for function in functions:
        if function.log_group:
            found.setdefault(function.log_group, "lambda" if len(functions) == 1 else function.name)
    for api in apis:
        if api.execution_log_group:
            found.setdefault(api.execution_log_group, "api" if len(apis) == 1 else api.name)
        if api.access_log_group:
            found.setdefault(api.access_log_group, "access")
    return tuple(TailGroup(name=name, short=short) for name, short in found.items())
