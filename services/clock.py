"""Time is an argument. Four clocks, one shape; nothing else in the house asks what time it is.

World time (`now`, `sleep`) is the time of the account that is watched: real for AWS, possibly faster for a
simulated account. Machine time (`monotonic`) is this machine's and never scaled: network deadlines and the
arming delay of a confirmation are counted in it.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What every part of the house knows of time."""

    def now(self) -> datetime:
        """The account's time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on this machine's monotonic clock; differences only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of the account's time."""
        ...

    @property
    def speed(self) -> float:
        """Seconds of the account's time per second of this machine's."""
        ...


class RealClock:
    """The wall clock and the event loop's own sleep."""

    speed = 1.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class MachineClock(RealClock):
    """This machine's own, whatever the account's time: leases are counted in it, sleep and suspension included."""

    def monotonic(self) -> float:
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ScaledClock:
    """A clock that stood at `origin` when it was made and runs `speed` times as fast as this machine's."""

    def __init__(self, origin: datetime, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"the speed of a clock must be above 0, not {speed}")
        self._origin = origin.astimezone(UTC)
        self._began = time.monotonic()
        self._speed = speed

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        return self._origin + timedelta(seconds=(time.monotonic() - self._began) * self._speed)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._speed)


class ManualClock:
    """Time that moves only when told to. Safe to share between threads and event loops.

    `advance` wakes sleepers in the order of their deadlines; each sees `now()` at its own deadline or later.
    """

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0
        self._lock = threading.Lock()
        self._order = 0
        self._sleepers: list[tuple[datetime, int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._elapsed

    @property
    def sleepers(self) -> int:
        """How many are waiting now: a test waits for this to settle before it moves time on."""
        with self._lock:
            return sum(1 for _, _, _, future in self._sleepers if not future.done())

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            self._order += 1
            heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), self._order, loop, future))
        await future

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, waking everyone whose deadline is reached."""
        woken: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._elapsed += seconds
            while self._sleepers and self._sleepers[0][0] <= self._now:
                _, _, loop, future = heapq.heappop(self._sleepers)
                woken.append((loop, future))
        for loop, future in woken:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
