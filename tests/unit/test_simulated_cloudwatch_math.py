"""Metric math against the worked examples of the CloudWatch User Guide ("Using metric math"), and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulated.cloudwatch.mathsyntax import MathError, parse
from services.simulated.cloudwatch.mathvalues import Series
from services.simulated.cloudwatch.metricmath import Expressions

Points = list[float | None]


def series(points: Points, period: int = 60) -> Series:
    found = {index * period: float(value) for index, value in enumerate(points) if value is not None}
    return Series(found, period, is_metric=True)


def expressions(expression: str, size: int = 5, **metrics: Points) -> Expressions:
    known = {name: series(points) for name, points in metrics.items()}
    return Expressions(
        {name: (lambda found=found: found) for name, found in known.items()},  # type: ignore[misc]  # a default has no type
        {"e": expression},
        lambda period: range(0, size * 60, period),
    )


def compute(expression: str, size: int = 5, **metrics: Points) -> Points:
    (found,) = expressions(expression, size, **metrics).series("e")
    return [found.points.get(index * 60) for index in range(size)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("metric1 < metric2", [0, 0, 1, 0]),
        ("metric1 >= 30", [1, 0, 0, 0]),
        ("metric1 > 15 AND metric2 > 15", [1, 0, 0, 0]),
        ("metric1 > 15 && metric2 > 15", [1, 0, 0, 0]),
        ("metric1 > 15 OR metric2 > 15", [1, 1, 1, 0]),
    ],
)
def test_comparisons_give_what_the_guide_s_table_gives(expression: str, expected: Points) -> None:
    assert compute(expression, 4, metric1=[30, 20, 0, 0], metric2=[20, None, 20, None]) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(metric1, metric2, metric3)", [30, 0, 20, None, None]),
        ("IF(metric1, 5, metric3)", [5, 5, 20, None, None]),
        ("IF(metric1, metric2, 5)", [30, 0, 5, 5, None]),
        ("IF(metric1, metric2)", [30, 0, None, None, None]),
    ],
)
def test_if_gives_what_the_guide_s_tables_give(expression: str, expected: Points) -> None:
    found = compute(
        expression, 5, metric1=[1, 1, 0, 0, None], metric2=[30, None, 0, 0, 30], metric3=[0, 0, 20, None, 20]
    )
    assert found == expected


@pytest.mark.parametrize(
    ("expression", "m1", "m2", "expected"),
    [
        ("m1 + m2", [1, None, 3], [10, 20, None], [11, 20, 3]),
        ("m1 - m2", [1, None, 3], [10, 20, None], [-9, -20, 3]),
        ("m1 / m2", [1, 2, 3], [10, 0, None], [0.1, None, None]),
        ("100 * m1 / m2", [3, None, 0], [20, 20, 20], [15, 0, 0]),
        ("m1 * 2 + 1", [1, None, 3], [], [3, None, 7]),
        ("-m1 ^ 2", [1, 2, 3], [], [-1, -4, -9]),
        ("2 ^ 3 ^ 2 * m1", [1, None, None], [], [512, None, None]),
        ("m1 - (m2 - 1)", [1, 2, 3], [1, 1, 1], [1, 2, 3]),
        ("m1 + 2 * m2", [1, 1, 1], [1, 2, 3], [3, 5, 7]),
        ("SUM([m1, m2])", [1, None, 3], [10, 20, None], [11, 20, 3]),
        ("AVG([m1, m2])", [1, None, 3], [10, 20, None], [5.5, 10, 1.5]),
        ("MAX([m1, m2])", [1, None, 3], [10, 20, None], [10, 20, 3]),
        ("MIN([m1, m2])", [1, None, 3], [10, 20, None], [1, 20, 3]),
        ("SUM(METRICS())", [1, None, 3], [10, 20, None], [11, 20, 3]),
        ('SUM(METRICS("2"))', [1, None, 3], [10, 20, None], [10, 20, None]),
        ("m1 - MIN(m1)", [5, None, 3], [], [2, None, 0]),
        ("m1 / SUM(m1)", [1, None, 3], [], [0.25, None, 0.75]),
        ("m1 - AVG(m2)", [1, 2, 3], [], [None, None, None]),
        ("m1 / PERIOD(m1)", [60, None, 120], [], [1, None, 2]),
        ("FILL(m1, 7)", [1, None, 3], [], [1, 7, 3]),
        ("FILL(m1, 0)", [], [], [0, 0, 0]),
        ("FILL(m1, m2)", [1, None, None], [5, 6, None], [1, 6, None]),
        ("FILL(m1, REPEAT)", [None, 2, None], [], [None, 2, 2]),
        ("FILL(m1, LINEAR)", [1, None, 3], [], [1, 2, 3]),
        ("FILL(m1, LINEAR)", [None, 1, None], [], [None, 1, None]),
        ("RATE(m1)", [0, 60, None], [], [None, 1, None]),
        ("DIFF(m1)", [1, None, 4], [], [None, None, 3]),
        ("DIFF_TIME(m1)", [1, None, 4], [], [None, None, 120]),
        ("RUNNING_SUM(m1)", [1, None, 4], [], [1, None, 5]),
        ("ABS(m1)", [-1, None, 4], [], [1, None, 4]),
        ("CEIL(m1) + FLOOR(m1)", [1.5, None, 4], [], [3, None, 8]),
        ("LOG10(m1)", [100, 0, None], [], [2, None, None]),
        ("TIME_SERIES(MAX(m1))", [1, None, 4], [], [4, 4, 4]),
        ("m1 / DATAPOINT_COUNT(m1)", [2, None, 4], [], [1, None, 2]),
        ("m1 / METRIC_COUNT(METRICS())", [2, None, 4], [1], [1, None, 2]),
        ("FIRST(SORT(METRICS(), AVG, DESC))", [1, 1, 1], [5, None, 5], [5, None, 5]),
        ("LAST(SORT(METRICS(), SUM, DESC))", [1, 1, 1], [5, None, 5], [1, 1, 1]),
        ("SUM(SLICE(SORT(METRICS(), MAX, ASC), 1))", [1, 1, 1], [5, None, 5], [5, None, 5]),
        ("SUM(REMOVE_EMPTY(METRICS()))", [1, 1, 1], [], [1, 1, 1]),
        ("MINUTE(m1)", [1, None, None], [], [0, 1, 2]),
        ("SUM(100 / [m1, m2])", [50, 25, None], [100, None, 10], [3, 4, 10]),
        ("AVG([m1, m2] / m2)", [2, 4, 6], [2, 4, 6], [1, 1, 1]),
        ("SUM(-[m1, m2])", [1, 2, 3], [1, 2, 3], [-2, -4, -6]),
    ],
)
def test_expressions_treat_missing_points_as_documented(
    expression: str, m1: Points, m2: Points, expected: Points
) -> None:
    found = compute(expression, 3, m1=m1, m2=m2)
    assert [value is None for value in found] == [value is None for value in expected]
    assert [v for v in found if v is not None] == pytest.approx([v for v in expected if v is not None])


def test_an_array_gives_one_series_each() -> None:
    found = expressions("METRICS() / 100", 1, m1=[100], m2=[200]).series("e")
    assert [one.points for one in found] == [{0: 1.0}, {0: 2.0}]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("SEARCH('{AWS/Lambda}', 'Sum')", "SEARCH is not served"),
        ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY_DETECTION_BAND is not served"),
        ("NOSUCH(m1)", "Unknown function NOSUCH"),
        ("m9 + 1", 'Undefined variable "m9"'),
        ("AVG(m1)", "must return a time series"),
        ("5", "must return a time series"),
        ("e + 1", "refers to itself"),
        ("IF(m1)", "IF does not take 1 arguments"),
        ("PERIOD(m1 + 1) * m1", "PERIOD takes a metric"),
        ("SUM(m1, m1)", "SUM does not take 2 arguments"),
        ("FILL(m1, SOMEHOW)", 'Undefined variable "SOMEHOW"'),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(expression: str, says: str) -> None:
    with pytest.raises(MathError, match=says):
        expressions(expression, m1=[1, 2]).series("e")


@pytest.mark.parametrize("text", ["", "m1 +", "(m1", "m1 m2", "[m1, m2", "m1 $ 2", "SUM(m1,)", "1..2"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(MathError):
        parse(text)


@given(st.text(alphabet="m12 +-*/()[],<>=&|.AVGSUM\"'^#", max_size=40))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        parse(text)
    except MathError as error:
        assert str(error)
