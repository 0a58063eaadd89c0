"""The watch against the simulated account, over HTTP, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.aws import metrics
from services.aws.endpoint import clock_of
from services.aws.session import Account
from services.clock import RealClock
from services.model.reading import Reading
from services.model.series import MetricId
from services.problems import ProblemKind
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.estate import estate
from services.simulated.faults import Fault, FaultKind
from tests.contract.watch_support import Watched, watched
from tests.simulated_support import simulated

FEEDS = (
    "identity", "parts", "metrics", "percentiles", "edge_metrics", "stack", "events", "functions", "releases",
    "evidence", "apis", "tables", "distributions", "invalidations", "buckets", "user_pools", "alarms",
)  # fmt: skip


@pytest.fixture
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        yield account


@pytest.fixture
def incident() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as account:
        yield account


def counted(account: SimulatedAccount) -> Counter[str]:
    return Counter(f"{call.service}:{call.operation}" for call in account.calls)


def test_every_feed_answers_at_the_start(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        problems = {feed: getattr(scene.situation, feed).problem for feed in FEEDS}
        assert not {feed: problem for feed, problem in problems.items() if problem is not None}
        assert not [feed for feed in FEEDS if getattr(scene.situation, feed).value is None]


@pytest.mark.parametrize("word", ["prod", "staging", "dev"])
def test_the_parts_of_each_environment_are_found_by_themselves(calm: SimulatedAccount, word: str) -> None:
    with watched(calm, word) as scene:
        parts = scene.situation.parts.value
        assert parts is not None
        own = next(one for one in estate(1).environments if one.stack_name == scene.watch.environment.stack)
        assert parts.rest_apis == (own.api_id,)
        assert parts.functions == (own.function,)
        assert parts.aliases == ((own.function, "LIVE"),)
        assert parts.tables == (own.table,)
        assert parts.distributions == (own.distribution,)
        assert parts.user_pools == (own.user_pool,)
        assert own.bucket in parts.buckets
        assert parts.stack_id == own.stack_id


def test_names_of_metrics_come_from_the_account(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        known = scene.situation.metrics.value
        assert known is not None
        (count,) = known.find("api.count")
        assert count.signal.metric.dimensions == (("ApiName", "ec2-manager-api-production"), ("Stage", "prod"))
        assert len(count.statistic("Sum")) > 55
        assert not known.unpublished
        throttles = known.find("table.read_throttles")
        assert [one.signal.resource for one in throttles] == [
            "ec2-manager-audit-production",
            "ec2-manager-audit-production/user-timestamp-index",
        ]


@pytest.mark.runbook("R045")
def test_edge_metrics_come_from_their_own_region(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        edge = scene.situation.edge_metrics.value
        assert edge is not None
        assert {series.signal.metric.region for series in edge.series.values()} == {"us-east-1"}
        (requests,) = edge.find("edge.requests")
        assert requests.statistic("Sum")
        asked = [
            query["MetricStat"]["Metric"]
            for call in calm.calls
            if call.operation == "GetMetricData" and call.region == "us-east-1"
            for query in call.parameters["MetricDataQueries"]
        ]
        (rate,) = [metric for metric in asked if metric["MetricName"] == "4xxErrorRate"]
        assert rate["Namespace"] == "AWS/CloudFront"
        assert {one["Name"] for one in rate["Dimensions"]} == {"DistributionId", "Region"}
        assert {"Name": "Region", "Value": "Global"} in rate["Dimensions"]


@pytest.mark.parametrize(
    ("word", "stack"),
    [
        pytest.param("prod", "EC2Manager-production", marks=pytest.mark.runbook("R033")),
        pytest.param("staging", "EC2Manager-staging", marks=pytest.mark.runbook("R034")),
        pytest.param("development", "EC2Manager-dev", marks=pytest.mark.runbook("R035")),
    ],
)
def test_every_stack_question_names_the_environments_stack(calm: SimulatedAccount, word: str, stack: str) -> None:
    with watched(calm, word) as scene:
        scene.advance(60)
        calls = [call for call in calm.calls if call.service == "cloudformation"]
        assert len(calls) > 4
        assert {(call.parameters["StackName"], call.region) for call in calls} == {(stack, "us-west-2")}


@pytest.mark.runbook("R343")
def test_regional_questions_go_to_the_environments_region(
    calm: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, "eu-central-1")
    with watched(calm):
        regions = {(call.service, call.region) for call in calm.calls}
    assert {region for service, region in regions if service not in ("cloudwatch", "cloudfront")} == {"us-west-2"}
    assert {region for service, region in regions if service == "cloudwatch"} == {"us-west-2", "us-east-1"}


def test_the_alias_its_versions_and_who_calls_it_are_read(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        assert scene.situation.releases.value is not None
        (release,) = scene.situation.releases.value
        assert release.alias is not None
        assert (release.alias.name, release.alias.version, release.alias.weights) == ("LIVE", 41, ())
        numbers = [version.number for version in release.versions]
        assert numbers == sorted(numbers, reverse=True)
        assert release.called_by_api is True


def test_metrics_are_asked_once_a_minute_in_windows_that_reach_back(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        before = counted(calm)["cloudwatch:GetMetricData"]
        scene.advance(480)
        calls = [call for call in calm.calls if call.operation == "GetMetricData"][before:]
        minutely = [
            c
            for c in calls
            if c.region == "us-west-2" and c.parameters["MetricDataQueries"][0]["MetricStat"]["Period"] == 60
        ]
        assert 7 <= len(minutely) <= 9
        spans = {c.parameters["EndTime"] - c.parameters["StartTime"] for c in minutely}
        assert spans == {timedelta(seconds=960)}
        known = scene.situation.metrics.value
        assert known is not None
        (count,) = known.find("api.count")
        minutes = sorted(count.statistic("SampleCount"))
        assert minutes == list(range(minutes[0], minutes[-1] + 60, 60))
        assert len(minutes) >= 60


def test_what_an_hour_costs_is_told_and_within_the_goal(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.advance(300)
        standing = scene.situation.spending.per_hour
        assert 0.005 < standing <= 0.02
        before = scene.situation.spending.metrics_requested
        scene.advance(900, step=60)
        scene.advance(15)
        spent = (scene.situation.spending.metrics_requested - before) / 1000 * 0.01
        assert spent == pytest.approx(standing / 4, rel=0.15)
        assert scene.situation.spending.calls["cloudwatch:GetMetricData"] == counted(calm)["cloudwatch:GetMetricData"]


def test_a_deployment_is_followed_event_by_event(incident: SimulatedAccount) -> None:
    with watched(incident) as scene:
        events = scene.situation.events.value
        assert events is not None
        known = len(events)
        scene.advance(420, step=5)
        events, stack, releases = (
            scene.situation.events.value,
            scene.situation.stack.value,
            scene.situation.releases.value,
        )
        assert events is not None
        assert stack is not None
        assert releases is not None
        assert len(events) > known
        assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
        assert len({event.id for event in events}) == len(events)
        assert stack.status == "UPDATE_COMPLETE"
        statuses = {reading.value.status for reading in scene.told("stack") if reading.value is not None}
        assert "UPDATE_IN_PROGRESS" in statuses
        assert releases[0].alias is not None
        assert releases[0].alias.version == 42


def test_the_evidence_tells_a_bad_version_from_a_good_one(incident: SimulatedAccount) -> None:
    with watched(incident) as scene:
        scene.advance(720, step=30)
        assert scene.situation.evidence.value is not None
        rates = {one.version: one.error_rate for one in scene.situation.evidence.value}
        assert rates[42] is not None
        assert rates[41] is not None
        assert rates[42] > 5 > 1 > rates[41]


def test_one_denied_service_touches_no_other_feed(calm: SimulatedAccount) -> None:
    calm.faults.add(Fault("dynamodb", "*", FaultKind.DENY, times=None))
    with watched(calm) as scene:
        tables = scene.situation.tables
        assert tables.value is None
        assert tables.problem is not None
        assert tables.problem.kind is ProblemKind.DENIED
        assert "dynamodb:DescribeTable" in tables.problem.message
        others = [feed for feed in FEEDS if feed != "tables"]
        assert not [feed for feed in others if getattr(scene.situation, feed).problem is not None]
        assert scene.situation.metrics.value is not None
        assert scene.situation.metrics.value.find("api.count")
        assert not scene.situation.metrics.value.find("table.reads")


def test_a_failing_feed_keeps_its_value_ages_and_comes_back(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("cloudformation", "DescribeStacks", FaultKind.HTML_200, times=4))
        scene.advance(30)
        failed: Reading[Any] = scene.situation.stack
        assert failed.problem is not None
        assert failed.problem.kind is ProblemKind.GARBLED
        assert failed.value is not None
        assert failed.age(scene.clock.now()) == 30
        scene.advance(600)
        assert scene.situation.stack.problem is None
        assert scene.situation.stack.failures == 0


def test_after_a_cut_of_the_network_everything_is_fresh_within_seconds(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("*", "*", FaultKind.RESET_BEFORE, times=None))
        scene.advance(30)
        cut = {feed for feed in FEEDS if getattr(scene.situation, feed).problem is not None}
        assert {"stack", "alarms", "releases", "metrics"} <= cut
        for feed in cut:
            reading = getattr(scene.situation, feed)
            assert reading.problem.kind is ProblemKind.UNREACHABLE, feed
            assert reading.value is not None, feed
        calm.faults.clear()
        scene.advance(5, step=5)
        assert not [feed for feed in FEEDS if getattr(scene.situation, feed).problem is not None]


def test_a_question_that_keeps_failing_is_asked_less_often(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("cloudfront", "ListInvalidations", FaultKind.DENY, times=None))
        before = counted(calm)["cloudfront:ListInvalidations"]
        scene.advance(900)
        assert 3 <= counted(calm)["cloudfront:ListInvalidations"] - before <= 8
        assert scene.situation.invalidations.value


def test_credentials_of_another_account_stop_every_feed(calm: SimulatedAccount) -> None:
    with watched(calm, account="999999999999") as scene:
        scene.advance(120)
        for feed in FEEDS:
            reading = getattr(scene.situation, feed)
            assert reading.value is None, feed
            assert reading.problem.kind is ProblemKind.WRONG_ACCOUNT, feed
            assert "999999999999" in reading.problem.message
            assert "123456789012" in reading.problem.message
        assert set(counted(calm)) == {"sts:GetCallerIdentity"}


def test_the_pinned_account_is_let_through(calm: SimulatedAccount) -> None:
    with watched(calm, account="123456789012") as scene:
        assert scene.situation.stack.value is not None
        assert calm.calls[0].operation == "GetCallerIdentity"


def test_a_stack_that_is_not_there_is_named_with_its_place(calm: SimulatedAccount) -> None:
    with watched(calm, stack="EC2Manager-nowhere") as scene:
        for feed in ("parts", "stack", "metrics", "releases"):
            problem = getattr(scene.situation, feed).problem
            assert problem.kind is ProblemKind.NOT_FOUND, feed
            assert "no stack EC2Manager-nowhere in us-west-2" in problem.message
            assert problem.remedy


def test_faster_questions_while_an_operation_runs(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        before = counted(calm)["lambda:GetAlias"]
        scene.watch.busy_until("releases", scene.clock.now() + timedelta(seconds=60))
        scene.settle()
        scene.advance(60, step=5)
        fast = counted(calm)["lambda:GetAlias"] - before
        scene.advance(60, step=5)
        slow = counted(calm)["lambda:GetAlias"] - before - fast
        assert fast >= 12
        assert slow <= 5


def test_refresh_asks_everything_again_at_once(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        before = counted(calm)
        scene.watch.refresh()
        scene.settle()
        asked = counted(calm) - before
        for call in ("cloudformation:DescribeStacks", "lambda:GetAlias", "cloudwatch:GetMetricData", "s3:HeadBucket"):
            assert asked[call] >= 1, call


def test_nothing_is_told_after_the_stop(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.watch.stop()
        told = len(scene.updates)
        scene.clock.advance(600)
        scene.watch.join(10)
        assert len(scene.updates) == told


def test_an_identity_that_nothing_publishes_is_named_with_its_nearest(calm: SimulatedAccount) -> None:
    wrong = MetricId("us-west-2", "AWS/ApiGateway", "Latency", (("ApiName", "ec2-manager-api-prod"), ("Stage", "prod")))
    right = MetricId(
        "us-west-2", "AWS/ApiGateway", "Latency", (("ApiName", "ec2-manager-api-production"), ("Stage", "prod"))
    )

    async def look() -> tuple[tuple[bool, str], tuple[bool, str]]:
        account = Account(at_endpoint(find(load(), "prod"), calm.endpoint), calm.clock)
        try:
            return await metrics.published(account, wrong), await metrics.published(account, right)
        finally:
            await account.close()

    unknown, known = asyncio.run(look())
    assert known == (True, "")
    assert unknown[0] is False
    assert "Stage=prod" in unknown[1]


def test_the_account_tells_its_own_time(calm: SimulatedAccount) -> None:
    clock = clock_of(at_endpoint(find(load(), "prod"), calm.endpoint))
    assert abs((clock.now() - calm.clock.now()).total_seconds()) < 5
    assert isinstance(clock_of(find(load(), "prod")), RealClock)
    assert isinstance(clock_of(at_endpoint(find(load(), "prod"), "http://127.0.0.1:9")), RealClock)


def test_every_environment_is_told_from_the_others(calm: SimulatedAccount) -> None:
    def stack_of(scene: Watched) -> str:
        assert scene.situation.stack.value is not None
        return scene.situation.stack.value.name

    with watched(calm, "staging") as staging:
        assert stack_of(staging) == "EC2Manager-staging"
        assert staging.situation.alarms.value is not None
        assert not [alarm for alarm in staging.situation.alarms.value if "production" in alarm.name]
