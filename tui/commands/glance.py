"""One look at an environment without a screen: the watch runs until everything has answered once, or too long."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from services.model.entry import Operation
from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import Problem, ProblemKind, problem

if TYPE_CHECKING:
    from services.clock import Clock
    from services.settings.values import Environment, Settings
    from services.watch.on_demand import Question
    from services.watch.updates import Update

T = TypeVar("T")

FEEDS = (
    "identity",
    "parts",
    "stack",
    "events",
    "functions",
    "releases",
    "evidence",
    "apis",
    "tables",
    "distributions",
    "invalidations",
    "buckets",
    "user_pools",
    "alarms",
    "metrics",
    "percentiles",
    "edge_metrics",
    "probes",
    "writes",
    "bursts",
    "deployed",
)
"""What has to have answered, well or badly, before anything is said."""

JUDGED = tuple(feed for feed in FEEDS if feed not in ("evidence", "writes", "bursts"))
"""All that states and alerts are judged from; what tells of causes takes longest to ask."""

PATIENCE_S = 45.0
"""Machine seconds for that; what has not answered by then is told as waiting."""

_UNASKED = frozenset(
    {
        ProblemKind.UNREACHABLE,
        ProblemKind.TIMEOUT,
        ProblemKind.NO_CREDENTIALS,
        ProblemKind.EXPIRED,
        ProblemKind.GARBLED,
        ProblemKind.FAILING,
        ProblemKind.THROTTLED,
        ProblemKind.UNSUPPORTED,
    }
)

_MISNAMED = (ProblemKind.WRONG_ACCOUNT, ProblemKind.NOT_FOUND)


class Glance:
    """An environment under watch, folded into a situation by whoever asks."""

    def __init__(self, environment: Environment, settings: Settings, clock: Clock) -> None:
        from services.watch.watch import Watch

        self.environment, self.settings, self.clock = environment, settings, clock
        self.situation = Situation(environment.name, clock.now(), environment.endpoint_url, clock.speed)
        self._updates: queue.SimpleQueue[Update] = queue.SimpleQueue()
        self.watch = Watch(environment, settings, clock, self._updates.put)

    def answered(self, feeds: tuple[str, ...] = FEEDS) -> Situation:
        """The situation once every one of `feeds` has answered, or patience has run out."""
        limit = self.clock.monotonic() + PATIENCE_S
        asked = [feed for feed in feeds if feed != "probes" or self.environment.health_url]
        while any(getattr(self.situation, feed).waiting for feed in asked):
            left = limit - self.clock.monotonic()
            if left <= 0 or not self._fold(left):
                break
        return self.drained()

    def follow(self, seconds: float) -> Situation:
        """The situation after `seconds` of this machine's time."""
        limit = self.clock.monotonic() + seconds
        while (left := limit - self.clock.monotonic()) > 0:
            self._fold(left)
        return self.drained()

    def ask(self, question: Question[T]) -> T:
        """The answer to a question between the polls, however long it takes. Raises AccountError."""
        from services.watch.on_demand import ask

        return ask(self.watch, question).result()

    def drained(self) -> Situation:
        """The situation with everything that has arrived, and with the journal as it is on disk."""
        while self._fold(0):
            pass
        self.situation = self.situation.folded("operations", self._journal(), self.clock.now())
        self.situation = msgspec.structs.replace(self.situation, orphans=self._orphans())
        self._keep()
        return self.situation

    def _keep(self) -> None:
        """What the stack is deployed with is kept whenever somebody looks: a look is all that some machines take."""
        from services.journal.home import JournalHome
        from services.journal.kept import kept_with

        deployed, now = self.situation.deployed.value, self.clock.now()
        if deployed is not None:
            home = JournalHome.default(self.environment)
            self.situation = self.situation.folded("kept", kept_with(home, deployed, self.situation.kept, now), now)

    def _fold(self, wait: float) -> bool:
        """Take one update; False when none came."""
        from services.watch.updates import FeedUpdate

        try:
            update = self._updates.get(timeout=wait) if wait > 0 else self._updates.get_nowait()
        except queue.Empty:
            return False
        if isinstance(update, FeedUpdate):
            self.situation = self.situation.folded(update.feed, update.reading, self.clock.now())
        return True

    def _journal(self) -> Reading[tuple[Operation, ...]]:
        from services.journal.home import JournalBroken, JournalHome
        from services.journal.reading import operations

        before, now = self.situation.operations, self.clock.now()
        try:
            return before.answered(operations(JournalHome.default(self.environment), self.environment.name), now)
        except JournalBroken as error:
            return before.failed(problem(ProblemKind.FAILING, error), now)

    def _orphans(self) -> frozenset[str]:
        """Which open operations nobody carries on. Who ends between the two looks is told as ended by the next."""
        from services.journal.home import JournalBroken, JournalHome
        from services.journal.leases import running

        home, known = JournalHome.default(self.environment), self.situation.operations.value or ()
        try:
            return frozenset(one.id for one in known if one.open and not running(home, one.id))
        except JournalBroken:
            return frozenset()


@contextmanager
def glance(environment: Environment, settings: Settings) -> Iterator[Glance]:
    """Watch an environment for the length of the block. Raises AccountError when nothing answers at its endpoint."""
    from services.aws.endpoint import clock_at

    looking = Glance(environment, settings, clock_at(environment))
    looking.watch.start()
    try:
        yield looking
    finally:
        looking.watch.stop()
        looking.watch.join(5.0)


def unreachable(situation: Situation) -> Problem | None:
    """Why the account could not be asked at all; None when it answered anything of the stack.

    Account, stack and parts are what everything else stands on. A refusal is an answer.
    """
    readings: tuple[Reading[Any], ...] = (situation.identity, situation.stack, situation.parts)
    if any(reading.value is not None for reading in readings[1:]):
        return None
    for reading in readings:
        if reading.problem is not None and reading.problem.kind in _UNASKED:
            return reading.problem
    if all(reading.waiting for reading in readings):
        return problem(ProblemKind.TIMEOUT, f"no answer within {PATIENCE_S:.0f} s", at=situation.now)
    return None


def misnamed(situation: Situation) -> Problem | None:
    """Why the configuration must be wrong: another account, or no stack of that name."""
    for reading in (situation.identity, situation.stack, situation.parts):
        found = reading.problem
        if reading.value is None and found is not None and found.kind in _MISNAMED:
            return found
    return None
