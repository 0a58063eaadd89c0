"""The series that are asked for: exactly the dimension sets that AWS publishes."""

from __future__ import annotations

import msgspec
import pytest

from services import catalogue, diagnosis
from services.model.apis import Api, ApiKind
from services.model.functions import Alias, Release
from services.model.parts import Parts
from services.model.series import Signal, Sparseness
from services.model.tables import Index, Table
from services.safe_text import SafeText, safe
from services.settings.values import Environment
from services.watch.measuring import billed, candidates

ENVIRONMENT = Environment("production", "EC2Manager-production", "us-west-2")
NONE = SafeText("")


def parts(**fields: tuple[SafeText, ...]) -> Parts:
    return Parts(SafeText("S"), NONE, (), **fields)  # type: ignore[arg-type]  # fields by name


def everything() -> tuple[Signal, ...]:
    return catalogue.signals(
        parts(functions=(safe("fn"),), distributions=(safe("E1"),)),
        (Api(id=safe("abc"), name=safe("api-production"), stage=safe("prod")),),
        (Table(safe("audit"), safe("ACTIVE"), True, indexes=(Index(safe("by-user"), safe("ACTIVE")),)),),
        (),
        ENVIRONMENT,
    )


API = {"ApiName": "api-production", "Stage": "prod"}
FUNCTION = {"FunctionName": "fn"}
TABLE = {"TableName": "audit"}
INDEX = {"TableName": "audit", "GlobalSecondaryIndexName": "by-user"}
EDGE = {"DistributionId": "E1", "Region": "Global"}


@pytest.mark.parametrize(
    ("key", "namespace", "name", "dimensions", "statistics", "period"),
    [
        ("api.count", "AWS/ApiGateway", "Count", API, ("SampleCount", "Sum"), 60),
        ("api.5xx", "AWS/ApiGateway", "5XXError", API, ("Sum", "SampleCount"), 60),
        ("api.4xx", "AWS/ApiGateway", "4XXError", API, ("Sum",), 60),
        ("api.latency", "AWS/ApiGateway", "Latency", API, ("Average", "SampleCount", "Maximum"), 60),
        ("api.latency", "AWS/ApiGateway", "Latency", API, ("p95", "p99", "Maximum"), 300),
        ("lambda.errors", "AWS/Lambda", "Errors", FUNCTION, ("Sum",), 60),
        ("lambda.duration", "AWS/Lambda", "Duration", FUNCTION, ("p95", "p99"), 300),
        ("table.read_throttles", "AWS/DynamoDB", "ReadThrottleEvents", TABLE, ("Sum",), 60),
        ("table.write_throttles", "AWS/DynamoDB", "WriteThrottleEvents", INDEX, ("Sum",), 60),
        ("table.reads", "AWS/DynamoDB", "ConsumedReadCapacityUnits", TABLE, ("Sum", "SampleCount"), 60),
        ("edge.requests", "AWS/CloudFront", "Requests", EDGE, ("Sum",), 60),
        ("edge.4xx", "AWS/CloudFront", "4xxErrorRate", EDGE, ("Average",), 60),
        ("edge.hits", "AWS/CloudFront", "CacheHitRate", EDGE, ("Average",), 60),
    ],
)
def test_each_series_has_the_identity_that_aws_publishes(
    key: str, namespace: str, name: str, dimensions: dict[str, str], statistics: tuple[str, ...], period: int
) -> None:
    wanted = tuple(sorted(dimensions.items()))
    (found,) = [
        signal
        for signal in everything()
        if (signal.key, signal.period, signal.metric.dimensions) == (key, period, wanted)
    ]
    assert (found.metric.namespace, found.metric.name, found.statistics) == (namespace, name, statistics)
    assert found.metric.region == ("us-east-1" if namespace == "AWS/CloudFront" else "us-west-2")


