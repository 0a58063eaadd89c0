"""What feeds do when a stack lacks parts, or is not there at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.clock import ManualClock
from services.model.parts import Parts
from services.model.witness import RecordedWrite
from services.problems import AccountError, ProblemKind, problem
from services.safe_text import SafeText, safe
from services.settings.values import Environment
from services.watch.answers import Answers
from services.watch.feeds import Feeds
from services.watch.polling import Poll, every
from services.watch.trail_reading import WRITES_KEPT, joined

BARE = Parts(safe("S"), SafeText(""), ())
RESOURCES = (
    "functions", "releases", "apis", "tables", "distributions", "invalidations", "buckets", "user_pools", "signals",
    "evidence",
)  # fmt: skip


class Unasked:
    """An account that nobody may ask."""

    environment = Environment("production", "S", "us-west-2")
    clock = ManualClock(datetime(2025, 9, 14, tzinfo=UTC))

    async def ask(self, service: str, operation: str, parameters: Mapping[str, Any] | None = None, **_: Any) -> Any:
        raise AssertionError(f"{service}:{operation} was asked")


def feeds_of(parts: Parts | AccountError) -> Feeds:
    """Feeds whose discovery has answered `parts` and everything that follows from it its true answer."""
    account = Unasked()
    feeds = Feeds(account, Answers(account.environment))  # type: ignore[arg-type]  # it stands where an Account stands

    async def answer() -> Parts:
        if isinstance(parts, AccountError):
            raise parts
        return parts

    asks = {"parts": answer, "apis": feeds.apis, "tables": feeds.tables, "releases": feeds.releases}
    polls = feeds.answers.polls
    for name, ask in asks.items():
        polls[name] = Poll(name, ask, every(lambda: 60.0), lambda reading: None, account.clock, lambda: 0.5)
    return feeds


async def asked_once(feeds: Feeds) -> None:
    for name in ("parts", "apis", "tables", "releases"):
        await feeds.answers.polls[name]._turn()


@pytest.mark.parametrize("feed", RESOURCES)
async def test_a_part_that_the_stack_lacks_is_empty_and_costs_no_question(feed: str) -> None:
    feeds = feeds_of(BARE)
    await asked_once(feeds)
    assert await getattr(feeds, feed)() == ()


@pytest.mark.parametrize("feed", RESOURCES)
async def test_without_a_stack_every_part_says_why(feed: str) -> None:
    feeds = feeds_of(AccountError(problem(ProblemKind.NOT_FOUND, "there is no stack S")))
    await asked_once(feeds)
    with pytest.raises(AccountError) as caught:
        await getattr(feeds, feed)()
    assert caught.value.problem.kind is ProblemKind.NOT_FOUND
    assert "no stack S" in caught.value.problem.message


def a_write(minutes: int, name: str = "") -> RecordedWrite:
    at = datetime(2026, 3, 14, 3, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    return RecordedWrite(at, safe("lambda"), safe("UpdateAlias"), safe("casey"), id=name or f"event {minutes}")


def test_the_trail_says_from_when_on_it_is_known_whole() -> None:
    start = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
    first = joined(None, (a_write(50), a_write(10)), start, whole=True)
    assert first.since == start
    late = joined(first, (a_write(60), a_write(50), a_write(45)), start + timedelta(minutes=40), whole=True)
    assert [write.id for write in late.writes] == ["event 60", "event 50", "event 45", "event 10"]
    assert late.since == start
    cut = joined(late, (a_write(90), a_write(80)), start + timedelta(minutes=80), whole=False)
    assert cut.since == start + timedelta(minutes=80)
    full = joined(None, tuple(a_write(-minutes) for minutes in range(WRITES_KEPT + 5)), start, whole=True)
    assert len(full.writes) == WRITES_KEPT
    assert full.since == full.writes[-1].at or full.since == start
