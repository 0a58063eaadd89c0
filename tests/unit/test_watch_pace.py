"""How often a feed is asked, who is woken by whom, and what asking costs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.aws.budget import Budget, Limits, billed
from services.aws.identity import wrong_account
from services.clock import ManualClock
from services.model.apis import Api
from services.model.functions import Alias, Function, Release
from services.model.identity import Identity
from services.model.stacks import Stack
from services.model.tables import Index, Table
from services.safe_text import safe
from services.settings.loading import load
from services.settings.values import Cadence, Environment, EnvironmentKind, LogGroup
from services.watch.following import ON_PARTS, followers
from services.watch.pace import Pace
from services.watch.tail_feed import log_groups
from services.watch.tailing import TailGroup

NOW = datetime(2025, 9, 14, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("feed", "calm", "busy"),
    [
        ("stack", 30, 5),
        ("events", 300, 5),
        ("releases", 15, 5),
        ("metrics", 60, 30),
        ("edge_metrics", 60, 30),
        ("percentiles", 300, 300),
        ("evidence", 300, 60),
        ("invalidations", 30, 5),
        ("alarms", 30, 30),
        ("tables", 60, 60),
        ("identity", 300, 300),
    ],
)
def test_a_feed_is_asked_faster_until_the_given_moment_only(feed: str, calm: float, busy: float) -> None:
    clock = ManualClock(NOW)
    pace = Pace(Cadence(), clock)
    assert pace.of(feed) == calm
    pace.busy_until(feed, NOW + timedelta(seconds=60))
    assert pace.of(feed) == busy
    clock.advance(60)
    assert pace.of(feed) == calm


def test_a_stack_in_progress_and_an_invalidation_under_way_are_followed_closely() -> None:
    pace = Pace(Cadence(), ManualClock(NOW))
    pace.stack_moves = pace.purging = lambda: True
    assert [pace.of(feed) for feed in ("stack", "events", "invalidations", "releases")] == [5, 5, 5, 15]


def stack(status: str = "UPDATE_COMPLETE", id: str = "a", updated: datetime = NOW) -> Stack:
    return Stack(safe("S"), safe(id), safe(status), updated=updated)


def release(version: int) -> tuple[Release, ...]:
    return (Release(safe("f"), Alias(safe("f"), safe("LIVE"), version), ()),)


def table(*indexes: str, items: int = 0) -> tuple[Table, ...]:
    return (
        Table(
            safe("t"), safe("ACTIVE"), True, indexes=tuple(Index(safe(x), safe("ACTIVE")) for x in indexes), items=items
        ),
    )


@pytest.mark.parametrize(
    ("feed", "before", "after", "woken"),
    [
        ("stack", stack(), stack(), ()),
        ("stack", stack(), stack("UPDATE_IN_PROGRESS"), ("events", "releases")),
        ("stack", stack("UPDATE_IN_PROGRESS"), stack(), ("events", "parts", "releases", "deployed")),
        ("stack", stack(), stack(id="b"), ("events", "parts", "releases", "deployed")),
        ("stack", None, stack(), ("events", "parts", "releases", "deployed")),
        ("stack", stack(), stack(updated=NOW + timedelta(1)), ("events", "deployed")),
        ("parts", None, object(), ON_PARTS),
        ("releases", release(41), release(42), ("evidence",)),
        ("releases", release(41), release(41), ()),
        ("tables", table(), table("by-user"), ("metrics", "percentiles")),
        ("tables", table(), table(items=9), ()),
        (
            "apis",
            (Api(safe("a"), safe("n"), safe("v1")),),
            (Api(safe("a"), safe("n"), safe("v2")),),
            ("metrics", "percentiles"),
        ),
        ("alarms", (), (1,), ()),
    ],
)
def test_what_is_new_wakes_those_who_build_on_it(
    feed: str, before: object, after: object, woken: tuple[str, ...]
) -> None:
    assert followers(feed, before, after) == woken


async def test_a_burst_passes_and_the_rest_wait_for_the_rate() -> None:
    clock = ManualClock(NOW)
    budget = Budget(clock)
    passed: list[float] = []

    async def call() -> None:
        await budget.admit("logs", "FilterLogEvents", "us-west-2")
        passed.append((clock.now() - NOW).total_seconds())

    tasks = [asyncio.create_task(call()) for _ in range(12)]
    for _ in range(8):
        for _ in range(20):
            await asyncio.sleep(0)
        clock.advance(0.5)
    await asyncio.gather(*tasks)
    assert passed[:8] == [0.0] * 8
    assert passed[8:] == [0.5, 1.0, 1.5, 2.0]


async def test_regions_and_operations_have_budgets_of_their_own() -> None:
    clock = ManualClock(NOW)
    budget = Budget(clock)
    for _ in range(8):
        await budget.admit("logs", "FilterLogEvents", "us-west-2")
    await asyncio.wait_for(budget.admit("logs", "FilterLogEvents", "us-east-1"), 1)
    await asyncio.wait_for(budget.admit("logs", "DescribeLogGroups", "us-west-2"), 1)


def test_cost_is_counted_by_metric_and_foretold_by_the_hour() -> None:
    clock = ManualClock(NOW)
    budget = Budget(clock)
    metric = {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "a", "Value": "b"}]}
    queries = [{"MetricStat": {"Metric": metric, "Stat": f"p{n}", "Period": 60}} for n in range(6)]
    assert billed(queries[:5]) == 1
    assert billed(queries) == 2
    budget.count("cloudwatch", "GetMetricData", {"MetricDataQueries": queries})
    budget.count("lambda", "GetAlias", {})
    budget.expect("metrics", 16, 60)
    clock.advance(120)
    spending = budget.spending
    assert spending.calls == {"cloudwatch:GetMetricData": 1, "lambda:GetAlias": 1}
    assert spending.metrics_requested == 2
    assert spending.dollars == pytest.approx(0.00002)
    assert spending.per_hour == pytest.approx(16 * 60 * 0.01 / 1000)
    assert spending.calls_per_minute == 1.0


def test_only_a_pinned_account_can_be_the_wrong_one() -> None:
    who = Identity(safe("123456789012"), safe("arn:aws:sts::123456789012:assumed-role/r/s"))
    pinned = Environment("prod", "S", "us-west-2", account="999999999999")
    assert wrong_account(who, Environment("prod", "S", "us-west-2")) is None
    assert wrong_account(who, Environment("prod", "S", "us-west-2", account="123456789012")) is None
    problem = wrong_account(who, pinned)
    assert problem is not None
    assert "999999999999" in problem.message


def function(name: str, group: str) -> Function:
    return Function(safe(name), safe(f"arn:{name}"), safe("Active"), safe("Successful"), log_group=safe(group))


def test_each_log_group_is_followed_once_under_a_short_name() -> None:
    app, run = LogGroup("/aws/ec2-manager/prod", "app"), function("f", "/aws/lambda/f")
    api = Api(safe("abc"), safe("api"), safe("prod"), execution_log_group=safe("API-Gateway-Execution-Logs_abc/prod"))
    assert log_groups([app], [run], [api]) == (
        TailGroup("/aws/ec2-manager/prod", "app"),
        TailGroup("API-Gateway-Execution-Logs_abc/prod", "api"),
        TailGroup("/aws/lambda/f", "lambda"),
    )
    shared = log_groups([LogGroup("/shared", "app")], [function("f", "/shared"), function("g", "/g")], [])
    assert shared == (TailGroup("/shared", "app"), TailGroup("/g", "g"))


def test_a_request_is_followed_once_in_the_access_log_where_there_is_one() -> None:
    api = Api(
        safe("abc"), safe("api"), safe("prod"), execution_log_group=safe("exec"), access_log_group=safe("/access")
    )
    assert log_groups([], [function("f", "/f")], [api]) == (TailGroup("/access", "api"), TailGroup("/f", "lambda"))
    other = Api(safe("def"), safe("other"), safe("prod"), execution_log_group=safe("exec-2"))
    assert log_groups([], [], [api, other]) == (TailGroup("/access", "api"), TailGroup("exec-2", "other"))


def test_the_setting_of_log_calls_holds_for_all_environments_of_an_account() -> None:
    limits = Limits()
    first, second, *_ = load().environments
    account = {"account": "123456789012", "kind": EnvironmentKind.AWS}
    one, other = (msgspec.structs.replace(environment, **account) for environment in (first, second))
    limiters = [limits.of(one, 0.5), limits.of(other, 0.5)]
    waits = [limiters[call % 2].take("logs:FilterLogEvents", "us-west-2", NOW) for call in range(10)]
    assert waits == [0.0] * 8 + [2.0, 4.0]
