"""What the watch knows of each environment after its first questions. One account, three watches, nothing changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest

from services.aws import metrics
from services.aws.endpoint import clock_at
from services.aws.session import Account
from services.clock import RealClock
from services.model.health_score import Score
from services.model.series import MetricId
from services.problems import AccountError
from services.rules.health_score import score
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.estate import EnvironmentEstate, estate
from tests.contract.watch_support import FEEDS, Watched, watched
from tests.simulated_support import simulated
from widgets.header import HeaderFacts, header_row
from widgets.spans import text_of

WORDS = ("production", "staging", "development")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened, pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
            patch.setenv(name, "eu-central-1")
        yield opened


@pytest.fixture(scope="module")
def scenes(account: SimulatedAccount) -> dict[str, Watched]:
    found = {}
    for word in WORDS:
        before = len(account.calls)
        with watched(account, word) as scene:
            scene.asked = account.calls[before:]
            found[word] = scene
    return found


@pytest.fixture
def production(scenes: dict[str, Watched]) -> Watched:
    return scenes["production"]


def own(scene: Watched) -> EnvironmentEstate:
    return next(one for one in estate(1).environments if one.stack_name == scene.watch.environment.stack)


@pytest.mark.parametrize("word", WORDS)
def test_every_feed_answers_at_the_start(scenes: dict[str, Watched], word: str) -> None:
    situation = scenes[word].situation
    problems = {feed: getattr(situation, feed).problem for feed in FEEDS}
    assert not {feed: problem for feed, problem in problems.items() if problem is not None}
    silent = [feed for feed in FEEDS if getattr(situation, feed).value is None]
    # The runbook gives a health address for production alone.
    assert silent == ([] if scenes[word].watch.environment.health_url else ["probes"])


@pytest.mark.runbook("R057")
def test_the_health_score_of_the_dashboard_stands_in_the_header_and_costs_one_metric(production: Watched) -> None:
    situation = production.situation
    said = situation.score.value
    assert said is not None
    assert said.dashboard == "EC2Manager-Enhanced-production"
    assert said.value is not None
    assert 90 < said.value <= 100
    shown = score(situation.score, None, situation.now)
    assert shown == Score(said.value, own=True)
    header = text_of(header_row(HeaderFacts("EC2 Manager", "production", score=shown), 120))
    assert re.search(rf"health █████ {said.value:.3g}|health ████[▏▎▍▌▋▊▉] {said.value:.3g}", header), header
    of_score = [call for call in production.asked if "HealthScore" in str(call.parameters)]
    assert [call.operation for call in of_score if call.operation == "GetMetricData"] == ["GetMetricData"]


@pytest.mark.parametrize("word", WORDS)
def test_the_parts_of_each_environment_are_found_by_themselves(scenes: dict[str, Watched], word: str) -> None:
    parts, true = scenes[word].situation.parts.value, own(scenes[word])
    assert parts is not None
    assert parts.rest_apis == (true.api_id,)
    assert parts.functions == (true.function,)
    assert parts.aliases == ((true.function, "LIVE"),)
    assert parts.tables == (true.table,)
    assert parts.distributions == (true.distribution,)
    assert parts.user_pools == (true.user_pool,)
    assert true.bucket in parts.buckets
    assert parts.stack_id == true.stack_id


@pytest.mark.parametrize(
    ("word", "stack"),
    [
        pytest.param("production", "EC2Manager-production", marks=pytest.mark.runbook("R033")),
        pytest.param("staging", "EC2Manager-staging", marks=pytest.mark.runbook("R034")),
        pytest.param("development", "EC2Manager-dev", marks=pytest.mark.runbook("R035")),
    ],
)
def test_every_stack_question_names_the_environments_stack(scenes: dict[str, Watched], word: str, stack: str) -> None:
    calls = [call for call in scenes[word].asked if call.service == "cloudformation"]
    assert len(calls) >= 3
    assert {(call.parameters["StackName"], call.region) for call in calls} == {(stack, "us-west-2")}


@pytest.mark.runbook("R343")
def test_regional_questions_go_to_the_environments_region(production: Watched) -> None:
    regions = {(call.service, call.region) for call in production.asked}
    # CloudFront's metrics, and what CloudTrail tells of global services, are in us-east-1 alone.
    both, nowhere = ("cloudwatch", "cloudtrail"), ("cloudfront",)
    assert {region for service, region in regions if service not in (*both, *nowhere)} == {"us-west-2"}
    for chosen in both:
        assert {region for service, region in regions if service == chosen} == {"us-west-2", "us-east-1"}


def test_names_of_metrics_come_from_the_account(production: Watched) -> None:
    known = production.situation.metrics.value
    assert known is not None
    (count,) = known.find("api.count")
    assert count.signal.metric.dimensions == (("ApiName", "ec2-manager-api-production"), ("Stage", "prod"))
    assert len(count.statistic("Sum")) > 55
    assert not known.unpublished
    assert [one.signal.resource for one in known.find("table.read_throttles")] == [
        "ec2-manager-audit-production",
        "ec2-manager-audit-production/user-timestamp-index",
    ]


@pytest.mark.runbook("R045")
def test_edge_metrics_come_from_their_own_region(production: Watched) -> None:
    edge = production.situation.edge_metrics.value
    assert edge is not None
    (requests,) = edge.find("edge.requests")
    assert requests.statistic("Sum")
    asked = [
        query["MetricStat"]["Metric"]
        for call in production.asked
        if call.operation == "GetMetricData" and call.region == "us-east-1"
        for query in call.parameters["MetricDataQueries"]
    ]
    (rate,) = [metric for metric in asked if metric["MetricName"] == "4xxErrorRate"]
    assert rate["Namespace"] == "AWS/CloudFront"
    assert {one["Name"] for one in rate["Dimensions"]} == {"DistributionId", "Region"}
    assert {"Name": "Region", "Value": "Global"} in rate["Dimensions"]


def test_the_alias_its_versions_and_who_calls_it_are_read(production: Watched) -> None:
    assert production.situation.releases.value is not None
    (release,) = production.situation.releases.value
    assert release.alias is not None
    assert (release.alias.name, release.alias.version, release.alias.weights) == ("LIVE", 41, ())
    numbers = [version.number for version in release.versions]
    assert numbers == sorted(numbers, reverse=True)
    assert release.called_by_api is True


@pytest.mark.parametrize("word", WORDS)
def test_alarms_are_those_of_the_environment_alone(scenes: dict[str, Watched], word: str) -> None:
    alarms, stack = scenes[word].situation.alarms.value, scenes[word].watch.environment.stack
    assert alarms
    assert {alarm.region for alarm in alarms} <= {"us-west-2", "us-east-1"}
    others = {own(scene).stack_name for scene in scenes.values()} - {stack}
    assert not [alarm.name for alarm in alarms if alarm.name.startswith(tuple(others))]


def test_an_identity_that_nothing_publishes_is_named_with_its_nearest(account: SimulatedAccount) -> None:
    wrong = MetricId("us-west-2", "AWS/ApiGateway", "Latency", (("ApiName", "ec2-manager-api-prod"), ("Stage", "prod")))
    right = MetricId(
        "us-west-2", "AWS/ApiGateway", "Latency", (("ApiName", "ec2-manager-api-production"), ("Stage", "prod"))
    )

    async def look() -> tuple[tuple[bool, str], tuple[bool, str]]:
        asking = Account(at_endpoint(find(load(), "prod"), account.endpoint), account.clock)
        try:
            return await metrics.published(asking, wrong), await metrics.published(asking, right)
        finally:
            await asking.close()

    unknown, known = asyncio.run(look())
    assert known == (True, "")
    assert unknown[0] is False
    assert "Stage=prod" in unknown[1]


def test_the_account_tells_its_own_time(account: SimulatedAccount) -> None:
    clock = clock_at(at_endpoint(find(load(), "prod"), account.endpoint))
    assert abs((clock.now() - account.clock.now()).total_seconds()) < 5
    assert isinstance(clock_at(find(load(), "prod")), RealClock)
    with pytest.raises(AccountError, match=r"nothing answers at http://127\.0\.0\.1:9"):
        clock_at(at_endpoint(find(load(), "prod"), "http://127.0.0.1:9"))
