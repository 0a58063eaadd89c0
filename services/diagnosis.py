"""Series that a diagnosis may need and no panel shows: named exactly, asked for only when somebody looks. Pure.

Each costs a thousandth of a cent a look; polled every minute they would triple the bill. Dimension sets are those of
aws.md 1.1, like the catalogue's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.catalogue import EDGE_REGION, EDGE_SETTLE_S, SETTLE_S, USERS_SETTLE_S, api_dimensions
from services.model.apis import Api, ApiKind
from services.model.parts import Parts
from services.model.series import MetricId, Signal, Sparseness
from services.model.tables import Table

CAUSES = tuple(
    f"{side}{cause}ThrottleEvents"
    for side in ("Read", "Write")
    for cause in ("ProvisionedThroughput", "MaxOnDemandThroughput", "KeyRangeThroughput", "AccountLimit")
)
"""Why a table or an index throttles: KeyRangeThroughput is a hot partition."""

_EDGE_PAID = ("401ErrorRate", "403ErrorRate", "404ErrorRate", "502ErrorRate", "503ErrorRate", "504ErrorRate")


def signals(parts: Parts, apis: Sequence[Api], tables: Sequence[Table], region: str) -> tuple[Signal, ...]:
    """Everything of a stack in its region, and of its distributions in us-east-1."""
    return (
        *_of_region(region),
        *(one for api in apis for one in _of_api(api, region)),
        *(one for function in parts.functions for one in _of_function(function, parts, region)),
        *(one for table in tables for one in _of_table(table, region)),
        *(one for distribution in parts.distributions for one in _of_edge(distribution)),
        *(one for pool in parts.user_pools for one in _of_pool(pool, parts.user_pool_clients, region)),
    )


def _signal(
    region: str,
    resource: str,
    namespace: str,
    name: str,
    statistics: tuple[str, ...],
    dimensions: Mapping[str, str],
    sparse: Sparseness = Sparseness.PER_REQUEST,
    settle: int = SETTLE_S,
) -> Signal:
    metric = MetricId(region, namespace, name, tuple(sorted(dimensions.items())))
    return Signal(f"diagnosis.{name}", resource, metric, statistics, 60, settle, sparse)


def _of_region(region: str) -> Iterator[Signal]:
    """What all functions and tables of the account's region share: headroom, and errors of nobody in particular."""
    for name in ("ConcurrentExecutions", "UnreservedConcurrentExecutions"):
        yield _signal(region, "region", "AWS/Lambda", name, ("Maximum",), {})
    yield _signal(region, "region", "AWS/DynamoDB", "UserErrors", ("Sum",), {}, Sparseness.NON_ZERO)


def _of_api(api: Api, region: str) -> Iterator[Signal]:
    if not api.stage or api.kind is ApiKind.WEBSOCKET:
        return
    names = ("DataProcessed",) if api.kind is ApiKind.HTTP else ("CacheHitCount", "CacheMissCount")
    for name in names:
        yield _signal(region, str(api.name), "AWS/ApiGateway", name, ("Sum",), api_dimensions(api))


def _of_function(function: str, parts: Parts, region: str) -> Iterator[Signal]:
    yield _signal(region, function, "AWS/Lambda", "ConcurrentExecutions", ("Maximum",), {"FunctionName": function})
    for owner, alias in parts.aliases:
        if owner == function:
            # Provisioned concurrency sits on an alias or a version.
            of = {"FunctionName": function, "Resource": f"{function}:{alias}"}
            for name, statistic in (("Utilization", "Maximum"), ("SpilloverInvocations", "Sum")):
                yield _signal(region, function, "AWS/Lambda", f"ProvisionedConcurrency{name}", (statistic,), of)


def _of_table(table: Table, region: str) -> Iterator[Signal]:
    name, rare = str(table.name), Sparseness.NON_ZERO
    for operation in table.operations:
        of = {"TableName": name, "Operation": str(operation)}
        yield _signal(region, name, "AWS/DynamoDB", "ThrottledRequests", ("Sum",), of, rare)
        yield _signal(region, name, "AWS/DynamoDB", "SystemErrors", ("Sum",), of, rare)
    for metric in ("ConditionalCheckFailedRequests", "TransactionConflict"):
        yield _signal(region, name, "AWS/DynamoDB", metric, ("Sum",), {"TableName": name}, rare)
    places = [{"TableName": name}]
    places += [{"TableName": name, "GlobalSecondaryIndexName": str(index.name)} for index in table.indexes]
    for place in places:
        for cause in CAUSES:
            yield _signal(region, name, "AWS/DynamoDB", cause, ("Sum",), place, rare)


def _of_edge(distribution: str) -> Iterator[Signal]:
    of = {"DistributionId": distribution, "Region": "Global"}
    for name in ("TotalErrorRate", *_EDGE_PAID):
        yield _signal(EDGE_REGION, distribution, "AWS/CloudFront", name, ("Average",), of, settle=EDGE_SETTLE_S)
    yield _signal(
        EDGE_REGION, distribution, "AWS/CloudFront", "OriginLatency", ("p50", "p95", "p99"), of, settle=EDGE_SETTLE_S
    )
    for name in ("BytesDownloaded", "BytesUploaded"):
        yield _signal(EDGE_REGION, distribution, "AWS/CloudFront", name, ("Sum",), of, settle=EDGE_SETTLE_S)


def _of_pool(pool: str, clients: Sequence[str], region: str) -> Iterator[Signal]:
    for client in clients:
        of = {"UserPool": pool, "UserPoolClient": str(client)}
        for name in ("SignInThrottles", "TokenRefreshSuccesses", "SignUpSuccesses"):
            yield _signal(region, f"{pool}/{client}", "AWS/Cognito", name, ("Sum",), of, settle=USERS_SETTLE_S)
