"""Metrics Insights of the simulated account: the language, what it looks at, what it answers, and its quotas."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.simulated.cloudwatch import metricsinsights, sqlsyntax
from services.simulated.cloudwatch.sqlsyntax import Condition, Select, SqlError, parse
from services.simulated.protocol import AwsError
from tests.unit.cloudwatch_support import CloudWatch, metric

WORST = 'SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName ORDER BY SUM() DESC LIMIT 3'


def sql(expression: str, period: int = 60, **more: Any) -> dict[str, Any]:
    return {"Id": "worst", "Expression": expression, "Period": period} | more


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            WORST,
            Select("SUM", "Errors", "AWS/Lambda", frozenset({"FunctionName"}), (), ("FunctionName",), "SUM", True, 3),
        ),
        ("select avg(Latency) from N", Select("AVG", "Latency", "N", None)),
        ('SELECT MAX("a b") FROM "My/N"', Select("MAX", "a b", "My/N", None)),
        (
            'SELECT COUNT(x) FROM SCHEMA(N, a, "b c") WHERE a = \'it is\' AND "b c" != \'1\' GROUP BY a, "b c"',
            Select(
                "COUNT",
                "x",
                "N",
                frozenset({"a", "b c"}),
                (Condition("a", True, "it is"), Condition("b c", False, "1")),
                ("a", "b c"),
            ),
        ),
        ("SELECT MIN(x) FROM N ORDER BY MAX() ASC", Select("MIN", "x", "N", None, order_by="MAX")),
    ],
)
def test_a_query_is_read(text: str, found: Select) -> None:
    assert sqlsyntax.is_select(text)
    assert parse(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT", "Expected a function"),
        ("SELECT p99(x) FROM N", "Unknown function P99"),
        ("SELECT SUM(x)", "Expected FROM, found the end"),
        ("SELECT SUM(x) FROM AWS/Lambda", "Unexpected '/'"),
        ("SELECT SUM(x) FROM N WHERE a = b", "a value in single quotes"),
        ("SELECT SUM(x) FROM N WHERE a > '1'", "Unexpected '>'"),
        ("SELECT SUM(x) FROM N LIMIT 0", "between 1 and 500"),
        ("SELECT SUM(x) FROM N LIMIT 501", "between 1 and 500"),
        ("SELECT SUM(x) FROM N LIMIT many", "Expected a number"),
        ("SELECT SUM(x) FROM N ORDER BY x", "Unknown function X"),
        ("SELECT SUM(x) FROM SCHEMA(N, a) GROUP BY b", "not in SCHEMA"),
        ("SELECT SUM(x) FROM N; DROP", "Unexpected ';'"),
        ("SELECT SUM(x) FROM N HAVING", "Unexpected HAVING"),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SqlError) as refused:
        parse(text)
    assert said in str(refused.value)


@settings(deadline=None)
@given(st.text("SELECTFROMsumx()\"' ,=!'WHEREGROUPBYLIMIT0129", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except SqlError:
        return
    assert sqlsyntax.is_select(text)


def test_the_worst_come_first_with_what_their_own_series_say() -> None:
    cloud = CloudWatch("bad-deploy", (150, 42))
    answer = cloud.data([sql(WORST)], 0, 600, 900)["MetricDataResults"]
    assert [one["Id"] for one in answer] == ["worst"] * len(answer)
    assert answer[0]["Label"] == cloud.production.function
    totals = [sum(one["Values"]) for one in answer]
    assert totals == sorted(totals, reverse=True)
    assert totals[0] > 0
    for one in answer:
        exact = cloud.values("AWS/Lambda", "Errors", {"FunctionName": one["Label"]}, "Sum", begin=0, end=600, now=900)
        assert list(exact.values()) == one["Values"]


def test_without_groups_it_is_one_series_over_everything_it_looks_at() -> None:
    cloud = CloudWatch()
    (answer,) = cloud.data([sql('SELECT SUM(Invocations) FROM SCHEMA("AWS/Lambda", FunctionName)')], -600, 0, 60)[
        "MetricDataResults"
    ]
    (region,) = cloud.data([metric("m1", "AWS/Lambda", "Invocations", {}, "Sum")], -600, 0, 60)["MetricDataResults"]
    assert answer["Values"] == region["Values"]


def test_schema_is_exact_and_where_chooses() -> None:
    cloud = CloudWatch()
    function = cloud.production.function
    exactly = 'SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName'
    loosely = 'SELECT SUM(Errors) FROM "AWS/Lambda" GROUP BY FunctionName'
    names = {one["Label"] for one in cloud.data([sql(exactly)], -600, 0, 60)["MetricDataResults"]}
    assert names == {one.function for one in cloud.estate.environments}
    more = cloud.data([sql(loosely)], -600, 0, 60)["MetricDataResults"]
    assert {one["Label"] for one in more} == names  # the same names, but every version and alias is added
    own = f"{exactly.partition(' GROUP')[0]} WHERE FunctionName = '{function}' GROUP BY FunctionName"
    assert [one["Label"] for one in cloud.data([sql(own)], -600, 0, 60)["MetricDataResults"]] == [function]


def test_its_result_may_be_used_in_metric_math() -> None:
    cloud = CloudWatch("bad-deploy", (150, 42))
    queries = [sql(WORST, ReturnData=False), {"Id": "all", "Expression": "SUM(worst)"}]
    (answer,) = cloud.data(queries, 0, 600, 900)["MetricDataResults"]
    assert sum(answer["Values"]) > 0


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ([{"Id": "a", "Expression": WORST}], "Period is required for a Metrics Insights query"),
        ([sql(WORST, 90)], "multiple of 60"),
        ([sql(WORST), sql(WORST) | {"Id": "b"}], "Only one Metrics Insights query"),
        ([sql("SELECT SUM(x) FROM")], "Error in expression 'worst': Expected a namespace"),
        ([sql(WORST + " " * 2048)], "longer than 2048"),
    ],
)
def test_what_cloudwatch_refuses_is_refused(queries: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(AwsError) as refused:
        CloudWatch().data(queries, -600, 0, 60)
    assert refused.value.code == "ValidationError"
    assert said in str(refused.value)


def test_it_looks_at_so_many_metrics_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metricsinsights, "MOST_METRICS", 2)
    assert len(CloudWatch().data([sql(WORST)], -600, 0, 60)["MetricDataResults"]) == 2


def test_it_reaches_two_weeks_back() -> None:
    day = 86_400
    query = sql('SELECT SUM(Invocations) FROM SCHEMA("AWS/Lambda", FunctionName)', 3600)
    assert CloudWatch().data([query], -14 * day - 7_200, -14 * day - 3_600, 0)["MetricDataResults"][0]["Values"] == []
    assert CloudWatch().data([query], -14 * day + 3_600, -14 * day + 7_200, 0)["MetricDataResults"][0]["Values"]
