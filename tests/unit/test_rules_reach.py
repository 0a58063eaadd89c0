"""A line that is dead is told at once, not when the slowest feed has grown old."""

from __future__ import annotations

from typing import Any

import pytest

from services.model.assessment import State
from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import Problem, ProblemKind
from services.rules import judge
from services.rules.reach import cut_off
from services.safe_text import safe
from tests.unit.rules_support import NOW, SETTINGS, api_series, at, calm, metrics, steady

FEEDS = ("stack", "releases", "alarms")


def failing(situation: Situation, kind: ProblemKind, *feeds: str) -> Situation:
    """`situation` with the last try of these feeds failed half a minute after the newest answer."""
    problem = Problem(kind, safe("nothing answers at http://127.0.0.1:5000"))
    for feed in feeds:
        reading: Reading[Any] = getattr(situation, feed)
        situation = situation.folded(feed, reading.failed(problem, at(-0.5)), at(-0.6))
    return situation


def test_calm_values_are_not_called_ok_once_nothing_answers_any_more() -> None:
    situation = failing(calm(), ProblemKind.UNREACHABLE, *FEEDS)
    told = judge(situation, SETTINGS, at(-0.6)).verdict
    assert told.state is State.STALE
    assert told.sentence.startswith("No answer since ")
    assert "nothing answers at http://127.0.0.1:5000. What is shown is from then" in told.sentence


def test_what_was_broken_stays_said_first() -> None:
    failing_api = api_series(steady(214), steady(60), steady(120))
    broken = calm(metrics=Reading(metrics(*failing_api), NOW, NOW))
    told = judge(failing(broken, ProblemKind.TIMEOUT, *FEEDS), SETTINGS, at(-0.6)).verdict
    assert told.state is State.CRIT
    assert told.sentence.startswith("API errors")
    assert "No answer since" in told.sentence


@pytest.mark.parametrize(
    ("kind", "feeds"),
    [
        (ProblemKind.UNREACHABLE, ("stack",)),
        (ProblemKind.DENIED, FEEDS),
        (ProblemKind.THROTTLED, FEEDS),
        (ProblemKind.FAILING, FEEDS),
    ],
)
def test_one_silent_feed_or_any_kind_of_answer_is_not_a_dead_line(kind: ProblemKind, feeds: tuple[str, ...]) -> None:
    assert cut_off(failing(calm(), kind, *feeds)) is None


def test_a_feed_that_is_refused_shows_that_the_line_is_alive() -> None:
    situation = failing(calm(), ProblemKind.UNREACHABLE, "stack", "releases")
    assert cut_off(situation) is not None
    assert cut_off(failing(situation, ProblemKind.DENIED, "alarms")) is None


def test_one_answer_ends_it() -> None:
    situation = failing(calm(), ProblemKind.UNREACHABLE, *FEEDS)
    assert situation.alarms.value is not None
    assert cut_off(situation.folded("alarms", situation.alarms.answered((), at(-0.7)), at(-0.7))) is None


def test_before_the_first_answer_it_is_not_a_line_that_was_cut() -> None:
    assert cut_off(failing(Situation("production", NOW), ProblemKind.UNREACHABLE, *FEEDS)) is None
