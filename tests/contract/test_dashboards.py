"""Dashboards asked of the simulated account over HTTP: names, bodies, one call a region, refusals in their places."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.aws import dashboards
from services.aws.dashboard_data import DashboardReader, rest
from services.aws.session import Account
from services.dashboards.finding import find as find_in
from services.model.dashboards import Board, Line, MetricWidget, Span, TextWidget, ValueUnit
from services.problems import AccountError, ProblemKind
from services.safe_text import safe
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import boto, manual, simulated
from tests.unit.dashboard_support import metric, widget

PRIMARY = safe("EC2Manager-Enhanced-production")
API = ["AWS/ApiGateway", "Latency", "ApiName", "ec2-manager-api-production", "Stage", "prod"]


@pytest.fixture(scope="module")
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        yield account


@asynccontextmanager
async def asking(simulated_account: SimulatedAccount) -> AsyncIterator[Account]:
    environment = at_endpoint(find(load(), "prod"), simulated_account.endpoint)
    account = Account(environment, simulated_account.clock, attempts=1)
    try:
        yield account
    finally:
        await account.close()


def put(account: SimulatedAccount, *widgets: Any, **fields: Any) -> str:
    """A dashboard of its own with these widgets; its name."""
    body = json.dumps({"start": "-PT3H", "periodOverride": "inherit", "widgets": list(widgets), **fields})
    boto(account, "cloudwatch").put_dashboard(DashboardName="odd", DashboardBody=body)
    return "odd"


def operations(account: SimulatedAccount, since: int) -> Counter[str]:
    return Counter(call.operation for call in account.calls[since:])


def titled(board: Board, title: str) -> int:
    return next(index for index, one in enumerate(board.dashboard.widgets) if one.title == title)


async def test_every_dashboard_of_the_account_is_listed(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        names = [one.name for one in await dashboards.listed(account)]
    assert {f"EC2Manager-Enhanced-{name}" for name in ("production", "staging", "dev")} <= set(names)
    assert names == sorted(names)


@pytest.mark.runbook("R059")
async def test_the_primary_dashboard_is_filled_with_one_call_a_region(calm: SimulatedAccount) -> None:
    before = len(calm.calls)
    async with asking(calm) as account:
        board = await DashboardReader(PRIMARY).read(account)
    counted = operations(calm, before)
    assert counted["GetMetricData"] == 2
    assert counted["GetDashboard"] == 1
    for index, one in enumerate(board.dashboard.widgets):
        if isinstance(one.content, MetricWidget):
            filled = board.filled[index]
            assert filled.problem is None, one.title
            assert filled.answers, one.title
            if one.title != "Throttling":
                assert all(answer.points for answer in filled.answers), one.title
    assert board.every == 60
    assert {state.state for state in board.alarms.values()} == {"OK"}


@pytest.mark.runbook("R054")
@pytest.mark.runbook("R055")
@pytest.mark.runbook("R056")
async def test_business_and_health_values_are_what_the_account_published(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        board = await DashboardReader(PRIMARY).read(account)
        found = find_in(board.dashboard)
        for one, metric_name, statistic in (
            (found.operations, "InstancesStarted", "Sum"),
            (found.activity, "ActiveUsers", "Maximum"),
            (found.score, "HealthScore", "Average"),
            (found.response, "ResponseTime", "Average"),
        ):
            assert one is not None
            answer = board.filled[board.dashboard.widgets.index(one)].answers[0]
            at, value = answer.points[-3]
            reply = await account.ask(
                "cloudwatch", "GetMetricStatistics",
                {
                    "Namespace": "EC2Manager", "MetricName": metric_name, "Period": 60, "Statistics": [statistic],
                    "Dimensions": [{"Name": "Environment", "Value": "production"}],
                    "StartTime": at, "EndTime": at + 60,
                },
            )  # fmt: skip
            assert reply["Datapoints"][0][statistic] == pytest.approx(value), metric_name


@pytest.mark.runbook("R048")
@pytest.mark.runbook("R051")
async def test_the_sections_of_the_primary_dashboard_hold_what_the_runbook_says(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        board = await DashboardReader(PRIMARY).read(account)
    sections: dict[str, list[int]] = {}
    held: list[int] = []
    for index, one in enumerate(board.dashboard.widgets):
        if isinstance(one.content, TextWidget):
            held = sections[one.content.lines[0].lstrip("# ")] = []
        else:
            held.append(index)
    lines = {
        heading: {line.name for index in places for line in lines_of(board, index)}
        for heading, places in sections.items()
    }
    assert {"Count", "p95", "5XXError", "4XXError"} <= lines["API Performance Overview"]
    wanted = {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"}
    assert wanted <= lines["DynamoDB Performance"]
    tables = {
        dict(line.metric.dimensions)["TableName"]
        for index in sections["DynamoDB Performance"]
        for line in lines_of(board, index)
        if line.metric is not None
    }
    assert tables == {"ec2-manager-audit-production"}
    for index in sections["API Performance Overview"]:
        assert all(answer.points for answer in board.filled[index].answers)


def lines_of(board: Board, index: int) -> tuple[Line, ...]:
    content = board.dashboard.widgets[index].content
    return content.lines if isinstance(content, MetricWidget) else ()


@pytest.mark.runbook("R238")
async def test_the_hours_latency_is_three_series_with_the_values_the_account_holds(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        board = await DashboardReader(PRIMARY, Span(3600)).read(account)
    answers = board.filled[titled(board, "Latency")].answers
    assert [answer.label for answer in answers] == ["Average", "p95", "p99"]
    cloudwatch = boto(calm, "cloudwatch")
    dimensions = [{"Name": "ApiName", "Value": "ec2-manager-api-production"}, {"Name": "Stage", "Value": "prod"}]
    for answer in answers:
        assert len(answer.points) * answer.period >= 3300, "the whole hour"
        at, value = answer.points[-3]
        plain = answer.label == "Average"
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/ApiGateway", MetricName="Latency", Dimensions=dimensions, Period=answer.period,
            StartTime=at, EndTime=at + answer.period,
            **({"Statistics": ["Average"]} if plain else {"ExtendedStatistics": [answer.label]}),
        )["Datapoints"][0]  # fmt: skip
        assert (found["Average"] if plain else found["ExtendedStatistics"][answer.label]) == pytest.approx(value)


async def test_math_is_computed_by_the_account_beside_its_raw_rows(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        board = await DashboardReader(PRIMARY).read(account)
    answers = board.filled[titled(board, "Errors")].answers
    assert [answer.label for answer in answers] == ["Error rate %", "5XXError", "4XXError"]
    rate, errors = (dict(answer.points) for answer in answers[:2])
    assert answers[0].unit is ValueUnit.PERCENT
    assert rate
    assert all((rate[at] == 0) == (errors[at] == 0) for at in rate)


async def test_a_unit_that_only_its_publisher_knows_is_looked_up_once(calm: SimulatedAccount) -> None:
    reader = DashboardReader(PRIMARY)
    async with asking(calm) as account:
        board = await reader.read(account)
        before = len(calm.calls)
        await reader.read(account)
    (answer,) = board.filled[titled(board, "Response times")].answers
    assert answer.unit is ValueUnit.MILLISECONDS
    assert operations(calm, before)["GetMetricStatistics"] == 0


async def test_what_the_account_refuses_stands_in_its_widget_and_is_not_asked_again(calm: SimulatedAccount) -> None:
    name = put(
        calm,
        metric(API, title="good", period=60),
        metric([{"expression": "m1 / nothing", "id": "e1"}], [*API, {"id": "m1"}], title="bad", place=(6, 0, 6, 6)),
        metric([{"expression": "SEARCH('{N,D} A', 'Sum')"}], title="search", place=(12, 0, 6, 6)),
        metric([*API, {"stat": "p101"}], title="statistic", place=(0, 6, 6, 6)),
    )
    reader = DashboardReader(safe(name))
    async with asking(calm) as account:
        board = await reader.read(account)
        before = len(calm.calls)
        again = await reader.read(account)
    for one in (board, again):
        assert one.filled[titled(one, "good")].answers[0].points
        for title, word in (("bad", "nothing"), ("search", "SEARCH"), ("statistic", "p101")):
            problem = one.filled[titled(one, title)].problem
            assert problem is not None
            assert problem.kind is ProblemKind.REFUSED
            assert word in problem.message
            assert "w1_" not in problem.message
    assert operations(calm, before)["GetMetricData"] == 1


async def test_wrong_dimensions_are_silence_and_no_zero(calm: SimulatedAccount) -> None:
    name = put(calm, metric(["AWS/ApiGateway", "Latency", "ApiName", "nobody"]))
    async with asking(calm) as account:
        board = await DashboardReader(safe(name)).read(account)
    assert board.filled[0].problem is None
    assert board.filled[0].answers[0].points == ()


@pytest.mark.runbook("R047")
async def test_a_dashboard_that_is_not_there_is_not_found(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        with pytest.raises(AccountError) as caught:
            await DashboardReader(safe("nobody's")).read(account)
    assert caught.value.problem.kind is ProblemKind.NOT_FOUND


async def test_a_denied_region_costs_its_widgets_only(calm: SimulatedAccount) -> None:
    fault = Fault("cloudwatch", "GetMetricData", FaultKind.DENY, region="us-east-1")
    calm.faults.add(fault)
    async with asking(calm) as account:
        board = await DashboardReader(PRIMARY).read(account)
    problem = board.filled[titled(board, "Cache hit rate")].problem
    assert problem is not None
    assert problem.kind is ProblemKind.DENIED
    assert board.filled[titled(board, "Latency")].problem is None


async def test_alarms_that_are_known_are_not_asked_for_and_missing_ones_are_missing(calm: SimulatedAccount) -> None:
    arn = "arn:aws:cloudwatch:us-west-2:123456789012:alarm:"
    name = put(calm, widget("alarm", alarms=[f"{arn}EC2Manager-production-api-5xx", f"{arn}gone", f"{arn}known"]))
    before = len(calm.calls)
    async with asking(calm) as account:
        board = await DashboardReader(safe(name)).read(account, {("us-west-2", "known")})
    (call,) = [call for call in calm.calls[before:] if call.operation == "DescribeAlarms"]
    assert call.parameters["AlarmNames"] == ["EC2Manager-production-api-5xx", "gone"]
    assert set(board.alarms) == {("us-west-2", "EC2Manager-production-api-5xx")}


async def test_a_range_chosen_by_hand_is_asked_for_with_a_period_that_fits_it(calm: SimulatedAccount) -> None:
    put(calm, metric(API, title="good"), periodOverride="auto")
    async with asking(calm) as account:
        board = await DashboardReader(safe("odd"), Span(24 * 3600)).read(account)
    filled = board.filled[0]
    assert filled.until - filled.begin >= 24 * 3600
    assert filled.answers[0].period == 300
    assert len(filled.answers[0].points) > 280
    assert board.every == 300


async def test_what_it_costs_is_told_while_it_is_read_and_ends_with_it(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        await DashboardReader(PRIMARY).read(account)
        spent = account.spending
        await rest(account)
        assert account.spending.per_hour == 0
    assert 0.005 < spent.per_hour < 0.02
    assert spent.metrics_requested == pytest.approx(spent.per_hour / 60 * 100_000, abs=2)


async def test_the_next_minute_is_there_a_minute_later(calm: SimulatedAccount) -> None:
    async with asking(calm) as account:
        reader = DashboardReader(PRIMARY)
        first = await reader.read(account)
        manual(calm).advance(60)
        second = await reader.read(account)
    one, two = (board.filled[titled(board, "Request count")].answers[0].points for board in (first, second))
    assert two[-1][0] == one[-1][0] + 60
