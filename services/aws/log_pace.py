"""How often logs may be asked for: one pace for everybody who asks one account and region.

FilterLogEvents has 5 calls/s per account and region, shared with everybody who works there; the cockpit takes at most
two of them (aws.md 3.2), and fewer after AWS has throttled it. Whoever asks does so in a lane: the tail is one, each
search is one. Lanes take turns, so that a search never starves the tail, nor twelve groups of the tail a search.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from services.clock import Clock

CALLS_PER_SECOND = 2.0
BURST = 4

SLOWEST = 16.0
"""Longest time between two calls after throttling, seconds of the account's time."""

TAIL = "tail"


class Pace:
    """Turns, in the order in which they were asked for. Seconds are the account's: a scaled account is asked faster."""

    def __init__(self, clock: Clock, rate: float = CALLS_PER_SECOND, burst: int = BURST) -> None:
        self._clock = clock
        self._usual = 1.0 / rate
        self._spacing = self._usual
        self._burst = burst
        self._next: datetime | None = None
        self._lock = asyncio.Lock()
        self._lanes: dict[str, asyncio.Lock] = {}

    @property
    def spacing(self) -> float:
        """Seconds between two calls at present."""
        return self._spacing

    @property
    def slowed(self) -> float:
        """Seconds between two calls while throttling has made them longer than usual; else 0."""
        return self._spacing if self._spacing > self._usual * 1.05 else 0.0

    async def turn(self, lane: str = TAIL) -> None:
        """Wait until the next call may be sent. The first of each lane wait for each other, first come first served."""
        own = self._lanes.setdefault(lane, asyncio.Lock())
        async with own, self._lock:
            now = self._clock.now()
            due = self._due(now)
            self._next = due + timedelta(seconds=self._spacing)
            if due > now:
                await self._clock.sleep((due - now).total_seconds())

    def ahead(self) -> bool:
        """Take a turn in advance: one call now, and whoever waits does so a turn longer. For what is asked seldom and
        waits for nobody. False when that was done too often, or while AWS throttles: the call is not to be made.
        With all that was saved up these are fewer than two bursts, which the account's budget takes at once."""
        now = self._clock.now()
        if self.slowed or self._due(now) - now >= timedelta(seconds=self._spacing * self._burst):
            return False
        self._next = self._due(now) + timedelta(seconds=self._spacing)
        return True

    def leave(self, lane: str) -> None:
        """Nobody asks in this lane any more."""
        self._lanes.pop(lane, None)

    def throttled(self) -> None:
        """AWS said that this is too fast: half the pace, and nothing saved up."""
        self._spacing = min(SLOWEST, self._spacing * 2)
        self._next = self._clock.now() + timedelta(seconds=self._spacing)

    def answered(self) -> None:
        """A call went through: back towards the usual pace, a quarter at a time."""
        self._spacing = max(self._usual, self._spacing * 0.75)

    def _due(self, now: datetime) -> datetime:
        """When the next turn is, or was: unused ones are saved up, but only `burst` of them."""
        earliest = now - timedelta(seconds=self._spacing * (self._burst - 1))
        return max(self._next or earliest, earliest)
