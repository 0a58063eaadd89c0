"""Screen 2's charts of the runbook's own commands: asked of the simulated account over HTTP, drawn as shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from services.aws.session import Account
from services.model.situation import Situation
from services.rules import judge
from services.simulated.account import SimulatedAccount
from services.simulated.cloudwatch.identity import MetricKey
from services.simulated.publishing import MetricFault, MetricFaultKind
from services.simulated.world.spreads import constant, merge
from services.watch.on_demand import ask
from tests.contract.watch_support import Watched, watched
from tests.simulated_support import manual, simulated
from tests.unit.widget_support import texts
from tui.metric_asking import learn
from tui.metric_choices import Choice
from tui.metric_export import csv_text
from tui.metric_groups import RESPONSE, offered
from tui.metric_page import Answer, Asked, Shown, page
from tui.metric_svg import svg_text
from tui.metric_text import chart_text
from tui.metric_views import views
from tui.metric_window import TimeWindow
from widgets.charset import UNICODE
from widgets.metric_view import MetricPage, page_rows

HOUR = TimeWindow(place=1, least=300)
"""The runbook's hour in periods of 300 s."""

Samples = Callable[[int], Mapping[float, float]]
"""Place of a period → value → how often it was measured."""

FUNCTION = (("FunctionName", "ec2-manager-function-prod"),)
TABLE = ("TableName", "ec2-manager-audit-production")


def _put(account: SimulatedAccount, namespace: str, name: str, dimensions: Any, at: Samples) -> None:
    """Twelve periods of exact samples of a metric that publishes nothing else."""
    now = account.clock.now().timestamp()
    start = int(now) // 300 * 300 + 300 - 3600
    key = MetricKey(namespace, name, tuple(sorted(dimensions)))
    for place in range(12):
        sample = merge([constant(value, often) for value, often in at(place).items()])
        account.state.metrics.custom.put("us-west-2", key, start + 300 * place, "Milliseconds", sample, now - 7200)


@pytest.fixture(scope="module")
def seen() -> Iterator[Watched]:
    """Production with a Duration, a table latency and throttled requests of known numbers."""
    with simulated("calm") as account:
        for namespace, name in (
            ("AWS/Lambda", "Duration"), ("AWS/DynamoDB", "SuccessfulRequestLatency"),
            ("AWS/DynamoDB", "ThrottledRequests"),
        ):  # fmt: skip
            account.publishing.add(MetricFault(namespace, name, MetricFaultKind.REMOVED))
        manual(account).advance(240)  # the period that still fills has begun
        # Mean of 1 to 12 s of which the slowest is the double: two samples, 0 ms and the maximum.
        _put(account, "AWS/Lambda", "Duration", FUNCTION, lambda place: {0.0: 1.0, 2000.0 * (place + 1): 1.0})
        for operation, value, throttled in (("GetItem", 4.0, 2.0), ("Query", 12.0, 5.0)):
            of = (TABLE, ("Operation", operation))
            latency, often = {value: 7.0}, {1.0: throttled}
            _put(account, "AWS/DynamoDB", "SuccessfulRequestLatency", of, lambda _, found=latency: found)  # type: ignore[misc]  # a default has no type
            _put(account, "AWS/DynamoDB", "ThrottledRequests", of, lambda _, found=often: found)  # type: ignore[misc]  # a default has no type
        with watched(account) as scene:
            yield scene


def _choice(situation: Situation, title: str, words: str = "") -> Choice:
    return next(one for one in offered(situation) if one.title == title and words in one.subject)


def _drawn(seen: Watched, choice: Choice, view: str, cursor: int | None = None) -> tuple[MetricPage, str]:
    """The page that screen 2 shows, and its text at 120x40."""
    now = seen.clock.now()
    asked = Asked(choice, HOUR)

    async def question(account: Account) -> Answer:
        return await learn(account, asked, now)

    answer = ask(seen.watch, question).result(timeout=30)
    shown = page(
        asked, Shown(view, cursor), answer, HOUR.range(now.timestamp()), seen.situation,
        judge(seen.situation, seen.settings, now), seen.settings, now, None,
    )  # fmt: skip
    return shown, "\n".join(texts(page_rows(shown, 120, 40, UNICODE)))


def _stretch_asked(seen: Watched, name: str) -> tuple[datetime, datetime]:
    """StartTime and EndTime of the newest GetMetricData about a metric."""
    for call in reversed(seen.account.calls):
        if call.operation == "GetMetricData" and name in str(call.parameters):
            return call.parameters["StartTime"], call.parameters["EndTime"]
    raise AssertionError(f"nothing was asked about {name}")


