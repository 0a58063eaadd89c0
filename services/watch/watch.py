"""The watch: every feed of one environment, on a thread and an event loop of its own.

Everything that asks AWS runs there, so that parsing a page of logs or building a client never holds up a key. What
it learns it posts; it decides nothing and changes nothing.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Collection, Container, Coroutine, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec

from services.aws.budget import LISTING, Limits
from services.aws.connections import Connections
from services.aws.session import Account
from services.clock import Clock
from services.model.edge import Invalidation
from services.model.functions import VersionEvidence
from services.model.reading import Reading
from services.model.series import Metrics, Signal
from services.model.stacks import Stack
from services.model.witness import ObjectBurst
from services.problems import ProblemKind, problem
from services.settings.values import Environment, Settings
from services.watch.feeds import Feeds
from services.watch.following import followers
from services.watch.history import History
from services.watch.measuring import Measuring, billed
from services.watch.on_demand import Question, refused
from services.watch.pace import EVIDENCE_BUSY_FOR_S, Pace
from services.watch.polling import CREDENTIALS, NETWORK, PROBE_S, Poll, aligned, every
from services.watch.scope import MEASURED, WHOLE, Scope
from services.watch.tail_feed import TailFeed
from services.watch.updates import FeedUpdate, SpendingUpdate, Update

T = TypeVar("T")

OFFSET_S = 10.0
"""Seconds after the minute's boundary at which series are asked for: the newest minute has begun to fill."""


