"""The log tail among the feeds: which groups are followed, and when it may ask at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.aws.live_tail import GROUPS_MOST, LiveGroup
from services.aws.logs import describe_groups
from services.clock import Clock
from services.model.apis import Api
from services.model.functions import Function
from services.model.live import LiveStatus
from services.model.log_sources import LogSources
from services.model.reading import Reading
from services.problems import AccountError, ProblemKind, problem
from services.settings.values import Cadence, LogGroup
from services.watch.feeds import Feeds
from services.watch.live import Live
from services.watch.live_ledger import Ledger
from services.watch.log_choice import LogChoice, choice, wild
from services.watch.log_sources import shorts_of_functions, sources
from services.watch.polling import CREDENTIALS
from services.watch.tailing import Tail, TailGroup
from services.watch.updates import FeedUpdate, Update

CHECK_S = 60.0
"""How often the groups are looked at again."""

FOLLOWED = 24
"""Groups that are followed at once; each is then looked at every twelve seconds at worst."""
LIST_S = 300.0
"""How often the account's list of groups is asked for, while no wildcard depends on it."""


class TailFeed:
    """Runs one tail for as long as the environment is watched, and tells it which groups there are."""

    def __init__(
        self,
        feeds: Feeds,
        clock: Clock,
        cadence: Cadence,
        post: Callable[[Update], None],
        doubt: Callable[[], None] = lambda: None,
        live_minute: float = 0.01,
    ) -> None:
        """`doubt` is called when AWS does not take the credentials. `live_minute`: Live Tail's price."""
        self._feeds = feeds
        self._clock = clock
        self._post = post
        self._asker = _Asker(feeds, doubt)
        self._tail = Tail(self._asker, (), clock, post, cadence, feeds.account.log_pace)
        self._followed: tuple[TailGroup, ...] = ()
        self._words: tuple[str, ...] = ()
        self._there = LogSources()
        self._listed: datetime | None = None
        self._again = asyncio.Event()
        self._live_minute = live_minute
        self._live_wanted = False
        self._live_spent = 0.0
        """Dollars, of the Live Tails that are over."""
        self._live: Live | None = None
        self._live_task: asyncio.Task[None] | None = None
        self._hidden: frozenset[str] = frozenset()
        self._arns: dict[str, str] = {}
        """Of the groups that Live Tail may show."""
        self._ledger = Ledger()

    def busy_until(self, until: datetime) -> None:
        """Look at the logs more often until then."""
        self._tail.busy_until(until)

    def wake(self, kinds: Container[ProblemKind]) -> None:
        """Look again now where the last look failed with such a problem."""
        self._tail.wake(kinds)

    def choose(self, words: tuple[str, ...], hidden: frozenset[str] = frozenset()) -> None:
        """Follow the groups that these words name, but those of `hidden`, by name. On the tail's own loop."""
        if words != self._words:
            self._words, self._listed = words, None
            self._again.set()
        self._hidden = hidden
        self._tail.show(hidden)
        self._regroup_live()

    def live(self, on: bool) -> None:
        """Switch Live Tail of the followed groups on or off: it costs. On the tail's own loop."""
        self._live_wanted = on
        if on:
            self._again.set()
        else:
            self._hang_up()
            self._tail.tell_live(None)

    @property
    def live_cost(self) -> tuple[float, float]:
        """What Live Tail has cost so far, in dollars, and what it costs an hour while it is connected."""
        live = self._live.status if self._live is not None else None
        if live is None:
            return self._live_spent, 0.0
        return self._live_spent + live.dollars, self._live_minute * 60 if live.connected else 0.0

    def _hang_up(self) -> None:
        self._live_spent = self.live_cost[0]
        task, self._live, self._live_task = self._live_task, None, None
        if task is not None:
            task.cancel()

    async def _go_live(self) -> None:
        """Open a session of what is followed; the tail goes on beside it."""
        self._hang_up()
        try:
            described = await describe_groups(self._asker)
            self._arns = {str(group.name): str(group.arn) for group in described if group.readable}
            why = "" if self._live_groups() else "none of the groups can be read"
        except AccountError as error:
            why = error.problem.message
        wanted, self._live_wanted = self._live_wanted, False
        if not wanted:
            return  # it was switched off while the groups were asked for
        if why:
            self._tail.tell_live(LiveStatus((), self._clock.now(), ended=why))
            return
        self._tail.beside_live(self._ledger)
        self._live = Live(
            self._feeds.account,
            self._live_groups(),
            self._ledger,
            self._tail.from_live,
            self._tail.tell_live,
            self._live_minute,
        )
        self._live_task = asyncio.create_task(self._run_live(self._live), name="live tail")

    def _live_groups(self) -> tuple[LiveGroup, ...]:
        """The first of the shown groups: a session takes ten."""
        shown = [group for group in self._followed if group.name in self._arns and group.name not in self._hidden]
        return tuple(LiveGroup(group.name, group.short, self._arns[group.name]) for group in shown[:GROUPS_MOST])

    def _regroup_live(self) -> None:
        """Other groups are followed: Live Tail goes along."""
        if self._live is not None and (groups := self._live_groups()):
            self._live.regroup(groups)

    async def _run_live(self, live: Live) -> None:
        try:
            await live.run()
        except Exception as error:
            # The edge of Live Tail: whatever an update did to it, the tail goes on and the person knows.
            ended = f"it stumbled ({type(error).__name__})"
            self._tail.tell_live(msgspec.structs.replace(live.status, connected=False, ended=ended))

    async def run(self) -> None:
        """Follow for ever. Ends only by cancellation."""
        running: asyncio.Task[None] | None = None
        try:
            while True:
                await self._choose()
                if self._followed and (running is None or running.done()):
                    running = asyncio.create_task(self._follow(), name="following")
                if self._live_wanted and self._followed:
                    await self._go_live()
                await self._rest()
        finally:
            self._hang_up()
            if running is not None:
                running.cancel()

    async def _choose(self) -> None:
        """Follow the groups there are now; what is followed stays while that cannot be told."""
        try:
            await self._feeds.answers.cleared("tail")
            await self._feeds.answers.known("parts")
        except AccountError as error:
            if not self._followed:
                self._post(FeedUpdate("tail", Reading().failed(error.problem, self._clock.now())))
            return
        functions: tuple[Function, ...] = await self._newest("functions")
        apis: tuple[Api, ...] = await self._newest("apis")
        configured = self._feeds.environment.names.log_groups
        if not self._followed and not self._words:
            # The first lines come before anything else is asked about the groups.
            self._follow_these(log_groups(configured, functions, apis))
            return
        await self._look_up(configured, functions, apis)
        found = choice(self._words, self._there)
        self._tail.leave_out(found.unreadable)
        self._follow_these(found.groups if self._words else _usual(found, configured, functions, apis))

    async def _look_up(
        self, configured: Sequence[LogGroup], functions: Sequence[Function], apis: Sequence[Api]
    ) -> None:
        """Ask the account for its groups, when that is due: what appeared and what has gone is told."""
        now = self._clock.now()
        every = CHECK_S if any(wild(word) for word in self._words) else LIST_S
        if self._listed is not None and (now - self._listed).total_seconds() < every:
            return
        parts = self._feeds.answers.polls["parts"].reading.value if self._words else None
        there = await sources(self._asker, configured, parts, functions, apis, everything=bool(self._words))
        if there.listed or not self._there.listed:
            self._there = there
        self._listed = now
        self._tail.know({str(group.name): group for group in self._there.groups})

    def _follow_these(self, every: tuple[TailGroup, ...]) -> None:
        """Follow the first of these; how many more there are is said in the title."""
        known = {group.name: group for group in self._followed}
        # A group that stays keeps its short name too: its lines go by it already.
        groups = tuple(known.get(group.name, group) for group in every[:FOLLOWED])
        self._tail.left_out = len(every) - len(groups)
        if groups == self._followed:
            return
        before, self._followed = self._followed, groups
        if before and self._words:
            for group in groups:
                if group not in before:
                    self._tail.note(f"{group.name} is followed from now on")
            for group in before:
                if group not in groups:
                    self._tail.note(f"{group.name} is not followed any more")
        self._tail.follow(groups)
        self._regroup_live()

    async def _rest(self) -> None:
        """Until the groups are to be looked at again, or others are asked for."""
        sleep = asyncio.ensure_future(self._clock.sleep(CHECK_S))
        again = asyncio.ensure_future(self._again.wait())
        try:
            await asyncio.wait({sleep, again}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._again.clear()
            sleep.cancel()
            again.cancel()

    async def _newest(self, feed: str) -> Any:
        """What is known of a feed, though its last try may have failed: its log groups are still there."""
        poll = self._feeds.answers.polls[feed]
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
        await self._feeds.answers.cleared("tail")
        try:
            return await self._feeds.account.ask(service, operation, parameters, region=region, deadline=deadline)
        except AccountError as error:
            if error.problem.kind in CREDENTIALS:
                self._doubt()
            raise


def _usual(
    found: LogChoice, configured: Sequence[LogGroup], functions: Sequence[Function], apis: Sequence[Api]
) -> tuple[TailGroup, ...]:
    """What is followed without being asked for, less what cannot be read."""
    return tuple(group for group in log_groups(configured, functions, apis) if group.name not in found.unreadable)


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
    shorts = shorts_of_functions(functions)
    for function in sorted(functions, key=lambda one: one.name not in called):
        if function.log_group:
            found.setdefault(function.log_group, shorts[function.name])
    return tuple(TailGroup(name=name, short=short) for name, short in found.items())