@pytest.mark.runbook("R170")
def test_consumed_capacity_is_average_and_maximum_of_twelve_periods_of_the_last_hour(seen: Watched) -> None:
    choice = _choice(seen.situation, "ConsumedReadCapacityUnits", "TableName=ec2-manager-audit-production")
    shown, text = _drawn(seen, choice, "Avg+Max")
    assert [one.label for one in shown.curve.strands] == ["Average", "Maximum"]
    assert all(len(one.points) == 12 for one in shown.curve.strands)
    start, end = _stretch_asked(seen, "ConsumedReadCapacityUnits")
    assert (end - start).total_seconds() == 3600
    assert "1 h · 5 min points" in text
    assert "a Average" in text and "b Maximum" in text


@pytest.mark.runbook("R179")
@pytest.mark.runbook("R239")
def test_a_functions_duration_is_average_and_maximum_with_its_timeout_as_a_line(seen: Watched) -> None:
    shown, text = _drawn(seen, _choice(seen.situation, "Duration"), "Avg+Max")
    mean, most = shown.curve.strands
    assert [value for _, value in mean.points] == [1000.0 * place for place in range(1, 13)]
    assert [value for _, value in most.points] == [2000.0 * place for place in range(1, 13)]
    assert "a Average 11.0 s   b Maximum 22.0 s" in text, "the period that still fills is not the newest value"
    timeout = (seen.situation.functions.value or ())[0].timeout_s
    assert f"{timeout}s" in next(row for row in text.splitlines() if " timeout " in row), text
    newest = int(mean.points[-1][0])
    _, text = _drawn(seen, _choice(seen.situation, "Duration"), "Avg+Max", cursor=newest)
    assert "a Average 12.0 s   b Maximum 24.0 s" in text, "the cursor tells every line where it stands"


@pytest.mark.runbook("R240")
def test_a_tables_latency_is_a_named_line_for_each_operation(seen: Watched) -> None:
    assert {str(one) for one in (seen.situation.tables.value or ())[0].operations} == {"GetItem", "Query"}
    shown, text = _drawn(seen, _choice(seen.situation, "SuccessfulRequestLatency", "each Operation"), "Average")
    assert "a GetItem 4.0 ms   b Query 12 ms" in text
    assert all(len(one.points) == 12 for one in shown.curve.strands)


@pytest.mark.runbook("R171")
def test_throttled_requests_are_shown_by_operation_and_summed(seen: Watched) -> None:
    _, text = _drawn(seen, _choice(seen.situation, "ThrottledRequests", "each Operation"), "Sum")
    assert "a GetItem 2   b Query 5   c all 7" in text
    start, end = _stretch_asked(seen, "ThrottledRequests")
    assert (end - start).total_seconds() == 3600


@pytest.mark.runbook("R058")
def test_response_times_of_api_function_and_table_stand_in_one_chart_of_one_window(seen: Watched) -> None:
    shown, text = _drawn(seen, _choice(seen.situation, RESPONSE), "Avg+p95+p99")
    labels = [one.label for one in shown.curve.strands]
    assert labels == ["API Avg", "API p95", "API p99", "Lambda Avg", "table GetItem Avg", "table Query Avg"]
    assert all(one.points for one in shown.curve.strands)
    assert "e table GetItem Avg 4.0 ms" in text and "f table Query Avg 12 ms" in text
    start, end = _stretch_asked(seen, "SuccessfulRequestLatency")
    assert _stretch_asked(seen, "'Latency'") == _stretch_asked(seen, "'Duration'") == (start, end)


def test_every_file_has_every_line(seen: Watched) -> None:
    shown, _ = _drawn(seen, _choice(seen.situation, RESPONSE), "Avg+p95+p99")
    heads = next(line for line in csv_text(shown).splitlines() if not line.startswith("#")).split(",")
    assert heads == ["time", *(one.label for one in shown.curve.strands)]
    letters, svg = chart_text(shown), svg_text(shown)
    for place, one in enumerate(shown.curve.strands):
        sign = "abcdefgh"[place]
        assert f"{sign} {one.label} " in letters
        assert f">{sign} {one.label} " in svg
        assert f">{sign}</text>" in svg, "at the end of its line, too"


def test_no_view_mixes_what_is_measured_differently(seen: Watched) -> None:
    from tui.metric_choices import unit_and_scale

    for choice in offered(seen.situation):
        for view in views(choice):
            units = {unit_and_scale(one.metric, one.statistic) for one in view.lines if one.metric is not None}
            assert len(units) == 1, (choice.title, view.name)
