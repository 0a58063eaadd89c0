"""What screen 2 can show, how it is measured, which lines the runbook draws through it, and with what it begins."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from services.model.assessment import Assessment, Judgement, State, Unit, Verdict
from services.model.reading import Reading
from services.model.series import MetricId, Metrics, Series, Signal
from services.model.situation import Situation
from services.safe_text import safe
from services.settings.loading import load
from tests.unit.alerts_support import reading
from tui.metric_choices import choices, first_choice, matching, ranked, thresholds, unit_and_scale

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def _metric(namespace: str, name: str, region: str = "us-west-2") -> MetricId:
    return MetricId(region, namespace, name, (("X", "y"),))


LATENCY, ERRORS = _metric("AWS/ApiGateway", "Latency"), _metric("AWS/ApiGateway", "5XXError")
DURATION, EDGE = _metric("AWS/Lambda", "Duration"), _metric("AWS/CloudFront", "4xxErrorRate", "us-east-1")


def _id(metric: MetricId) -> str:
    return Signal(metric.name, "r", metric, ("Average",), 60).id


def _metrics(*metrics: MetricId, period: int = 60) -> Reading[Metrics]:
    signals = [Signal(metric.name, "r", metric, ("Average",), period) for metric in metrics]
    return Reading(Metrics({one.id: Series(one, {}, 0, 60) for one in signals}), NOW, NOW)


SITUATION = Situation(
    "production", NOW, metrics=_metrics(LATENCY, ERRORS), percentiles=_metrics(LATENCY, DURATION, period=300),
    edge_metrics=_metrics(EDGE),
)  # fmt: skip


def _assessment(**states: State) -> Assessment:
    judgements = {
        key.replace("_", "."): Judgement(
            key.replace("_", "."), key, state, 1.0, Unit.COUNT, safe(""), safe("")
        )
        for key, state in states.items()
    }  # fmt: skip
    return Assessment(NOW, Verdict(State.OK, safe("")), judgements, ())


def test_each_metric_is_offered_once_the_watched_before_the_browsed() -> None:
    browsed = (LATENCY, _metric("AWS/Lambda", "Throttles"))
    found = choices(SITUATION, browsed)
    assert [one.title for one in found] == ["Latency", "5XXError", "4xxErrorRate", "Duration", "Throttles"]
    assert [one.watched for one in found] == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("states", "first"),
    [
        ({"api_latency": State.OK, "api_errors": State.CRIT}, "5XXError"),
        ({"lambda_duration": State.WARN, "api_errors": State.ELEVATED}, "Duration"),
        ({"api_latency": State.OK, "api_errors": State.OK}, "Latency"),
        ({}, "Latency"),
    ],
)
def test_the_screen_begins_with_what_is_worst(states: dict[str, State], first: str) -> None:
    chosen = first_choice(choices(SITUATION), _assessment(**states))
    assert chosen is not None
    assert chosen.title == first


READS, WRITES = _metric("AWS/DynamoDB", "ReadThrottleEvents"), _metric("AWS/DynamoDB", "WriteThrottleEvents")


def test_throttles_are_what_it_begins_with_and_of_their_series_the_one_that_has_them() -> None:
    throttled = msgspec.structs.replace(SITUATION, metrics=_metrics(LATENCY, ERRORS, READS, WRITES))
    told = msgspec.structs.replace(
        _assessment(table_throttles=State.CRIT, api_latency=State.ELEVATED, api_errors=State.OK),
        alerts=(msgspec.structs.replace(reading("F"), about="table.throttles", signals=(_id(WRITES),)),),
    )
    chosen = first_choice(choices(throttled), told, throttled)
    assert chosen is not None and chosen.metric == WRITES
    rows = [
        (one.choice.metric, one.standing and one.standing.state) for one in ranked(choices(throttled), throttled, told)
    ]
    assert rows[:2] == [(WRITES, State.CRIT), (LATENCY, State.ELEVATED)], "the worst first, of a single resource too"
    assert (READS, None) in rows, "what is added up from both stands at one of them"
    whole = MetricId("us-west-2", "AWS/ApiGateway", "Latency", ())
    unjudged = ranked(choices(throttled, (whole,)), throttled, told)[-1]
    assert (unjudged.choice.metric, unjudged.standing) == (whole, None), "it is of no stage: nobody judged it"


def test_without_any_series_there_is_nothing_to_begin_with() -> None:
    assert first_choice(choices(Situation("production", NOW)), None) is None


@pytest.mark.parametrize(
    ("wanted", "count"), [("", 4), ("api", 2), ("api !5xx", 1), ("us-east-1", 1), ("cloudfront 4XX", 1), ("zzz", 0)]
)
def test_words_find_a_metric_by_name_namespace_resource_and_region(wanted: str, count: int) -> None:
    assert len(matching(choices(SITUATION), wanted)) == count


@pytest.mark.parametrize(
    ("metric", "statistic", "unit", "scale"),
    [
        (LATENCY, "p99", Unit.MILLISECONDS, 1.0),
        (LATENCY, "SampleCount", Unit.COUNT, 1.0),
        (ERRORS, "Average", Unit.PERCENT, 100.0),
        (ERRORS, "Sum", Unit.COUNT, 1.0),
        (EDGE, "Average", Unit.PERCENT, 1.0),
        (_metric("Shop", "OrderLatency"), "Average", Unit.COUNT, 1.0),  # nobody says in what it is measured
    ],
)
def test_a_statistic_is_read_in_its_unit(metric: MetricId, statistic: str, unit: Unit, scale: float) -> None:
    assert unit_and_scale(metric, statistic) == (unit, scale)


def test_the_lines_are_the_runbooks_and_only_where_they_are_about_the_statistic() -> None:
    settings = load()
    assert [line.value for line in thresholds(LATENCY, "Average", settings)] == [1000, 2000]
    assert [line.value for line in thresholds(ERRORS, "Average", settings)] == [5, 10]
    assert [line.value for line in thresholds(DURATION, "p99", settings)] == [10_000, 15_000]
    assert [line.value for line in thresholds(EDGE, "Average", settings)] == [10, 20]
    assert thresholds(ERRORS, "Sum", settings) == ()
    assert thresholds(_metric("AWS/Lambda", "Errors"), "Average", settings) == ()
