"""Hundreds of functions in one stack: the short way says what the long way would, and nothing remembered goes stale."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.model.assessment import State
from services.model.functions import Function
from services.model.series import Series
from services.model.situation import Situation
from services.problems import ProblemKind, problem
from services.rules import index, judge, judging, worst
from services.rules.judging import Finding, Look, Question
from services.rules.view import Feed
from services.safe_text import safe
from services.watch.rounds import Rounds
from tests.unit.rules_support import NOW, SETTINGS, api_series, calm, epoch, metrics, read, series, steady
from tui.commands.report import report

NUMBERS = st.sampled_from([0.0, 1.0, 3.0, 40.0, 2_000.0, 31_000.0]) | st.floats()
MINUTES = st.integers(-2, 40).map(epoch)
POINTS = st.dictionaries(MINUTES, NUMBERS, max_size=12)


@dataclasses.dataclass
class Fleet:
    """Functions in a situation that is calm besides."""

    series: list[Series]
    count: int

    def situation(self, minutes_ago: float = 0) -> Situation:
        functions = tuple(
            Function(safe(f"fn-{number}"), safe("arn"), safe("Active"), safe("Successful"), timeout_s=30)
            for number in range(self.count)
        )
        parts = calm().parts.value
        assert parts is not None
        named = msgspec.structs.replace(parts, functions=tuple(one.name for one in functions))
        region = metrics(*api_series(steady(214), steady(0), steady(120)), *self.series)
        return calm(parts=read(named), functions=read(functions), metrics=read(region, minutes_ago))


def function(
    number: int,
    calls: dict[int, float],
    errors: dict[int, float],
    refused: dict[int, float],
    duration: dict[int, float],
) -> list[Series]:
    name = f"fn-{number}"
    return [
        series("lambda.invocations", name, {"Sum": calls}),
        series("lambda.errors", name, {"Sum": errors}),
        series("lambda.throttles", name, {"Sum": refused}),
        series("lambda.duration", name, {"Average": duration, "SampleCount": calls, "Maximum": duration}),
    ]


def quiet(number: int, calls: float = 60, duration: float = 80, errors: float = 0) -> list[Series]:
    return function(number, steady(calls), steady(errors), steady(0), steady(duration))


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    count = draw(st.integers(2, 7))
    found: list[Series] = []
    for number in range(count):
        if draw(st.booleans()):
            found += quiet(number, draw(st.sampled_from([1.0, 60.0])), draw(st.sampled_from([80.0, 90.0])))
        else:
            found += function(number, draw(POINTS), draw(POINTS), draw(POINTS), draw(POINTS))
    return Fleet(found, count)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fleets(), st.integers(0, 300))
def test_the_short_way_says_what_looking_at_every_function_says(fleet: Fleet, seconds_old: int) -> None:
    situation = fleet.situation(seconds_old / 60)
    told = []
    usual = worst.WHOLE
    for whole in (1_000, 0):
        worst.WHOLE = whole
        try:
            told.append(judge(situation, SETTINGS, NOW))
        finally:
            worst.WHOLE = usual
    whole_way, short_way = told
    assert short_way.judgements == whole_way.judgements
    assert short_way.alerts == whole_way.alerts
    assert short_way.verdict == whole_way.verdict


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fleets(), fleets(), st.lists(st.integers(0, 900), min_size=1, max_size=4))
def test_what_is_remembered_between_judgements_never_changes_one(one: Fleet, other: Fleet, ages: list[int]) -> None:
    usual = worst.WHOLE
    worst.WHOLE = 0
    try:
        situations = [fleet.situation(age / 60) for age in ages for fleet in (one, other)]
        # Each twice and in turn: what was kept of one must not be taken for another's.
        warm = [judge(situation, SETTINGS, NOW) for situation in situations * 2]
        cold = []
        for situation in situations * 2:
            index._INDEXES.clear()
            cold.append(judge(situation, SETTINGS, NOW))
    finally:
        worst.WHOLE = usual
    assert warm == cold


def as_answered(fleet: Fleet) -> Fleet:
    """Without points from the future: AWS answers nothing beyond what was asked for."""
    now = NOW.timestamp()
    past = [
        msgspec.structs.replace(
            one, points={name: {at: value for at, value in of.items() if at < now} for name, of in one.points.items()}
        )
        for one in fleet.series
    ]
    return Fleet(past, fleet.count)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fleets().map(as_answered), st.lists(st.integers(0, 1_500), min_size=2, max_size=3), st.integers(0, 3))
def test_metrics_that_stay_are_judged_anew_at_each_instant(fleet: Fleet, later: list[int], slower: int) -> None:
    """They age, a period that was filling ends, their feed fails, another feed answers: memory keeps none of it."""
    usual = worst.WHOLE
    worst.WHOLE = 0
    try:
        situation = fleet.situation()
        other = read(metrics(series("lambda.duration", f"fn-{slower}", {"p99": steady(900)}, period=300)))
        failed = situation.metrics.failed(problem(ProblemKind.FAILING, "AWS fails"), NOW)
        states = [situation, situation.folded("percentiles", other, NOW), situation.folded("metrics", failed, NOW)]
        instants = [NOW + timedelta(seconds=after) for after in sorted(later)]
        warm = [judge(one, SETTINGS, at) for at in instants for one in states]
        cold = []
        for at in instants:
            for one in states:
                index._INDEXES.clear()
                cold.append(judge(one, SETTINGS, at))
    finally:
        worst.WHOLE = usual
    assert warm == cold


def test_unchanged_series_are_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def looking(question: Question, feed: Feed, finding: Finding) -> Look:
        looked.append(question.key)
        return judging.look(question, feed, finding)

    monkeypatch.setattr(worst, "look", looking)
    situation = Fleet([one for number in range(20) for one in quiet(number, errors=9)], 20).situation()
    judge(situation, SETTINGS, NOW)
    assert looked.count("lambda.errors") == 20
    looked.clear()
    judge(situation.folded("alarms", read(()), NOW), SETTINGS, NOW + timedelta(seconds=5))
    assert "lambda.errors" not in looked


def test_other_thresholds_are_not_answered_from_memory() -> None:
    fleet = Fleet([one for number in range(20) for one in quiet(number, errors=0.2)], 20)
    situation = fleet.situation()
    strict = msgspec.structs.replace(
        SETTINGS,
        thresholds=msgspec.structs.replace(
            SETTINGS.thresholds,
            lambda_error_percent=msgspec.structs.replace(SETTINGS.thresholds.lambda_error_percent, normal=0.1),
        ),
    )
    assert judge(situation, SETTINGS, NOW).judgements["lambda.errors"].state is State.OK
    assert judge(situation, strict, NOW).judgements["lambda.errors"].state is State.ELEVATED
    assert judge(situation, SETTINGS, NOW).judgements["lambda.errors"].state is State.OK


def test_the_worst_of_hundreds_is_shown_and_named_and_all_are_ranked() -> None:
    series_of = [one for number in range(300) for one in quiet(number, duration=80 + number / 10)]
    series_of[4 * 123 : 4 * 124] = function(123, steady(60), steady(30), steady(0), steady(80))
    judgements = judge(Fleet(series_of, 300).situation(), SETTINGS, NOW).judgements
    errors, duration = judgements["lambda.errors"], judgements["lambda.duration"]
    assert errors.state is State.CRIT
    assert errors.detail.startswith("fn-123 · ")
    assert "The worst of 300: fn-123." in errors.reason
    assert (errors.standings[0].resource, errors.standings[0].value) == ("fn-123", 50.0)
    assert len(errors.standings) == len({one.resource for one in errors.standings}) == 300
    assert duration.detail.startswith("fn-299 · ")
    assert [one.resource for one in duration.standings[:3]] == ["fn-299", "fn-298", "fn-297"]


def test_the_verdict_names_which_of_many_functions_fails() -> None:
    series_of = [one for number in range(30) for one in quiet(number)]
    series_of[4 * 12 : 4 * 13] = function(12, steady(60), steady(30), steady(0), steady(80))
    situation = Fleet(series_of, 30).situation()
    verdict = judge(situation, SETTINGS, NOW).verdict
    assert verdict.sentence.startswith("Lambda errors of fn-12 50 % since ")
    region = situation.metrics.value
    assert region is not None
    api = {one.signal.id: one for one in api_series(steady(200), steady(60), steady(120))}
    both = msgspec.structs.replace(region, series={**region.series, **api})
    told = judge(msgspec.structs.replace(situation, metrics=read(both)), SETTINGS, NOW).verdict.sentence
    assert told.startswith("API errors 30 % since ")
    assert "Of 30 functions fn-12 fails most: 50 %" in told


def test_status_names_a_few_of_many_resources_and_counts_the_rest() -> None:
    situation = Fleet([one for number in range(90) for one in quiet(number)], 90).situation()
    found = report(SETTINGS.environments[0], situation, judge(situation, SETTINGS, NOW), "lambda")
    (row,) = found.components
    assert row.detail == "v41 · fn-0, fn-1, fn-2 and 87 more"


def test_a_function_that_nobody_calls_hides_none_of_those_that_are_called() -> None:
    idle = function(1, {epoch(50): 3.0}, {}, {}, {epoch(50): 80.0})
    found = judge(Fleet([*quiet(0), *idle], 2).situation(), SETTINGS, NOW).judgements["lambda.duration"]
    assert (found.state, found.value) == (State.OK, 80.0)
    assert found.standings[-1].state is State.NO_TRAFFIC
    both = judge(
        Fleet([*function(0, {epoch(50): 3.0}, {}, {}, {epoch(50): 80.0}), *idle], 2).situation(), SETTINGS, NOW
    )
    assert both.judgements["lambda.duration"].state is State.NO_TRAFFIC


@pytest.mark.parametrize(("every", "pause", "state"), [(1, 3, State.LATE), (5, 3, State.OK), (5, 4, State.OK)])
def test_a_pause_of_a_function_that_is_not_called_every_minute_is_not_late(
    every: int, pause: int, state: State
) -> None:
    """`every` so many minutes one is empty: of hundreds of such functions some always pause for three minutes."""
    until = pause + 2
    calls = {start: value for start, value in steady(2, 60, until).items() if every == 1 or start // 60 % every}
    rare = function(1, calls, dict.fromkeys(calls, 0.0), {}, dict.fromkeys(calls, 80.0))
    found = judge(Fleet([*quiet(0), *rare], 2).situation(), SETTINGS, NOW).judgements["lambda.duration"]
    assert found.state is state


def never(number: int, unknown: str = "all") -> tuple[list[Series], set[str]]:
    """A function without a point, and which of its series CloudWatch does not know."""
    own = function(number, {}, {}, {}, {})
    return own, {one.signal.id for one in own if unknown == "all" or one.signal.key == unknown}


def judged_of(situation: Situation, unpublished: set[str]) -> tuple[State, ...]:
    region = situation.metrics.value
    assert region is not None
    hints = dict.fromkeys(unpublished, "FunctionName=fn-0")
    known = msgspec.structs.replace(region, unpublished=frozenset(unpublished), hints=hints)
    found = judge(msgspec.structs.replace(situation, metrics=read(known)), SETTINGS, NOW).judgements
    return found["lambda.duration"].state, found["lambda.errors"].state


def test_a_function_that_was_never_invoked_hides_none_of_those_that_are() -> None:
    own, unknown = never(1)
    fleet = Fleet([*quiet(0), *own], 2).situation()
    assert judged_of(fleet, unknown) == (State.OK, State.OK)
    region = fleet.metrics.value
    assert region is not None
    known = msgspec.structs.replace(region, unpublished=frozenset(unknown))
    found = judge(msgspec.structs.replace(fleet, metrics=read(known)), SETTINGS, NOW).judgements["lambda.errors"]
    assert [(one.resource, one.state) for one in found.standings] == [("fn-0", State.OK), ("fn-1", State.NO_TRAFFIC)]


def test_a_function_that_is_invoked_under_a_name_unknown_for_its_errors_is_unverified() -> None:
    own = function(1, steady(60), {}, steady(0), steady(80))
    unknown = {one.signal.id for one in own if one.signal.key == "lambda.errors"}
    assert judged_of(Fleet([*quiet(0), *own], 2).situation(), unknown) == (State.OK, State.UNVERIFIED)


def test_where_no_function_is_known_the_names_may_be_wrong() -> None:
    (one, first), (other, second) = never(0), never(1)
    assert judged_of(Fleet([*one, *other], 2).situation(), first | second) == (State.UNVERIFIED, State.UNVERIFIED)


def test_a_function_of_which_not_everything_was_looked_up_is_not_called_new() -> None:
    own, unknown = never(1, "lambda.errors")
    assert judged_of(Fleet([*quiet(0), *own], 2).situation(), unknown)[1] is State.UNVERIFIED


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 5_000), st.floats(0, 5_000))
def test_a_slower_function_among_many_is_never_a_better_state(one: float, other: float) -> None:
    states = []
    for milliseconds in sorted((one, other)):
        fleet = Fleet([*quiet(0, duration=milliseconds * 4), *(s for n in range(1, 14) for s in quiet(n))], 14)
        states.append(judge(fleet.situation(), SETTINGS, NOW).judgements["lambda.duration"].state.severity)
    assert states == sorted(states)


@pytest.mark.parametrize(("names", "a_turn", "turns"), [(5, 10, 1), (25, 10, 3), (400, 30, 14)])
def test_everything_is_asked_in_turns_the_longest_unasked_first(names: int, a_turn: int, turns: int) -> None:
    rounds: Rounds[str] = Rounds(a_turn)
    every = [f"fn-{number}" for number in range(names)]
    for _ in range(turns):
        due = rounds.due(every)
        assert len(due) <= a_turn
        rounds.took((name, name.upper()) for name in due)
    assert rounds.all(every) == tuple(name.upper() for name in every)
    # The last turn had room left and began anew: the next one goes on behind it.
    assert rounds.due(every)[0] == every[max(0, turns * a_turn - names) if names > a_turn else 0]


def test_those_that_matter_are_asked_every_turn_and_what_is_gone_is_forgotten() -> None:
    rounds: Rounds[int] = Rounds(3)
    every = ["a", "b", "c", "d", "e"]
    for turn in range(3):
        due = rounds.due(every, {"e"})
        assert due[0] == "e"
        rounds.took((name, turn) for name in due)
    assert len(rounds.all(every)) == 5
    assert len(rounds.all(["a", "e"])) == 2
    assert rounds.due(["b", "a"])[0] == "b"
