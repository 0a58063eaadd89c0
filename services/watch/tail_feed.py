"""The log tail among the feeds: which groups are followed, and when it may ask at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.clock import Clock
from services.model.apis import Api
from services.model.functions import Function
from services.model.reading import Reading
from services.problems import AccountError, ProblemKind, problem
from services.settings.values import Cadence, LogGroup
from services.watch.feeds import Feeds
from services.watch.polling import CREDENTIALS
from services.watch.tailing import Tail, TailGroup
from services.watch.updates import FeedUpdate, Update

CHECK_S = 60.0
"""How often the groups are looked at again."""

FOLLOWED = 24
"""Groups that are followed at once; each is then looked at every twelve seconds at worst."""


class TailFeed:
    """Runs one tail for as long as the environment is watched, and tells it which groups there are."""

    def __init__(
        self,
        feeds: Feeds,
        clock: Clock,
        cadence: Cadence,
        post: Callable[[Update], None],
        doubt: Callable[[], None] = lambda: None,
    ) -> None:
        """`doubt` is called when AWS does not take the credentials."""
        self._feeds = feeds
        self._clock = clock
        self._post = post
        asker = _Asker(feeds, doubt)
        self._tail = Tail(asker, (), clock, post, cadence)
        self._followed: tuple[TailGroup, ...] = ()

    def busy_until(self, until: datetime) -> None:
        """Look at the logs more often until then."""
        self._tail.busy_until(until)

    def wake(self, kinds: Container[ProblemKind]) -> None:
        """Look again now where the last look failed with such a problem."""
        self._tail.wake(kinds)

    async def run(self) -> None:
        """Follow for ever. Ends only by cancellation."""
        running: asyncio.Task[None] | None = None
        try:
            while True:
                await self._choose()
                if self._followed and (running is None or running.done()):
                    running = asyncio.create_task(self._follow(), name="following")
                await self._clock.sleep(CHECK_S)
        finally:
            if running is not None:
                running.cancel()

    async def _choose(self) -> None:
        """Follow the groups there are now; what is followed stays while that cannot be told."""
        try:
            await self._feeds.cleared("tail")
            await self._feeds.known("parts")
        except AccountError as error:
            if not self._followed:
                self._post(FeedUpdate("tail", Reading().failed(error.problem, self._clock.now())))
            return
        functions: tuple[Function, ...] = await self._newest("functions")
        apis: tuple[Api, ...] = await self._newest("apis")
        every = log_groups(self._feeds.environment.names.log_groups, functions, apis)
        groups = every[:FOLLOWED]
        self._tail.left_out = len(every) - len(groups)
        if groups != self._followed:
            self._followed = groups
            self._tail.follow(groups)

    async def _newest(self, feed: str) -> Any:
        """What is known of a feed, though its last try may have failed: its log groups are still there."""
        poll = self._feeds.polls[feed]
        await poll.first.wait()
        return poll.reading.value or ()

    async def _follow(self) -> None:
        try:
            await self._tail.run()
        except Exception as error:
            # The edge of the tail: whatever a page did to it, the other feeds live on and it goes on where it was.
            kind = type(error).__name__
            cause = problem(
                ProblemKind.GARBLED, f"the log tail stumbled ({kind})", remedy="It goes on by itself within a minute."
            )
            self._post(FeedUpdate("tail", Reading().failed(cause, self._clock.now())))


class _Asker:
    """The account as the tail may ask it: not while nobody else may (reliability B16)."""

    def __init__(self, feeds: Feeds, doubt: Callable[[], None]) -> None:
        self._feeds = feeds
        self._doubt = doubt

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = 20.0,
    ) -> Mapping[str, Any]:
        await self._feeds.cleared("tail")
        try:
            return await self._feeds.account.ask(service, operation, parameters, region=region, deadline=deadline)
        except AccountError as error:
            if error.problem.kind in CREDENTIALS:
                self._doubt()
            raise


def log_groups(
    configured: Sequence[LogGroup], functions: Sequence[Function], apis: Sequence[Api]
) -> tuple[TailGroup, ...]:
    """Each group once: the application's own, then the APIs', then the functions', those that an API calls first.

    Of an API with an access log that one alone: its execution log tells every request a second time. Only the
    first FOLLOWED are followed: two questions a second are for all groups of an account together (aws.md 3.2).
    """
    found: dict[str, str] = {group.name: group.short for group in configured}
    for api in apis:
        group = api.access_log_group or api.execution_log_group
        if group:
            found.setdefault(group, "api" if len(apis) == 1 else api.name)
    uris = [uri.partition(":function:")[2] for api in apis for uri in api.integrations]
    called = {uri.partition("/")[0].partition(":")[0] for uri in uris}
    for function in sorted(functions, key=lambda one: one.name not in called):
        if function.log_group:
            found.setdefault(function.log_group, "lambda" if len(functions) == 1 else function.name)
    return tuple(TailGroup(name=name, short=short) for name, short in found.items())
