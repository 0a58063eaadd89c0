"""How often logs may be asked for: one pace for all groups of an account and region.

FilterLogEvents has 5 calls/s per account and region, shared with everybody who works there; the tail takes at most
two of them (aws.md 3.2), and fewer after AWS has throttled it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from services.clock import Clock

CALLS_PER_SECOND = 2.0
BURST = 4

SLOWEST = 16.0
"""Longest time between two calls after throttling, seconds of the account's time."""


class Pace:
    """Turns, in the order in which they were asked for. Seconds are the account's: a scaled account is asked faster."""

    def __init__(self, clock: Clock, rate: float = CALLS_PER_SECOND, burst: int = BURST) -> None:
        self._clock = clock
        self._usual = 1.0 / rate
        self._spacing = self._usual
        self._burst = burst
        self._next: datetime | None = None
        self._lock = asyncio.Lock()

    @property
    def spacing(self) -> float:
        """Seconds between two calls at present."""
        return self._spacing

    async def turn(self) -> None:
        """Wait until the next call may be sent."""
        async with self._lock:
            now = self._clock.now()
            # Unused turns are saved up, but only `burst` of them.
            earliest = now - timedelta(seconds=self._spacing * (self._burst - 1))
            due = max(self._next or earliest, earliest)
            self._next = due + timedelta(seconds=self._spacing)
            if due > now:
                await self._clock.sleep((due - now).total_seconds())

    def throttled(self) -> None:
        """AWS said that this is too fast: half the pace, and nothing saved up."""
        self._spacing = min(SLOWEST, self._spacing * 2)
        self._next = self._clock.now() + timedelta(seconds=self._spacing)

    def answered(self) -> None:
        """A call went through: back towards the usual pace, a tenth at a time."""
        self._spacing = max(self._usual, self._spacing * 0.9)
