"""One question, asked for ever: with its own pace, its own patience and its own Problem.

A poll never ends and never raises: a failed try leaves the old value standing, ageing, and is tried again later and
later up to a ceiling. Polls know nothing of each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from services.clock import Clock
from services.model.reading import Reading
from services.problems import AccountError, Problem, ProblemKind, problem

T = TypeVar("T")

CEILING_S = 300.0
"""Longest pause after failures."""

NETWORK_CEILING_S = 15.0
"""Longest pause while the network or AWS itself fails: nothing is spared by waiting longer, and it comes back."""

PROBE_S = 30.0
"""Pause while credentials are what fails: one look at a time for renewed ones (reliability B16)."""

NETWORK = (ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT, ProblemKind.FAILING)
CREDENTIALS = (ProblemKind.EXPIRED, ProblemKind.NO_CREDENTIALS, ProblemKind.WRONG_ACCOUNT)


class Poll(Generic[T]):
    """One feed."""

    def __init__(
        self,
        feed: str,
        ask: Callable[[], Awaitable[T]],
        pause: Callable[[datetime], float],
        deliver: Callable[[Reading[T]], None],
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        """`pause` gives the seconds to the next turn after a good answer; `jitter` a number in 0..1."""
        self.feed = feed
        self.reading: Reading[T] = Reading()
        self.first = asyncio.Event()
        """Set once the first try has ended, well or badly."""
        self._ask = ask
        self._pause = pause
        self._deliver = deliver
        self._clock = clock
        self._jitter = jitter
        self._wake = asyncio.Event()
        self._due: datetime | None = None

    async def run(self) -> None:
        """Ask, wait, ask again. Ends only by cancellation."""
        while True:
            await self._rest(until=await self._turn())

    def wake(self) -> None:
        """Ask again now. From the poll's own loop."""
        self._wake.set()

    def amend(self, change: Callable[[T], T]) -> None:
        """Complete the newest value with what was learned beside it."""
        if self.reading.value is not None:
            self.reading = msgspec.structs.replace(self.reading, value=change(self.reading.value))
            self._deliver(self.reading)

    def asleep(self, now: datetime) -> bool:
        """Whether the next turn is still to come. Safe to ask from another thread."""
        due = self._due
        return due is not None and due > now and not self._wake.is_set()

    async def _turn(self) -> datetime:
        try:
            value = await self._ask()
            now = self._clock.now()
            reading, pause = self.reading.answered(value, now), self._pause(now)
        except AccountError as error:
            reading, pause = self._failed(error.problem)
        except Exception as error:
            # The edge of the watch: a reply that nobody foresaw must cost one feed one turn, not the watch.
            kind = type(error).__name__
            reading, pause = self._failed(
                problem(
                    ProblemKind.GARBLED,
                    f"{self.feed}: the answer could not be understood ({kind})",
                    remedy="It is asked again by itself.",
                )
            )
        due = self._clock.now() + timedelta(seconds=pause)
        self.reading = msgspec.structs.replace(reading, next_try=due)
        self._deliver(self.reading)
        self.first.set()
        return due

    def _failed(self, cause: Problem) -> tuple[Reading[T], float]:
        now = self._clock.now()
        reading = self.reading.failed(cause, now)
        return reading, backoff(cause.kind, reading.failures, self._pause(now), self._jitter())

    async def _rest(self, until: datetime) -> None:
        sleep = asyncio.ensure_future(self._clock.sleep((until - self._clock.now()).total_seconds()))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            # Registered with the clock before anyone may believe that this poll sleeps.
            await asyncio.sleep(0)
            self._due = until
            await asyncio.wait({sleep, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._due = None
            self._wake.clear()
            sleep.cancel()
            waking.cancel()


def backoff(kind: ProblemKind, failures: int, pause: float, jitter: float) -> float:
    """Seconds to the next try after `failures` failed ones in a row; `pause` is the feed's usual one."""
    if kind in CREDENTIALS:
        return PROBE_S
    ceiling = NETWORK_CEILING_S if kind in NETWORK else CEILING_S
    start = min(pause, ceiling) if kind not in NETWORK else min(pause, 2.0)
    grown = min(ceiling, start * 2.0 ** min(max(failures - 1, 0), 10))
    return min(ceiling, grown * (0.75 + 0.5 * jitter))


def every(seconds: Callable[[], float]) -> Callable[[datetime], float]:
    """A pause that is the same whatever the time; asked anew each turn, so that it may change."""
    return lambda now: seconds()


def aligned(seconds: Callable[[], float], offset: float) -> Callable[[datetime], float]:
    """A pause that ends `offset` seconds after a multiple of `seconds` on the account's clock."""

    def pause(now: datetime) -> float:
        cadence = seconds()
        late = min(offset, cadence / 2.0)
        return cadence - (now.timestamp() - late) % cadence

    return pause