def test_ids_are_unique_and_every_signal_belongs_to_one_feed() -> None:
    signals = everything()
    assert len({signal.id for signal in signals}) == len(signals)
    feeds = [catalogue.of_feed(feed, signals) for feed in ("metrics", "percentiles", "edge_metrics")]
    assert sum(map(len, feeds)) == len(signals)
    for feed in feeds:
        assert len({(signal.metric.region, signal.period) for signal in feed}) == 1


def test_only_throttles_are_silent_when_all_is_well() -> None:
    silent = {signal.key for signal in everything() if signal.sparse is Sparseness.NON_ZERO}
    assert silent == {"table.read_throttles", "table.write_throttles"}


def test_an_index_throttles_by_itself() -> None:
    resources = [signal.resource for signal in everything() if signal.key == "table.read_throttles"]
    assert resources == ["audit", "audit/by-user"]


def test_a_stack_without_a_part_has_no_series_of_it() -> None:
    assert catalogue.signals(parts(), (), (), (), ENVIRONMENT) == ()
    no_stage = Api(id=safe("abc"), name=safe("api"))
    assert catalogue.signals(parts(), (no_stage,), (), (), ENVIRONMENT) == ()


def test_what_is_not_ascii_is_missing_from_the_dimension() -> None:
    for name, dimension in (("größe", "gre"), ("日本", "abc")):
        api = Api(id=safe("abc"), name=safe(name), stage=safe("prod"))
        signals = catalogue.signals(parts(), (api,), (), (), ENVIRONMENT)
        assert {dict(signal.metric.dimensions)["ApiName"] for signal in signals} == {dimension}


def test_up_to_five_statistics_of_one_metric_bill_as_one() -> None:
    signals = everything()
    assert billed(catalogue.of_feed("metrics", signals)) == 17
    assert billed(catalogue.of_feed("edge_metrics", signals)) == 4
    assert billed(signals) == 17 + 4 + 1  # Latency's six statistics are two; Duration's five are one


def release(version: int, published: range, weights: tuple[tuple[int, float], ...] = ()) -> Release:
    from services.model.functions import FunctionVersion

    return Release(
        safe("fn"),
        Alias(safe("fn"), safe("LIVE"), version, weights),
        tuple(FunctionVersion(number, safe(f"sha{number}")) for number in reversed(published)),
    )


def test_evidence_is_asked_per_version_behind_the_alias() -> None:
    signals = catalogue.evidence(release(42, range(41, 43)), (42, 41), ENVIRONMENT)
    assert {signal.metric.dimensions for signal in signals} == {
        (("ExecutedVersion", "42"), ("FunctionName", "fn"), ("Resource", "fn:LIVE")),
        (("ExecutedVersion", "41"), ("FunctionName", "fn"), ("Resource", "fn:LIVE")),
    }
    without = Release(safe("fn"), None, ())
    assert catalogue.evidence(without, (1,), ENVIRONMENT) == ()


@pytest.mark.parametrize(
    ("version", "published", "weights", "asked"),
    [
        (42, range(30, 43), (), (42, 41, 40, 39, 38, 37, 36)),
        (41, range(39, 43), (), (42, 41, 40, 39)),
        (42, range(40, 43), ((41, 0.1),), (42, 41, 40)),
        (1, range(1, 2), (), (1,)),
        (0, range(1, 3), (), (2, 1)),
    ],
)
def test_the_serving_version_and_its_neighbours_are_candidates(
    version: int, published: range, weights: tuple[tuple[int, float], ...], asked: tuple[int, ...]
) -> None:
    assert candidates(release(version, published, weights)) == asked


HTTP = {"ApiId": "h1", "Stage": "$default"}


def http(id: str = "h1", name: str = "orders", kind: ApiKind = ApiKind.HTTP) -> Api:
    return Api(id=safe(id), name=safe(name), stage=safe("$default"), kind=kind)


