"""A stack that is nothing like the EC2 Manager, known by its name and region alone, asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.model.apis import ApiKind
from services.model.assessment import State
from services.rules import judge
from services.settings import Settings
from services.settings.loading import at_endpoint, parse
from services.simulated.account import SimulatedAccount
from services.simulated.desk.estate import desk
from services.simulated.publishing import MetricFault, MetricFaultKind
from services.watch.deploy_questions import methods
from tests.contract.watch_support import FEEDS, Watched
from tests.simulated_support import boto, simulated
from tui.deploy_methods import stray

CONFIGURATION = b"""
system = "Order Desk"
[[environments]]
name = "orders"
stack = "OrderDesk-production"
region = "eu-central-1"
"""

OURS = desk(1)


def settings() -> Settings:
    return parse(CONFIGURATION, "orders.toml")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("one-function-fails") as opened:
        yield opened


@pytest.fixture(scope="module")
def seen(account: SimulatedAccount) -> Iterator[Watched]:
    configured = settings()
    watched = Watched(account, at_endpoint(configured.environments[0], account.endpoint), configured)
    watched.watch.start()
    try:
        watched.settle()
        watched.advance(600, step=60)
        yield watched
    finally:
        watched.watch.stop()
        watched.watch.join(10)


def test_every_feed_answers_and_what_the_stack_lacks_is_empty(seen: Watched) -> None:
    for feed in FEEDS:
        assert getattr(seen.situation, feed).problem is None, feed
    assert seen.situation.distributions.value == ()
    assert seen.situation.buckets.value == ()
    assert seen.situation.alarms.value == ()


def test_the_http_api_is_read_with_its_stage_and_what_it_calls(seen: Watched) -> None:
    assert seen.situation.apis.value is not None
    (api,) = seen.situation.apis.value
    assert (api.id, api.kind, api.stage) == (OURS.api, ApiKind.HTTP, "$default")
    assert api.access_log_group == OURS.access_log_group
    assert len(api.deployments) == 1
    assert [uri.partition(":function:")[2] for uri in api.integrations] == [f"{one.name}:live" for one in OURS.routed]


@pytest.mark.runbook("R167")
def test_the_routes_of_the_http_api_are_told_with_what_each_calls(seen: Watched) -> None:
    apis, releases = seen.situation.apis.value, seen.situation.releases.value
    assert apis is not None
    assert releases is not None
    found = seen.watch.ask(methods(apis)).result(60)
    assert {(f"{one.method} {one.path}".strip(), one.function, one.qualifier) for one in found} == {
        *((one.route, one.name, "live") for one in OURS.routed),
        ("GET /health", OURS.routed[0].name, "live"),
    }
    assert {(one.kind, one.timeout_ms) for one in found} == {("AWS_PROXY", 30_000)}
    assert not any(stray(one, releases) for one in found)


def test_whether_the_api_calls_the_alias_is_known_as_for_a_rest_api(seen: Watched) -> None:
    assert seen.situation.releases.value is not None
    called = {one.function: one.called_by_api for one in seen.situation.releases.value}
    assert called == {one.name: True if one.route else None for one in OURS.functions}


def test_tables_tell_their_indexes_and_the_operations_that_use_them(seen: Watched) -> None:
    assert seen.situation.tables.value is not None
    orders, customers = seen.situation.tables.value
    assert [index.name for index in orders.indexes] == ["by-customer", "by-state"]
    assert customers.indexes == ()
    assert orders.operations == ("GetItem", "PutItem", "Query")


def test_every_identity_that_is_asked_for_is_published(seen: Watched) -> None:
    for feed in (seen.situation.metrics, seen.situation.percentiles):
        assert feed.value is not None
        assert not {one for one in feed.value.unpublished if "Invalid" not in one}
        for one in feed.value.series.values():
            if "throttles" not in one.signal.key and "Invalid" not in one.signal.resource:
                assert one.newest is not None, one.signal


def test_every_panel_is_right_and_the_failing_function_is_named(seen: Watched) -> None:
    found = judge(seen.situation, settings(), seen.clock.now())
    judgements = found.judgements
    assert judgements["lambda.errors"].state is State.CRIT
    assert judgements["lambda.errors"].detail.startswith("orderdesk-place-order · ")
    assert judgements["api.errors"].state is State.CRIT
    assert judgements["api.latency"].state is State.OK
    assert judgements["table.throttles"].state is State.OK
    assert "by-customer" in judgements["table.capacity"].reason
    assert judgements["edge.4xx"].reason == "the stack has no distribution."
    assert found.verdict.state is State.CRIT
    nodes = {node.key: (node.state, node.note) for node in found.nodes}
    assert nodes["cloudfront"] == nodes["s3"] == (State.NOT_ENABLED, "not in this stack")
    assert nodes["api"][0] is State.CRIT


def test_a_function_that_was_never_invoked_is_grey_and_hides_no_other() -> None:
    new = next(one.name for one in OURS.functions if not one.route)
    configured = settings()
    with simulated("calm") as account:
        account.publishing.add(MetricFault("AWS/Lambda", "*", MetricFaultKind.REMOVED, value=new))
        watched = Watched(account, at_endpoint(configured.environments[0], account.endpoint), configured)
        watched.watch.start()
        try:
            watched.settle()
            watched.advance(180, step=60)
            assert watched.situation.metrics.value is not None
            found = judge(watched.situation, configured, watched.clock.now()).judgements
        finally:
            watched.watch.stop()
            watched.watch.join(10)
        unknown = watched.situation.metrics.value.unpublished
        assert any(new in one for one in unknown)
    for key in ("lambda.errors", "lambda.duration"):
        standings = {str(one.resource): one.state for one in found[key].standings}
        assert (found[key].state, standings[new]) == (State.OK, State.NO_TRAFFIC)


def test_its_cost_is_that_of_its_series(seen: Watched) -> None:
    assert 0.01 < seen.situation.spending.per_hour < 0.05
    assert not seen.situation.spending.capped


@pytest.mark.parametrize(
    ("namespace", "metric", "sets"),
    [
        ("AWS/ApiGateway", "5xx", [{"ApiId"}, {"ApiId", "Stage"}]),
        ("AWS/ApiGateway", "5XXError", []),
        (
            "AWS/Lambda",
            "Errors",
            [{"FunctionName"}, {"FunctionName", "Resource"}, {"FunctionName", "Resource", "ExecutedVersion"}],
        ),
        ("AWS/DynamoDB", "ConsumedReadCapacityUnits", [{"TableName"}, {"TableName", "GlobalSecondaryIndexName"}]),
        ("AWS/DynamoDB", "SuccessfulRequestLatency", [{"TableName", "Operation"}]),
        ("AWS/Cognito", "SignInSuccesses", [{"UserPool", "UserPoolClient"}]),
    ],
)
def test_only_the_dimension_sets_that_aws_publishes_are_published(
    account: SimulatedAccount, namespace: str, metric: str, sets: list[set[str]]
) -> None:
    client = boto(account, "cloudwatch", "eu-central-1")
    listed = client.list_metrics(Namespace=namespace, MetricName=metric)["Metrics"]
    found = {frozenset(pair["Name"] for pair in one["Dimensions"]) for one in listed}
    assert found - {frozenset()} == {frozenset(one) for one in sets}


def test_the_two_applications_know_nothing_of_each_other(account: SimulatedAccount) -> None:
    home, away = (boto(account, "cloudformation", region) for region in ("us-west-2", "eu-central-1"))
    assert [one["StackName"] for one in away.describe_stacks()["Stacks"]] == ["OrderDesk-production"]
    assert "OrderDesk-production" not in {one["StackName"] for one in home.describe_stacks()["Stacks"]}
    assert boto(account, "apigatewayv2").get_apis()["Items"] == []
    assert len(boto(account, "apigatewayv2", "eu-central-1").get_apis()["Items"]) == 1
    functions = boto(account, "lambda", "eu-central-1").list_functions()["Functions"]
    assert {one["FunctionName"] for one in functions} == {one.name for one in OURS.functions}


def test_an_http_api_that_is_not_there_is_refused_as_aws_refuses(account: SimulatedAccount) -> None:
    client = boto(account, "apigatewayv2", "eu-central-1")
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_api(ApiId="nothing")
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_stage(ApiId=OURS.api, StageName="prod")
    assert client.get_stage(ApiId=OURS.api, StageName="$default")["AutoDeploy"] is True
    routes = [one["RouteKey"] for one in client.get_routes(ApiId=OURS.api)["Items"]]
    assert routes == [*(one.route for one in OURS.routed), "GET /health"]
