"""Clocks: the account's time moves only as it is told to; machine time is never scaled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.clock import ManualClock, RealClock, ScaledClock

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


async def _slept(clock: ManualClock, seconds: float, log: list[tuple[float, datetime]]) -> None:
    await clock.sleep(seconds)
    log.append((seconds, clock.now()))


async def test_a_manual_clock_wakes_its_sleepers_in_the_order_of_their_deadlines() -> None:
    clock = ManualClock(START)
    log: list[tuple[float, datetime]] = []
    tasks = [asyncio.create_task(_slept(clock, seconds, log)) for seconds in (30, 10, 20)]
    await asyncio.sleep(0)
    assert clock.sleepers == 3
    clock.advance(25)
    await asyncio.wait(tasks[1:])
    assert [seconds for seconds, _ in log] == [10, 20]
    assert clock.sleepers == 1
    clock.advance(5)
    await tasks[0]
    assert log[-1] == (30, START + timedelta(seconds=30))


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = ManualClock(START)
    task = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert clock.sleepers == 0
    clock.advance(60)


async def test_a_manual_clock_wakes_sleepers_of_another_threads_loop() -> None:
    clock = ManualClock(START)

    def other() -> datetime:
        async def body() -> datetime:
            await clock.sleep(5)
            return clock.now()

        return asyncio.run(body())

    waiting = asyncio.create_task(asyncio.to_thread(other))
    while not clock.sleepers:
        await asyncio.sleep(0)
    clock.advance(5)
    assert await waiting == START + timedelta(seconds=5)


def test_a_scaled_clock_starts_where_it_is_told_and_runs_faster() -> None:
    clock = ScaledClock(START, speed=1_000_000)
    began = clock.monotonic()
    assert clock.now() >= START
    while clock.now() < START + timedelta(hours=1):
        pass
    assert clock.monotonic() - began < 60


def test_a_clock_that_stands_still_or_runs_backwards_is_refused() -> None:
    for speed in (0, -1):
        with pytest.raises(ValueError, match="above 0"):
            ScaledClock(START, speed)


def test_every_clock_tells_aware_utc() -> None:
    for clock in (RealClock(), ScaledClock(START), ManualClock(START)):
        assert clock.now().utcoffset() == timedelta(0)