def test_an_http_api_is_named_by_its_id_and_calls_its_errors_otherwise() -> None:
    found = catalogue.signals(parts(), (http(),), (), (), ENVIRONMENT)
    names = {(one.key, one.period): one.metric.name for one in found}
    assert names == {
        ("api.count", 60): "Count",
        ("api.5xx", 60): "5xx",
        ("api.4xx", 60): "4xx",
        ("api.latency", 60): "Latency",
        ("api.integration", 60): "IntegrationLatency",
        ("api.latency", 300): "Latency",
    }
    assert {one.metric.dimensions for one in found} == {tuple(sorted(HTTP.items()))}


def test_two_http_apis_of_one_name_are_counted_apart_and_a_websocket_api_is_not_counted() -> None:
    apis = (http("h1"), http("h2"), http("w1", "chat", ApiKind.WEBSOCKET))
    found = catalogue.signals(parts(), apis, (), (), ENVIRONMENT)
    assert {one.resource for one in found} == {"h1/$default", "h2/$default"}
    assert len({one.id for one in found}) == len(found)


@pytest.mark.parametrize(
    ("name", "dimensions"),
    [
        ("WriteKeyRangeThroughputThrottleEvents", INDEX),
        ("ReadAccountLimitThrottleEvents", TABLE),
        ("ThrottledRequests", TABLE | {"Operation": "Query"}),
        ("SystemErrors", TABLE | {"Operation": "Query"}),
        ("UserErrors", {}),
        ("UnreservedConcurrentExecutions", {}),
        ("ProvisionedConcurrencyUtilization", FUNCTION | {"Resource": "fn:LIVE"}),
        ("ProvisionedConcurrencySpilloverInvocations", FUNCTION | {"Resource": "fn:LIVE"}),
        ("OriginLatency", EDGE),
        ("503ErrorRate", EDGE),
        ("DataProcessed", HTTP),
        ("SignInThrottles", {"UserPool": "p", "UserPoolClient": "web"}),
    ],
)
def test_a_diagnosis_can_ask_for_what_no_panel_shows(name: str, dimensions: dict[str, str]) -> None:
    of = parts(functions=(safe("fn"),), distributions=(safe("E1"),), user_pools=(safe("p"),))
    of = msgspec.structs.replace(of, aliases=((safe("fn"), safe("LIVE")),), user_pool_clients=(safe("web"),))
    indexes, used = (Index(safe("by-user"), safe("ACTIVE")),), (safe("Query"),)
    table = Table(safe("audit"), safe("ACTIVE"), True, indexes=indexes, operations=used)
    found = diagnosis.signals(of, (http(),), (table,), "us-west-2")
    wanted = tuple(sorted(dimensions.items()))
    assert [one.metric.name for one in found if (one.metric.name, one.metric.dimensions) == (name, wanted)] == [name]
    watched = {one.metric for one in catalogue.signals(of, (http(),), (table,), (), ENVIRONMENT)}
    assert not watched & {one.metric for one in found}


def test_latency_of_a_table_is_asked_by_the_operations_that_are_used() -> None:
    table = Table(safe("a"), safe("ACTIVE"), True, operations=(safe("GetItem"), safe("Query")))
    found = [one for one in catalogue.signals(parts(), (), (table,), (), ENVIRONMENT) if one.key == "table.latency"]
    assert [one.resource for one in found] == ["a/GetItem", "a/Query"]
    assert {(one.metric.name, one.period) for one in found} == {("SuccessfulRequestLatency", 300)}


def test_what_is_asked_of_one_metric_stays_in_one_call_and_is_billed_once() -> None:
    from services.aws.metrics import QUERIES, _calls

    names = tuple(safe(f"fn-{number}") for number in range(1_000))
    signals = catalogue.of_feed("metrics", catalogue.signals(parts(functions=names), (), (), (), ENVIRONMENT))
    calls = _calls(signals)
    assert all(len(call) <= QUERIES for call in calls)
    assert [one for call in calls for one in call] == [(one, name) for one in signals for name in one.statistics]
    assert sum(billed(list({one.id: one for one, _ in call}.values())) for call in calls) == billed(signals) == 4_000
