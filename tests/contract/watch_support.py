"""A watch on a simulated account whose clock the test moves; what it tells, folded as the screen folds it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from services.model.assessment import Assessment
from services.model.logs import LogLine
from services.model.reading import Reading
from services.model.situation import Situation
from services.rules import judge
from services.settings import Cadence, Environment, Settings
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.recording import RecordedCall
from services.watch.updates import FeedUpdate, LinesArrived, SpendingUpdate, Update
from services.watch.watch import Watch
from tests.simulated_support import manual

FEEDS = (
    "identity", "parts", "metrics", "percentiles", "edge_metrics", "stack", "events", "functions", "releases",
    "evidence", "memory", "apis", "tables", "distributions", "invalidations", "buckets", "user_pools", "alarms",
    "probes", "writes", "bursts", "score", "sign_ins",
)  # fmt: skip
"""Every feed of the watch but the tail."""

LONGEST_PAUSE_S = 300.0
"""After this every feed that is answered is due by itself."""

LIMIT_S = 30.0
"""Machine seconds after which a watch that does not come to rest is a failure."""


class Watched:
    """A running watch."""

    def __init__(self, account: SimulatedAccount, environment: Environment, settings: Settings) -> None:
        self.account = account
        self.settings = settings
        self.clock = manual(account)
        self.situation = Situation(environment.name, self.clock.now())
        self.updates: list[Update] = []
        self.lines: list[LogLine] = []
        self.asked: Sequence[RecordedCall] = ()
        """What the account was asked by this watch, for a test that kept it."""
        self.watch = Watch(environment, settings, self.clock, self._take, jitter=lambda: 0.5)

    def settle(self) -> Situation:
        """Wait until every feed waits for its next turn."""
        limit = time.monotonic() + LIMIT_S
        while not self.watch.settled:
            if time.monotonic() > limit:
                raise AssertionError(f"the watch does not come to rest: {', '.join(self.watch.restless)}")
            time.sleep(0.005)
        return self.situation

    def advance(self, seconds: float, step: float = 30.0) -> Situation:
        """Let the account's time pass, all feeds taking their turns on the way."""
        while seconds > 0:
            self.clock.advance(min(step, seconds))
            self.settle()
            seconds -= step
        return self.situation

    def look(self, at: datetime) -> Assessment:
        """What the rules make of everything, every feed having been asked once at `at`."""
        gap = (at - self.clock.now()).total_seconds()
        self.clock.advance(gap)
        if gap < LONGEST_PAUSE_S:
            self.watch.refresh()
        return judge(self.settle(), self.settings, at)

    def told(self, feed: str) -> list[Reading[Any]]:
        """Every reading of a feed, in order."""
        return [update.reading for update in self.updates if isinstance(update, FeedUpdate) and update.feed == feed]

    def _take(self, update: Update) -> None:
        self.updates.append(update)
        if isinstance(update, FeedUpdate):
            self.situation = self.situation.folded(update.feed, update.reading, self.clock.now())
        elif isinstance(update, SpendingUpdate):
            self.situation = msgspec.structs.replace(self.situation, spending=update.spending)
        elif isinstance(update, LinesArrived):
            self.lines.extend(update.batch.lines)


def counted(account: SimulatedAccount) -> Counter[str]:
    """How often each operation was asked."""
    return Counter(f"{call.service}:{call.operation}" for call in account.calls)


@contextmanager
def watched(
    simulation: SimulatedAccount,
    word: str = "prod",
    *,
    backfill_s: int = 3600,
    cadence: Cadence | None = None,
    **changes: Any,
) -> Iterator[Watched]:
    """A watch of one environment, settled once. `changes` replace fields of the environment."""
    settings = msgspec.structs.replace(load(), cadence=cadence or Cadence(backfill_s=backfill_s))
    environment = msgspec.structs.replace(at_endpoint(find(settings, word), simulation.endpoint), **changes)
    scene = Watched(simulation, environment, settings)
    scene.watch.start()
    try:
        scene.settle()
        yield scene
    finally:
        scene.watch.stop()
        scene.watch.join(10)
