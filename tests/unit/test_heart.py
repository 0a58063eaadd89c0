"""The screen goes on by itself, gathers what comes together, and tells when it fails."""

from __future__ import annotations

import asyncio
from contextvars import Context, ContextVar

import pytest

from tui import heart
from tui.heart import Heart


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats of ten milliseconds."""
    monkeypatch.setattr(heart, "BEAT", 0.01)
    monkeypatch.setattr(heart, "GATHER", 0.01)


async def settled(turns: int = 1) -> None:
    for _ in range(turns):
        await asyncio.sleep(0.012)


class Told:
    """Counts what a heart calls."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.beats = self.shows = 0
        self.failures: list[Exception] = []
        self._failure = failure
        self.heart = Heart(self.beat, self.show, self.failures.append)

    def beat(self) -> None:
        self.beats += 1

    def show(self) -> None:
        self.shows += 1
        if self._failure is not None:
            raise self._failure


@pytest.mark.parametrize("pace", [heart.LIVELY_BEATS, heart.CALM_BEATS])
async def test_it_shows_after_as_many_beats_as_its_pace_says(pace: int) -> None:
    told = Told()
    told.heart.pace = pace
    told.heart.start()
    while told.beats < 3 * pace:
        await settled()
    told.heart.stop()
    assert told.shows == told.beats // pace


async def test_what_is_asked_for_is_shown_at_once_and_what_is_asked_for_meanwhile_once_more() -> None:
    told = Told()
    told.heart.soon()
    assert told.shows == 1
    for _ in range(5):
        told.heart.soon()
    assert told.shows == 1
    await settled(3)
    assert told.shows == 2
    await settled(3)
    assert told.shows == 2


async def test_nothing_is_called_after_it_stopped() -> None:
    told = Told()
    told.heart.start()
    told.heart.soon()
    told.heart.soon()
    told.heart.stop()
    await settled(5)
    assert (told.beats, told.shows) == (0, 1)


async def test_a_failure_is_told_once_and_stops_it() -> None:
    told = Told(RuntimeError("broken"))
    told.heart.start()
    told.heart.soon()
    await settled(5)
    assert [str(one) for one in told.failures] == ["broken"]
    assert told.beats == 0


async def test_what_is_asked_for_from_elsewhere_is_shown_in_the_context_it_was_started_in() -> None:
    where: ContextVar[str] = ContextVar("where", default="elsewhere")
    seen: list[str] = []
    beating = Heart(lambda: None, lambda: seen.append(where.get()), lambda error: None)
    where.set("here")
    beating.start()
    Context().run(beating.soon)
    Context().run(beating.soon)
    while len(seen) < 2:
        await settled()
    beating.stop()
    assert set(seen) == {"here"}
