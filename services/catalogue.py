"""Which series are asked for, with exactly the dimensions that AWS publishes. Pure.

A dimension set that is never published answers 200 with nothing (aws.md 0.2), so every set here is that of
aws.md 1.1, with names from the account: the API's name and stage, tables with their indexes, the distribution with
Region=Global in us-east-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from services.model.apis import Api, ApiKind
from services.model.functions import Release
from services.model.parts import Parts
from services.model.series import MetricId, Signal, Sparseness
from services.model.spending import Need
from services.model.tables import Table
from services.settings.values import Environment

EDGE_REGION = "us-east-1"
SETTLE_S = 120
EDGE_SETTLE_S = 300
"""Seconds until a period's points are complete (aws.md 1.2)."""

USERS_SETTLE_S = 600

PERCENTILE_PERIOD = 300
"""Percentiles cannot be combined, so they are asked over the decision's own window (aws.md 1.3)."""

EVIDENCE_PERIOD = 300


def signals(
    parts: Parts, apis: Sequence[Api], tables: Sequence[Table], releases: Sequence[Release], environment: Environment
) -> tuple[Signal, ...]:
    """Every signal of an environment, for all feeds; `of_feed` tells them apart."""
    found: list[Signal] = []
    for api in apis:
        if api.stage and api.kind is not ApiKind.WEBSOCKET:  # no request of one ends: it has no latency, no 5xx
            found += _api(api, _named(api, apis), environment.region)
    for function in dict.fromkeys((*parts.functions, *(release.function for release in releases))):
        found += _function(function, environment.region)
    for table in tables:
        found += _table(table, environment.region)
    for distribution in parts.distributions:
        found += _edge(distribution)
    for pool in parts.user_pools:
        found += _users(pool, parts.user_pool_clients, environment.region)
    return tuple(found)