class Watch:
    """One environment, watched until stopped."""

    def __init__(
        self,
        environment: Environment,
        settings: Settings,
        clock: Clock,
        post: Callable[[Update], None],
        *,
        jitter: Callable[[], float] = random.random,
        scope: Scope = WHOLE,
        limits: Limits | None = None,
        connections: Connections | None = None,
        launch: Callable[[Coroutine[Any, Any, None]], None] | None = None,
    ) -> None:
        """Builds nothing. `post` is called on the watch's thread and has to return at once.

        `scope`: how much is watched. `limits`, `connections`: shared with other watches (Account). `launch` runs the
        watch on a loop that it shares with others; without it there is a thread for it alone.
        """
        self.environment = environment
        self._settings = msgspec.structs.replace(settings, cadence=scope.paced(settings.cadence))
        self._scope = scope
        self._limits, self._connections = limits, connections
        self._launch = launch
        self._clock = clock
        self._post_outside = post
        self._jitter = jitter
        self._pace = Pace(self._settings.cadence, clock)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._stopped = threading.Event()
        self._polls: tuple[Poll[Any], ...] = ()
        self._tail: TailFeed | None = None
        self._feeds: Feeds | None = None
        self._poked = 0

    def start(self) -> None:
        """Begin; returns at once."""
        if self._launch is not None:
            self._launch(self.run())
            return
        self._thread = threading.Thread(target=self._run, name=f"watch {self.environment.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; returns at once. Nothing is posted any more; connections are closed on the thread."""
        self._stopped.set()
        loop = self._loop
        if loop is not None and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(self._cancel)
            except RuntimeError:
                return  # it ended between the look and the call

    def join(self, timeout: float | None = None) -> None:
        """Wait, in machine seconds, until the thread has ended."""
        if self._thread is not None:
            self._thread.join(timeout)

    def refresh(self) -> None:
        """Ask everything again now."""
        self._poke(self._wake_all)

    def follow_logs(self, words: Sequence[str], hidden: Collection[str] = ()) -> None:
        """Follow the groups that `words` name (services/watch/log_choice.py), those of `hidden` less often.

        Without a word: those the screen begins with.
        """
        self._poke(partial(self._follow_logs, tuple(words), frozenset(hidden)))

    def live_logs(self, on: bool) -> None:
        """Live Tail of the groups that are followed: seconds faster, for money, and off again after half an hour."""
        self._poke(partial(self._live_logs, on))

    def busy_until(self, feed: str, until: datetime) -> None:
        """Ask `feed` faster until then: an operation runs."""
        if feed == "tail":
            self._poke(partial(self._tail_busy_until, until))
            return
        self._pace.busy_until(feed, until)
        self._poke(partial(self._wake, feed))

    def ask(self, question: Question[T]) -> Future[T]:
        """Have a question answered between the polls, on the watch's thread. Never blocks, from any thread.

        The future raises AccountError: UNREACHABLE before the watch has begun and after its end. Cancelling it cancels
        the question.
        """
        loop, feeds = self._loop, self._feeds
        if loop is None or feeds is None or loop.is_closed() or self._stopped.is_set():
            return refused("the watch does not run")

        async def answered() -> T:
            await feeds.cleared("on demand")
            return await question(feeds.account)

        return asyncio.run_coroutine_threadsafe(answered(), loop)

    @property
    def _probing(self) -> bool:
        """Whether there is a health address to ask."""
        return bool(self.environment.health_url)

    @property
    def settled(self) -> bool:
        """Every poll waits for its next turn and none is due; the tail has its own pace and is left out.

        For tests, from any thread.
        """
        now = self._clock.now()
        return bool(self._polls) and self._poked == 0 and all(poll.asleep(now) for poll in self._polls)

    def _run(self) -> None:
        asyncio.run(self.run())

    async def run(self) -> None:
        """Watch until stopped, on the loop that awaits it. Raises nothing."""
        try:
            await self._watch()
        except asyncio.CancelledError:
            return
        except Exception as error:
            # The thread's edge: a fault of ours must not leave a screen that quietly grows old.
            kind = type(error).__name__
            cause = problem(
                ProblemKind.GARBLED,
                f"the watch has ended by a fault of its own ({kind})",
                remedy="Leave and open the environment again.",
            )
            probes = ["probes"] if self._probing else []
            for feed in (*self._scope.plain, *self._scope.measured, "evidence", "bursts", "tail", *probes):
                self._post(FeedUpdate(feed, Reading().failed(cause, self._clock.now())))

    async def _watch(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopped.is_set():
            return
        settings = self._settings
        account = Account(
            self.environment,
            self._clock,
            prices=settings.prices,
            limits=self._limits,
            share=self._scope.share,
            connections=self._connections,
            cost_cap=settings.cost_cap,
            log_calls=settings.logs.calls_per_second,
        )
        feeds = self._feeds = Feeds(account)
        if self._scope.tail:
            self._tail = TailFeed(
                feeds,
                self._clock,
                settings.cadence,
                self._post,
                partial(self._doubt, feeds),
                settings.prices.live_tail_minute,
            )
        try:
            polls = self._made(account, feeds)
            async with asyncio.TaskGroup() as group:
                for poll in polls:
                    group.create_task(poll.run(), name=f"poll {poll.feed}")
                if self._tail is not None:
                    group.create_task(self._tail.run(), name="tail")
                self._polls = polls
        finally:
            self._polls = ()
            await account.close()

    def _made(self, account: Account, feeds: Feeds) -> tuple[Poll[Any], ...]:
        polls = feeds.polls
        self._pace.capped = account.budget.paced
        self._pace.stack_moves = lambda: _moves(polls["stack"].reading.value)
        self._pace.purging = lambda: "invalidations" in polls and _purges(polls["invalidations"].reading.value)
        for feed in self._scope.plain:
            polls[feed] = self._poll(feeds, feed, getattr(feeds, feed))
        if self._scope.evidence:
            polls["evidence"] = self._poll(feeds, "evidence", partial(self._evidence, account, feeds))
            polls["bursts"] = self._poll(feeds, "bursts", partial(self._bursts, account, feeds))
        if self._probing:
            polls["probes"] = self._poll(feeds, "probes", feeds.probes)
        checks = [self._measured(account, feeds, feed) for feed in self._scope.measured]
        return (*polls.values(), *checks, self._accounts(account))

    def _poll(self, feeds: Feeds, feed: str, ask: Callable[[], Awaitable[Any]]) -> Poll[Any]:
        async def cleared() -> Any:
            await feeds.cleared(feed)
            await feeds.patient(feed)
            return await ask()

        cadence = partial(self._pace.of, feed)
        pause = aligned(cadence, OFFSET_S) if feed in MEASURED else every(cadence)
        return Poll(feed, cleared, pause, partial(self._answered, feeds, feed), self._clock, self._jitter)

    def _measured(self, account: Account, feeds: Feeds, feed: str) -> Poll[bool]:
        """Set up a feed of series; returns the poll that verifies its identities beside it."""
        cadence = self._settings.cadence
        measuring = Measuring(feed, account, History(cadence.backfill_s, cadence.overlap_s), feeds.signals)

        async def ask() -> Metrics:
            value = await measuring.ask()
            asked: list[Signal] = [series.signal for series in value.series.values()]
            account.budget.expect(feed, billed(asked), self._pace.usual(feed), watched=True)
            return value

        poll = feeds.polls[feed] = self._poll(feeds, feed, ask)

        async def verify() -> bool:
            await feeds.known(feed)
            changed = await measuring.verify()
            if changed:
                poll.amend(measuring.complete)
            return changed

        return Poll(f"{feed} identities", verify, every(lambda: 60.0), lambda reading: None, self._clock, self._jitter)

    async def _evidence(self, account: Account, feeds: Feeds) -> tuple[VersionEvidence, ...]:
        found = await feeds.evidence()
        # Two metrics of each version are asked for.
        account.budget.expect("evidence", 2 * len(found), self._pace.usual("evidence"), watched=True)
        return found

    async def _bursts(self, account: Account, feeds: Feeds) -> tuple[ObjectBurst, ...]:
        before = account.budget.asked(LISTING)
        found = await feeds.bursts()
        account.budget.expect("bursts", 0, self._pace.of("bursts"), lists=account.budget.asked(LISTING) - before)
        return found

    def _accounts(self, account: Account) -> Poll[Any]:
        """What the questions cost, as a poll that asks nobody."""

        async def spending() -> Any:
            return account.spending

        def deliver(reading: Reading[Any]) -> None:
            self._post(SpendingUpdate(account.spending))

        return Poll("spending", spending, every(partial(self._pace.of, "spending")), deliver, self._clock, self._jitter)

    def _answered(self, feeds: Feeds, feed: str, reading: Reading[Any]) -> None:
        """A turn has ended: tell it, and wake whoever waits for what it says."""
        before: Reading[Any] = feeds.told.get(feed, Reading())
        feeds.told[feed] = reading
        self._post(FeedUpdate(feed, reading))
        self._credentials(feeds, feed, before, reading)
        if reading.problem is None and before.problem is not None and before.problem.kind in NETWORK:
            self._wake_failing(feeds, NETWORK)
        if feed in MEASURED:
            self._wake("spending")
        if before.waiting or reading.value is None:
            return  # those who need this first answer are waiting for it
        for follower in followers(feed, before.value, reading.value):
            if follower == "evidence":
                self._pace.busy_until("evidence", self._clock.now() + timedelta(seconds=EVIDENCE_BUSY_FOR_S))
            if follower in feeds.polls:
                feeds.polls[follower].wake()

    def _credentials(self, feeds: Feeds, feed: str, before: Reading[Any], reading: Reading[Any]) -> None:
        """Bad credentials are everybody's: look once whether they are good, and go on together when they are."""
        good = reading.problem is None
        bad = reading.problem is not None and reading.problem.kind in CREDENTIALS
        if feed == "identity" and good and before.problem is not None and before.problem.kind in CREDENTIALS:
            self._wake_failing(feeds, CREDENTIALS)
        elif feed != "identity" and bad:
            self._doubt(feeds)

    def _doubt(self, feeds: Feeds) -> None:
        """Look whether the credentials are good, unless that was done just now, is being done or about to be."""
        identity, now = feeds.polls["identity"], self._clock.now()
        tried = identity.reading.tried
        if tried and (now - tried).total_seconds() >= PROBE_S and identity.asleep(now):
            identity.wake()

    def _wake_failing(self, feeds: Feeds, kinds: Container[ProblemKind]) -> None:
        """Ask again what failed for a reason that has gone."""
        for poll in feeds.polls.values():
            if poll.reading.problem is not None and poll.reading.problem.kind in kinds:
                poll.wake()
        if self._tail is not None:
            self._tail.wake(kinds)

    def _post(self, update: Update) -> None:
        if not self._stopped.is_set():
            self._post_outside(update)

    def _poke(self, what: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None or loop.is_closed() or self._stopped.is_set():
            return
        self._poked += 1

        def done() -> None:
            what()
            self._poked -= 1

        loop.call_soon_threadsafe(done)

    def _wake_all(self) -> None:
        for poll in self._polls:
            poll.wake()

    def _wake(self, feed: str) -> None:
        for poll in self._polls:
            if poll.feed == feed:
                poll.wake()

    def _follow_logs(self, words: tuple[str, ...], hidden: frozenset[str]) -> None:
        if self._tail is not None:
            self._tail.choose(words, hidden)

    def _live_logs(self, on: bool) -> None:
        if self._tail is not None:
            self._tail.live(on)

    def _tail_busy_until(self, until: datetime) -> None:
        if self._tail is not None:
            self._tail.busy_until(until)

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()


def _moves(stack: Stack | None) -> bool:
    return stack is not None and stack.in_progress


def _purges(invalidations: tuple[Invalidation, ...] | None) -> bool:
    return any(not one.done for one in invalidations or ())
