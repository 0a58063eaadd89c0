"""The watch: every feed of one environment, on a thread and an event loop of its own.

Everything that asks AWS runs there, so that parsing a page of logs or building a client never holds up a key. What
it learns it posts; it decides nothing and changes nothing.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec

from services.aws.budget import Limits
from services.aws.connections import Connections
from services.aws.session import Account
from services.clock import Clock
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.settings.values import Environment, Settings
from services.watch.answers import Answers
from services.watch.feeds import Feeds
from services.watch.on_demand import Question, refused
from services.watch.pace import Pace
from services.watch.polling import Poll
from services.watch.polls import Polls
from services.watch.scope import WHOLE, Scope
from services.watch.tail_feed import TailFeed
from services.watch.updates import FeedUpdate, Update
from services.watch.waking import Waking

T = TypeVar("T")


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
        self._log_choice: tuple[tuple[str, ...], frozenset[str]] = ((), frozenset())
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
        """Follow the groups that `words` name (services/watch/log_choice.py), but those of `hidden`, by name.

        Without a word: those the screen begins with. Before `start`, too.
        """
        self._log_choice = (tuple(words), frozenset(hidden))
        self._poke(self._follow_logs)

    def live_logs(self, on: bool) -> None:
        """Live Tail of the groups that are followed: seconds faster, for money, and off again after three hours."""
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
            await feeds.answers.cleared("on demand")
            return await question(feeds.account)

        return asyncio.run_coroutine_threadsafe(answered(), loop)

    @property
    def settled(self) -> bool:
        """Every poll waits for its next turn and none is due; the tail has its own pace and is left out.

        For tests, from any thread.
        """
        return bool(self._polls) and self._poked == 0 and not self.restless

    @property
    def restless(self) -> tuple[str, ...]:
        """The feeds that are asking, or whose turn is due. For tests, from any thread."""
        now = self._clock.now()
        return tuple(poll.feed for poll in self._polls if not poll.asleep(now))

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
            others = ["evidence", "memory", "bursts", "score", "tail"]
            others += ["probes"] if self.environment.health_url else []
            for feed in (*self._scope.plain, *self._scope.measured, *others):
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
        answers = Answers(self.environment)
        feeds = self._feeds = Feeds(account, answers)
        waking = Waking(answers, self._pace, self._clock)
        polls = Polls(feeds, settings, self._scope, self._pace, self._clock, self._jitter, self._post, waking)
        if self._scope.tail:
            self._follow(feeds, polls, waking)
        try:
            made = polls.made()
            async with asyncio.TaskGroup() as group:
                for poll in made:
                    group.create_task(poll.run(), name=f"poll {poll.feed}")
                if self._tail is not None:
                    group.create_task(self._tail.run(), name="tail")
                self._polls = made
        finally:
            self._polls = ()
            await account.close()

    def _follow(self, feeds: Feeds, polls: Polls, waking: Waking) -> None:
        """Set up the log tail beside the polls."""
        prices, cadence = self._settings.prices, self._settings.cadence
        tail = TailFeed(feeds, self._clock, cadence, self._post, waking.doubt, prices.live_tail_minute)
        polls.live_cost = lambda: tail.live_cost
        waking.tail = tail.wake
        self._tail = tail
        self._follow_logs()

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

    def _follow_logs(self) -> None:
        if self._tail is not None:
            self._tail.choose(*self._log_choice)

    def _live_logs(self, on: bool) -> None:
        if self._tail is not None:
            self._tail.live(on)

    def _tail_busy_until(self, until: datetime) -> None:
        if self._tail is not None:
            self._tail.busy_until(until)

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()
