"""How often each feed is asked, given what is going on (decisions A17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.clock import Clock
from services.model.spending import Need
from services.settings.values import Cadence

IDENTITY_S = 300.0
PARTS_S = 300.0
"""A stack's parts change with the stack, which wakes this feed itself."""

EVENTS_IDLE_S = 300.0
"""A stack has new events only when it moves, and the stack's own feed wakes this one when it does."""

RELEASE_BUSY_S = 5.0
METRICS_BUSY_S = 30.0
"""While a recovery is being judged; CloudWatch has a point a minute, asking more often only shows it sooner."""

EVIDENCE_BUSY_S = 60.0
EVIDENCE_BUSY_FOR_S = 900.0
"""After the alias has moved, the version that it moved to makes its record."""

MEMORY_S = 300.0
"""Between two samples of a function's REPORT lines: what leaks takes hours."""

SPENDING_S = 15.0

BILLED = {
    "metrics": Need.JUDGED,
    "percentiles": Need.JUDGED,
    "edge_metrics": Need.JUDGED,
    "evidence": Need.DIAGNOSIS,
    "score": Need.DIAGNOSIS,
}
"""Feeds whose questions cost money, by the metric, and the most urgent of what they ask for."""


class Pace:
    """Seconds between two turns of each feed."""

    def __init__(self, cadence: Cadence, clock: Clock) -> None:
        self._cadence = cadence
        self._clock = clock
        self._busy: dict[str, datetime] = {}
        self.stack_moves: Callable[[], bool] = lambda: False
        """Whether the stack is in the middle of an operation."""
        self.purging: Callable[[], bool] = lambda: False
        """Whether an invalidation is in progress."""
        self.capped: Callable[[float, Need], float] = lambda every, need: every
        """A pause as the cost cap allows it."""

    def busy_until(self, feed: str, until: datetime) -> None:
        """Ask `feed` faster until then."""
        self._busy[feed] = until

    def busy(self, feed: str) -> bool:
        until = self._busy.get(feed)
        return until is not None and self._clock.now() < until

    def of(self, feed: str) -> float:
        """Seconds from one turn of `feed` to the next."""
        usual = self.usual(feed)
        return self.capped(usual, BILLED[feed]) if feed in BILLED else usual

    def usual(self, feed: str) -> float:
        """The same, whatever it costs."""
        cadence = self._cadence
        if feed in ("stack", "events"):
            idle = cadence.stack if feed == "stack" else max(cadence.stack, EVENTS_IDLE_S)
            return min(idle, cadence.stack_busy) if self.stack_moves() or self.busy(feed) else idle
        if feed == "invalidations":
            busy = self.purging() or self.busy(feed)
            return cadence.invalidations_busy if busy else cadence.invalidations
        if feed == "releases":
            return min(cadence.release, RELEASE_BUSY_S) if self.busy(feed) else cadence.release
        if feed in ("metrics", "edge_metrics"):
            return min(cadence.metrics, METRICS_BUSY_S) if self.busy(feed) else cadence.metrics
        if feed == "evidence":
            return min(cadence.percentiles, EVIDENCE_BUSY_S) if self.busy(feed) else cadence.percentiles
        if feed in ("percentiles", "score"):
            return cadence.percentiles
        if feed == "writes":
            return min(cadence.writes, cadence.writes_busy) if self.busy(feed) else cadence.writes
        if feed in ("probes", "bursts"):
            return cadence.probes if feed == "probes" else cadence.bursts
        return {
            "identity": IDENTITY_S,
            "parts": PARTS_S,
            "alarms": cadence.alarms,
            "memory": MEMORY_S,
            "spending": SPENDING_S,
        }.get(feed, cadence.resources)