def of_feed(feed: str, all_signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """The signals of `metrics`, `percentiles` or `edge_metrics`."""
    return tuple(signal for signal in all_signals if _feed(signal) == feed)


def need_of(signal: Signal) -> Need:
    """What it is asked for: judgement, or its explanation.

    Percentiles explain a mean, which is judged; latencies by operation explain a table's. Of the few series of an API
    or a distribution all are judged together: what one panel shows is of one instant.
    """
    explains = signal.key == "table.latency" or any(one.startswith("p") for one in signal.statistics)
    return Need.DIAGNOSIS if explains else Need.JUDGED


def region_sums(region: str) -> tuple[Signal, ...]:
    """Errors and throttles of every function of the region together: one metric each, without dimensions."""
    return tuple(
        Signal(f"region.{key}", "region", _metric(region, "AWS/Lambda", name), ("Sum",), 60, SETTLE_S)
        for key, name in (("errors", "Errors"), ("throttles", "Throttles"))
    )


def evidence(release: Release, versions: Sequence[int], environment: Environment) -> tuple[Signal, ...]:
    """How each version did behind the alias: `{FunctionName, Resource=fn:alias, ExecutedVersion}` (aws.md 5.2)."""
    if release.alias is None:
        return ()
    found = []
    for version in versions:
        dimensions = {
            "FunctionName": release.function,
            "Resource": f"{release.function}:{release.alias.name}",
            "ExecutedVersion": str(version),
        }
        for key, name in (("version.invocations", "Invocations"), ("version.errors", "Errors")):
            found.append(
                Signal(
                    key,
                    f"{release.function}:{version}",
                    _metric(environment.region, "AWS/Lambda", name, **dimensions),
                    ("Sum",),
                    period=EVIDENCE_PERIOD,
                )
            )
    return tuple(found)


def _feed(signal: Signal) -> str:
    if signal.key.startswith("edge."):
        return "edge_metrics"
    return "percentiles" if signal.period == PERCENTILE_PERIOD else "metrics"


def _metric(region: str, namespace: str, name: str, **dimensions: str) -> MetricId:
    return MetricId(region, namespace, name, tuple(sorted((key, str(value)) for key, value in dimensions.items())))


API_NAMES: Mapping[ApiKind, Mapping[str, str]] = {
    ApiKind.REST: {"api.5xx": "5XXError", "api.4xx": "4XXError"},
    ApiKind.HTTP: {"api.5xx": "5xx", "api.4xx": "4xx"},
}
"""What the two kinds call differently (aws.md 1.1)."""


def api_dimensions(api: Api) -> dict[str, str]:
    """How AWS names the stage that serves: a REST API by its name, an HTTP API by its id."""
    if api.kind is ApiKind.HTTP:
        return {"ApiId": str(api.id), "Stage": str(api.stage)}
    return {"ApiName": _ascii(api), "Stage": str(api.stage)}


def _ascii(api: Api) -> str:
    # AWS strips what is not ASCII from the dimension, and uses the id when nothing is left (aws.md 1.1).
    return re.sub(r"[^\x20-\x7e]", "", api.name) or api.id


def _named(api: Api, apis: Sequence[Api]) -> str:
    """What a person calls the stage; the id where two HTTP APIs have one name, for they are counted apart."""
    name = _ascii(api)
    if api.kind is ApiKind.HTTP and sum(1 for other in apis if _ascii(other) == name) > 1:
        name = str(api.id)
    return f"{name}/{api.stage}"


def _api(api: Api, resource: str, region: str) -> list[Signal]:
    names, dimensions = API_NAMES[api.kind], api_dimensions(api)

    def signal(key: str, metric: str, *statistics: str, period: int = 60) -> Signal:
        identity = _metric(region, "AWS/ApiGateway", metric, **dimensions)
        return Signal(key, resource, identity, statistics, period, SETTLE_S)

    return [
        signal("api.count", "Count", "SampleCount", "Sum"),
        signal("api.5xx", names["api.5xx"], "Sum", "SampleCount"),
        signal("api.4xx", names["api.4xx"], "Sum"),
        signal("api.latency", "Latency", "Average", "SampleCount", "Maximum"),
        signal("api.integration", "IntegrationLatency", "Average", "SampleCount"),
        signal("api.latency", "Latency", "p95", "p99", "Maximum", period=PERCENTILE_PERIOD),
    ]


def _function(function: str, region: str) -> list[Signal]:
    def signal(key: str, metric: str, *statistics: str, period: int = 60) -> Signal:
        return Signal(
            key, function, _metric(region, "AWS/Lambda", metric, FunctionName=function), statistics, period, SETTLE_S
        )

    return [
        signal("lambda.invocations", "Invocations", "Sum"),
        signal("lambda.errors", "Errors", "Sum"),
        signal("lambda.throttles", "Throttles", "Sum"),
        signal("lambda.duration", "Duration", "Average", "SampleCount", "Maximum"),
        signal("lambda.duration", "Duration", "p95", "p99", period=PERCENTILE_PERIOD),
    ]


def _table(table: Table, region: str) -> list[Signal]:
    found: list[Signal] = []
    places: list[tuple[str, dict[str, str]]] = [(table.name, {"TableName": table.name})]
    # The table's value excludes its indexes: each throttles by itself (aws.md 1.1).
    places.extend(
        (f"{table.name}/{index.name}", {"TableName": table.name, "GlobalSecondaryIndexName": index.name})
        for index in table.indexes
    )
    for resource, dimensions in places:
        for key, metric in (
            ("table.read_throttles", "ReadThrottleEvents"),
            ("table.write_throttles", "WriteThrottleEvents"),
        ):
            identity = _metric(region, "AWS/DynamoDB", metric, **dimensions)
            found.append(Signal(key, resource, identity, ("Sum",), 60, SETTLE_S, Sparseness.NON_ZERO))
        for key, metric in (
            ("table.reads", "ConsumedReadCapacityUnits"),
            ("table.writes", "ConsumedWriteCapacityUnits"),
        ):
            identity = _metric(region, "AWS/DynamoDB", metric, **dimensions)
            found.append(Signal(key, resource, identity, ("Sum", "SampleCount"), 60, SETTLE_S))
    for operation in table.operations:
        identity = _metric(
            region, "AWS/DynamoDB", "SuccessfulRequestLatency", TableName=table.name, Operation=operation
        )
        found.append(
            Signal(
                "table.latency",
                f"{table.name}/{operation}",
                identity,
                ("Average", "SampleCount", "Maximum"),
                PERCENTILE_PERIOD,
                SETTLE_S,
            )
        )
    return found


def edge_metric(distribution: str, name: str) -> MetricId:
    """One of CloudFront's metrics of a distribution, which one region has for the whole world."""
    return _metric(EDGE_REGION, "AWS/CloudFront", name, DistributionId=distribution, Region="Global")


def _edge(distribution: str) -> list[Signal]:
    def signal(key: str, metric: str, statistic: str) -> Signal:
        return Signal(key, distribution, edge_metric(distribution, metric), (statistic,), 60, EDGE_SETTLE_S)

    return [
        signal("edge.requests", "Requests", "Sum"),
        signal("edge.4xx", "4xxErrorRate", "Average"),
        signal("edge.5xx", "5xxErrorRate", "Average"),
        signal("edge.hits", "CacheHitRate", "Average"),
    ]


def _users(pool: str, clients: Sequence[str], region: str) -> list[Signal]:
    """Sign-ins: 1 for tokens issued, 0 for a failure. An attack with a wrong client id shows under `Invalid`."""
    return [
        Signal(
            "users.sign_ins",
            f"{pool}/{client}",
            _metric(region, "AWS/Cognito", "SignInSuccesses", UserPool=pool, UserPoolClient=client),
            ("Sum", "SampleCount"),
            PERCENTILE_PERIOD,
            USERS_SETTLE_S,
        )
        for client in (*clients, "Invalid")
    ]
