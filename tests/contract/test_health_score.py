"""The health score of the runbook's line 111: the dashboard's own, else one of the tiles whose formula is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws.health_score import ScoreReader
from services.model.assessment import Assessment, Judgement, State, Unit, Verdict
from services.model.health_score import Defined, Score
from services.model.reading import Reading
from services.problems import Problem, ProblemKind
from services.rules.health_score import FORMULA, FRESH, computed, score
from services.safe_text import safe
from services.simulated.cloudwatch.published import BUSINESS_NAMESPACE
from tests.contract.test_dashboards import PRIMARY, asking, calm, put
from tests.simulated_support import boto
from tests.unit.dashboard_support import metric
from tests.unit.widget_support import texts
from widgets.header import HeaderFacts, header_row
from widgets.health_view import HealthPage, health_rows
from widgets.spans import text_of

__all__ = ["calm"]

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def _assessment(**states: State) -> Assessment:
    tiles = {key: Judgement(key, key, one, None, Unit.COUNT, safe(""), safe("")) for key, one in states.items()}
    return Assessment(NOW, Verdict(State.OK, safe("")), tiles, ())


def _page(said: Defined | None, **states: State) -> str:
    rows = health_rows(HealthPage(NOW, computed(_assessment(**states)), FORMULA, said), 100)
    return " ".join("\n".join(texts(rows)).split())


@pytest.mark.runbook("R057")
async def test_the_score_that_the_dashboard_defines_is_shown(calm: Any) -> None:
    published = boto(calm, "cloudwatch").get_metric_statistics(
        Namespace=BUSINESS_NAMESPACE, MetricName="HealthScore",
        Dimensions=[{"Name": "Environment", "Value": "production"}],
        StartTime=datetime(2026, 11, 23, 2, 30, tzinfo=UTC), EndTime=datetime(2026, 11, 23, 3, 1, tzinfo=UTC),
        Period=60, Statistics=["Average"],
    )["Datapoints"]  # fmt: skip
    async with asking(calm) as account:
        said = await ScoreReader(account).read(PRIMARY)
    newest = max(published, key=lambda one: one["Timestamp"])
    assert (said.value, said.at) == (newest["Average"], newest["Timestamp"])
    page = _page(said, latency=State.CRIT)
    assert f"Health score {newest['Average']:.3g} as the dashboard EC2Manager-Enhanced-production defines it" in page
    assert "made of the tiles it would be 60 of 100" in page


@pytest.mark.runbook("R057")
async def test_where_none_is_defined_the_tiles_make_one_and_the_formula_is_shown(calm: Any) -> None:
    name = put(calm, metric(["AWS/Lambda", "Errors", "FunctionName", "f"], title="Errors"))
    async with asking(calm) as account:
        said = await ScoreReader(account).read(safe(name))
    page = _page(said, latency=State.CRIT, errors=State.WARN, hits=State.ELEVATED, edge=State.DENIED, api=State.OK)
    assert "Health score 30 of 100 made of the tiles" in page
    assert "the dashboard odd defines no health score" in page
    assert "100, less 40 for each tile that is CRIT, 15 for WARN, 10 for one that cannot be seen" in page
    for words in ("latency ✖ CRIT –40", "errors ▲ WARN –15", "hits ◆ ELEVATED –5", "edge ⊗ DENIED –10", "api ● OK 0"):
        assert words in page


def test_the_score_is_never_below_zero_and_what_is_quiet_or_switched_off_takes_nothing() -> None:
    every = {f"t{place}": State.CRIT for place in range(9)}
    assert computed(_assessment(**every)).value == 0
    assert computed(_assessment(a=State.NO_TRAFFIC, b=State.NOT_ENABLED, c=State.OK)).value == 100
    assert computed(_assessment(a=State.WAITING)).value is computed(None).value is None
    assert computed(_assessment(a=State.WAITING, b=State.NOT_ENABLED)).value is None, "nothing has been seen yet"


def test_the_dashboards_own_score_stands_while_it_is_young_and_the_tiles_speak_otherwise() -> None:
    said = Defined(safe("Board"), safe("Score"), 98.7, NOW - FRESH)
    assert score(Reading(said), _assessment(a=State.CRIT), NOW) == Score(98.7, own=True)
    later = NOW + timedelta(seconds=1)
    assert score(Reading(said), _assessment(a=State.CRIT), later) == Score(60, own=False)
    none = Defined(safe("Board"), why=safe("the dashboard Board defines no health score"))
    assert score(Reading(none), _assessment(a=State.OK), NOW) == Score(100, own=False)
    assert score(Reading(), None, NOW) is None


def test_what_the_dashboard_said_before_the_line_was_cut_is_not_of_this_moment() -> None:
    said = Defined(safe("d"), safe("Health score"), 100.0, NOW - timedelta(minutes=5))
    assert score(Reading(said), _assessment(a=State.STALE, b=State.OK), NOW) == Score(100.0, own=True)
    dark = _assessment(a=State.STALE, b=State.STALE, c=State.NOT_ENABLED)
    assert score(Reading(said), dark, NOW) == Score(80, own=False)
    failed = Reading(said).failed(Problem(ProblemKind.TIMEOUT, safe("no answer")), NOW)
    assert score(failed, _assessment(a=State.OK), NOW) == Score(100, own=False)


@pytest.mark.runbook("R057")
@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (Score(98.7, own=True), "health ████▉ 98.7  OPERATOR"),
        (Score(45, own=False), "health ██▎░░ ~45  OPERATOR"),
        (Score(0, own=False), "health ░░░░░ ~0  OPERATOR"),
        (Score(170, own=True), "health █████ 170  OPERATOR"),
    ],
)
def test_the_header_shows_the_score_as_a_gauge_down_to_eighty_columns(shown: Score, told: str) -> None:
    facts = HeaderFacts("EC2 Manager", "production", region="us-west-2", now=NOW, age=5.0, per_hour=0.02, score=shown)
    for width in (80, 120, 200):
        assert told in text_of(header_row(facts, width))
