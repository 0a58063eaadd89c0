"""The runbook's thresholds on a dashboard's charts: where they are about what is drawn, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.model.dashboards import Answer, Board, Filled, Level, MetricWidget
from services.safe_text import safe
from services.settings.loading import load
from tests.unit.dashboard_support import API, metric, parsed
from tui.dashboard_levels import with_thresholds

START = 1_795_392_000
ERRORS = ["AWS/ApiGateway", "5XXError", "ApiName", "api", "Stage", "prod"]


def _levels(*peaks: float, rows: list[list[Any]], **properties: Any) -> list[tuple[float, str]]:
    """Levels of a chart of these rows whose lines reach these peaks."""
    dashboard = parsed(metric(*rows, **properties))
    answers = tuple(
        Answer(line, safe(f"line {line}"), ((START, 0.0), (START + 60, peak)), 60) for line, peak in enumerate(peaks)
    )
    board = Board(dashboard, {0: Filled(answers)}, {}, datetime.fromtimestamp(START, UTC))
    content = with_thresholds(board, load()).dashboard.widgets[0].content
    assert isinstance(content, MetricWidget)
    return [(level.value, str(level.label)) for level in content.levels]


def test_latency_gets_the_runbooks_lines_as_soon_as_it_has_come_half_way_to_them() -> None:
    rows = [[*API, {"stat": stat}] for stat in ("Average", "p95")]
    assert _levels(100, 400, rows=rows) == []
    assert _levels(100, 500, rows=rows) == [(1000, "warn")]
    assert _levels(100, 1000, rows=rows) == [(1000, "warn"), (2000, "crit")]


def test_an_error_rate_is_drawn_in_cloudwatchs_own_unit() -> None:
    assert _levels(0.12, rows=[[*ERRORS, {"stat": "Average"}]]) == [(0.05, "warn"), (0.1, "crit")]
    assert _levels(12, rows=[[*ERRORS, {"stat": "Sum"}]]) == [], "no threshold is about counts of errors"


def test_a_line_the_body_draws_itself_is_not_drawn_twice() -> None:
    own = {"horizontal": [{"label": "warning", "value": 1000}]}
    assert _levels(1500, rows=[[*API, {"stat": "Average"}]], annotations=own) == [(1000, "warning"), (2000, "crit")]


@pytest.mark.parametrize(
    ("rows", "properties"),
    [
        ([[*API, {"stat": "Average"}], [*ERRORS, {"stat": "Average"}]], {}),
        ([[*API, {"stat": "Average"}], [{"expression": "m1 * 2", "id": "e1"}]], {}),
        ([[*API, {"stat": "Average"}]], {"stacked": True}),
        ([[*API, {"stat": "Average"}]], {"view": "singleValue"}),
        ([["Custom", "Latency", "ApiName", "api", {"stat": "Average"}]], {}),
    ],
)
def test_where_it_would_be_unclear_what_a_line_is_about_there_is_none(
    rows: list[list[Any]], properties: dict[str, Any]
) -> None:
    assert _levels(5000, rows=rows, **properties) == []


def test_each_side_has_its_own() -> None:
    rows = [[*ERRORS, {"stat": "Sum"}], [*API, {"stat": "Average", "yAxis": "right"}]]
    dashboard = parsed(metric(*rows))
    answers = tuple(Answer(line, safe("x"), ((START, 1500.0),), 60) for line in (0, 1))
    board = Board(dashboard, {0: Filled(answers)}, {}, datetime.fromtimestamp(START, UTC))
    content = with_thresholds(board, load()).dashboard.widgets[0].content
    assert isinstance(content, MetricWidget)
    assert content.levels == (Level(1000, safe("warn"), True), Level(2000, safe("crit"), True))
