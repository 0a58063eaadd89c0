"""A poll asks for ever, backs off, and keeps what it knew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock import ManualClock
from services.model.reading import Reading
from services.problems import AccountError, ProblemKind, problem
from services.watch.polling import CEILING_S, NETWORK, NETWORK_CEILING_S, PROBE_S, Poll, aligned, backoff, every

START = datetime(2025, 9, 14, 3, 7, 12, tzinfo=UTC)


class Scene:
    """A poll on a manual clock, whose answers are a script."""

    def __init__(self, *script: object, pause: float = 30.0) -> None:
        self.clock = ManualClock(START)
        self.script = list(script)
        self.asked = 0
        self.readings: list[Reading[object]] = []
        self.poll: Poll[object] = Poll(
            "stack", self.answer, every(lambda: pause), self.readings.append, self.clock, lambda: 0.5
        )

    async def answer(self) -> object:
        self.asked += 1
        told = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(told, BaseException):
            raise told
        return told

    async def settle(self) -> None:
        for _ in range(200):
            await asyncio.sleep(0)
            if self.poll.asleep(self.clock.now()):
                return
        raise AssertionError("the poll does not come to rest")


def failing(kind: ProblemKind) -> AccountError:
    return AccountError(problem(kind, "no"))


async def played(scene: Scene, *moves: Callable[[], None]) -> None:
    task = asyncio.create_task(scene.poll.run())
    await scene.settle()
    for move in moves:
        move()
        await scene.settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_answer_is_told_with_its_time_and_the_next_try() -> None:
    scene = Scene("good")
    await played(scene)
    (reading,) = scene.readings
    assert reading.value == "good"
    assert reading.taken == START
    assert reading.next_try is not None
    assert (reading.next_try - START).total_seconds() == 30


async def test_a_failure_keeps_the_old_value_and_the_loop_goes_on() -> None:
    scene = Scene("old", failing(ProblemKind.THROTTLED), "new")
    await played(scene, lambda: scene.clock.advance(30), lambda: scene.clock.advance(60))
    assert [(reading.value, reading.failures) for reading in scene.readings] == [("old", 0), ("old", 1), ("new", 0)]
    assert scene.readings[1].taken == START
    assert scene.readings[1].problem is not None


async def test_an_unforeseen_exception_costs_one_turn_and_is_named() -> None:
    scene = Scene(KeyError("StackName"), "good")
    await played(scene, lambda: scene.clock.advance(60))
    first, second = scene.readings
    assert first.problem is not None
    assert first.problem.kind is ProblemKind.GARBLED
    assert "KeyError" in first.problem.message
    assert second.value == "good"


async def test_nothing_is_asked_before_its_time() -> None:
    scene = Scene("good")
    await played(scene, lambda: scene.clock.advance(29.9))
    assert scene.asked == 1


async def test_a_wake_asks_at_once_and_starts_the_pause_anew() -> None:
    scene = Scene("good")
    await played(scene, lambda: scene.clock.advance(10), scene.poll.wake, lambda: scene.clock.advance(29))
    assert scene.asked == 2
    assert scene.readings[-1].taken == datetime(2025, 9, 14, 3, 7, 22, tzinfo=UTC)


async def test_an_amendment_completes_the_value_without_making_it_younger() -> None:
    scene = Scene("half")

    def amend() -> None:
        scene.clock.advance(5)
        scene.poll.amend(lambda value: f"{value} and half")

    await played(scene, amend)
    assert scene.readings[-1].value == "half and half"
    assert scene.readings[-1].taken == START


@pytest.mark.parametrize("kind", [ProblemKind.EXPIRED, ProblemKind.NO_CREDENTIALS, ProblemKind.WRONG_ACCOUNT])
def test_credentials_are_probed_at_a_fixed_pace(kind: ProblemKind) -> None:
    assert {backoff(kind, failures, 5.0, 0.9) for failures in range(1, 20)} == {PROBE_S}


@given(
    st.sampled_from(list(ProblemKind)), st.integers(1, 10_000), st.floats(0.5, 3600), st.floats(0, 1, exclude_max=True)
)
def test_a_pause_after_failures_is_above_nothing_and_below_the_ceiling(
    kind: ProblemKind, failures: int, pause: float, jitter: float
) -> None:
    ceiling = NETWORK_CEILING_S if kind in NETWORK else CEILING_S
    assert 0 < backoff(kind, failures, pause, jitter) <= ceiling


def test_throttling_widens_the_pause_until_the_ceiling() -> None:
    pauses = [backoff(ProblemKind.THROTTLED, failures, 30, 0.5) for failures in range(1, 7)]
    assert pauses == [30, 60, 120, 240, 300, 300]


@given(st.floats(0, 4e9), st.sampled_from([30.0, 60.0, 300.0]))
def test_an_aligned_pause_ends_just_after_the_boundary(at: float, cadence: float) -> None:
    now = datetime.fromtimestamp(at, UTC)
    pause = aligned(lambda: cadence, 10.0)(now)
    assert 0 < pause <= cadence
    assert (now.timestamp() + pause - 10.0) % cadence == pytest.approx(0, abs=1e-3) or (
        now.timestamp() + pause - 10.0
    ) % cadence == pytest.approx(cadence, abs=1e-3)
