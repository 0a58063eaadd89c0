"""What AWS publishes of each service, with exactly its dimension sets (aws.md 1.1), and how late.

Any other combination was never published: it answers with nothing, as on AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from services.simulated.cloudwatch.identity import MetricKey
from services.simulated.estate import EnvironmentEstate, Estate
from services.simulated.world import spreads
from services.simulated.world.values import Minute, Spread

Sample = Callable[[Minute], Spread]

BUSINESS_NAMESPACE = "EC2Manager"
EDGE_REGION = "us-east-1"


class Source(msgspec.Struct, frozen=True):
    """How a service's points arrive."""

    lag: int
    """Seconds between something happening and its being visible (aws.md 1.2 names what a reader has to allow)."""
    streams: bool = False
    """Whether the newest minute fills up while it is looked at; else a minute appears whole."""
    block: int = 60
    """Seconds that one published point stands for."""


API = Source(60, streams=True)
FUNCTION = Source(75, streams=True)
TABLE = Source(90)
EDGE = Source(210)
USERS = Source(300, block=300)
BUSINESS = Source(60)


class Published(msgspec.Struct, frozen=True):
    """One metric: where it is, how its points arrive, how a minute becomes its samples."""

    region: str
    key: MetricKey
    unit: str
    source: Source
    environments: tuple[str, ...]
    """Whose minutes it adds up."""
    sample: Sample
    rare: bool = False
    """Published only when something goes wrong: months without a point are nothing special."""
    version: int | None = None
    """The version whose executions alone it tells of."""
    own: Callable[[int], Spread] | None = None
    """Of what is no environment's: its samples by the start of a minute. Its points appear whole."""


def catalogue(estate: Estate, versions: Mapping[str, Iterable[int]]) -> dict[tuple[str, MetricKey], Published]:
    """Every metric of the account. `versions`: environment → versions of its function that ever served by the alias."""
    found: dict[tuple[str, MetricKey], Published] = {}
    for environment in estate.environments:
        for metric in _of_environment(environment, versions.get(environment.name, ())):
            found[metric.region, metric.key] = metric
    names = tuple(environment.name for environment in estate.environments)
    for name, (unit, sample) in _FUNCTION_METRICS.items():
        key = MetricKey("AWS/Lambda", name)
        found[estate.region, key] = Published(estate.region, key, unit, FUNCTION, names, sample)
    return found


def _of_environment(environment: EnvironmentEstate, versions: Iterable[int]) -> Iterator[Published]:
    yield from _api(environment)
    yield from _function(environment, versions)
    yield from _table(environment)
    edge = {"DistributionId": environment.distribution, "Region": "Global"}
    yield from _family(environment, "AWS/CloudFront", EDGE, [edge], _EDGE_METRICS, region=EDGE_REGION)
    users = {"UserPool": environment.user_pool, "UserPoolClient": environment.user_pool_client}
    yield from _family(environment, "AWS/Cognito", USERS, [users], _USER_METRICS)
    unknown = {"UserPool": environment.user_pool, "UserPoolClient": "Invalid"}
    yield from _family(environment, "AWS/Cognito", USERS, [unknown], _UNKNOWN_CLIENT_METRICS, rare=True)
    yield from _family(
        environment, BUSINESS_NAMESPACE, BUSINESS, [{"Environment": environment.name}], _BUSINESS_METRICS
    )


def _api(environment: EnvironmentEstate) -> Iterator[Published]:
    name = {"ApiName": environment.api_name}
    return _family(environment, "AWS/ApiGateway", API, [name, name | {"Stage": environment.stage}], _API_METRICS)


def _function(environment: EnvironmentEstate, versions: Iterable[int]) -> Iterator[Published]:
    function = {"FunctionName": environment.function}
    alias = function | {"Resource": f"{environment.function}:{environment.alias}"}
    yield from _family(environment, "AWS/Lambda", FUNCTION, [function, alias], _FUNCTION_METRICS)
    for version in versions:
        executed = [alias | {"ExecutedVersion": str(version)}]
        yield from _family(environment, "AWS/Lambda", FUNCTION, executed, _version_metrics(version), version=version)


def _table(environment: EnvironmentEstate) -> Iterator[Published]:
    table = {"TableName": environment.table}
    index = table | {"GlobalSecondaryIndexName": environment.index}
    yield from _family(environment, "AWS/DynamoDB", TABLE, [table], _TABLE_METRICS)
    yield from _family(environment, "AWS/DynamoDB", TABLE, [index], _INDEX_METRICS)
    yield from _family(environment, "AWS/DynamoDB", TABLE, [table], _TABLE_THROTTLES, rare=True)
    yield from _family(environment, "AWS/DynamoDB", TABLE, [index], _INDEX_THROTTLES, rare=True)
    for operation in ("GetItem", "Query", "PutItem"):
        operations = {"SuccessfulRequestLatency": ("Milliseconds", _operation_latency(operation))}
        yield from _family(environment, "AWS/DynamoDB", TABLE, [table | {"Operation": operation}], operations)
    for operation, sample in (("GetItem", _read_throttles), ("Query", _index_reads_throttled), ("PutItem", _writes)):
        throttled = {"ThrottledRequests": ("Count", sample)}
        yield from _family(environment, "AWS/DynamoDB", TABLE, [table | {"Operation": operation}], throttled, rare=True)


def _family(
    environment: EnvironmentEstate,
    namespace: str,
    source: Source,
    dimension_sets: Iterable[Mapping[str, str]],
    metrics: Mapping[str, tuple[str, Sample]],
    *,
    region: str = "",
    version: int | None = None,
    rare: bool = False,
) -> Iterator[Published]:
    for dimensions in dimension_sets:
        for name, (unit, sample) in metrics.items():
            key = MetricKey(namespace, name, tuple(sorted(dimensions.items())))
            of = (environment.name,)
            yield Published(region or environment.region, key, unit, source, of, sample, rare, version)


def _each(value: float, calls: int) -> Spread:
    """A sum of `value` over `calls` samples."""
    return Spread((value / calls,), (float(calls),)) if calls else spreads.EMPTY


def _happened(count: int) -> Spread:
    """A metric that is published only when it is not zero."""
    return spreads.constant(1.0, count)


def _invocations(minute: Minute) -> int:
    return sum(version.invocations for version in minute.versions.values())


def _errors(minute: Minute) -> int:
    return sum(version.errors for version in minute.versions.values())


def _durations(minute: Minute) -> Spread:
    return spreads.merge([version.duration for version in minute.versions.values()])


def _concurrency(minute: Minute) -> Spread:
    return spreads.constant(float(minute.concurrency), 1) if minute.concurrency else spreads.EMPTY


def _read_throttles(minute: Minute) -> Spread:
    return _happened(minute.read_throttles)


def _write_throttles(minute: Minute) -> Spread:
    return _happened(minute.write_throttles)


def _index_reads_throttled(minute: Minute) -> Spread:
    return _happened(minute.index_read_throttles)


def _index_writes_throttled(minute: Minute) -> Spread:
    return _happened(minute.index_write_throttles)


def _writes(minute: Minute) -> Spread:
    """Every throttled write counts once for the operation, whether the table or its index refused it."""
    return _happened(minute.write_throttles + minute.index_write_throttles)


def _operation_latency(operation: str) -> Sample:
    return lambda minute: minute.operations.get(operation, spreads.EMPTY)


def _percent(part: int, whole: int) -> Spread:
    """One sample a minute of a rate in percent; nothing without requests."""
    return spreads.constant(100 * part / whole, 1) if whole else spreads.EMPTY


def _business(name: str) -> Sample:
    def sample(minute: Minute) -> Spread:
        value = minute.business.get(name)
        return spreads.EMPTY if value is None else spreads.constant(value, 1)

    return sample


def _version_metrics(version: int) -> dict[str, tuple[str, Sample]]:
    def invocations(minute: Minute) -> Spread:
        found = minute.versions.get(version)
        return spreads.constant(1.0, found.invocations) if found else spreads.EMPTY

    def errors(minute: Minute) -> Spread:
        found = minute.versions.get(version)
        return spreads.share(found.invocations, found.errors) if found else spreads.EMPTY

    def duration(minute: Minute) -> Spread:
        found = minute.versions.get(version)
        return found.duration if found else spreads.EMPTY

    return {
        "Invocations": ("Count", invocations),
        "Errors": ("Count", errors),
        "Duration": ("Milliseconds", duration),
    }


_API_METRICS: dict[str, tuple[str, Sample]] = {
    "Count": ("Count", lambda m: spreads.constant(1.0, m.requests)),
    "4XXError": ("Count", lambda m: spreads.share(m.requests, m.errors_4xx)),
    "5XXError": ("Count", lambda m: spreads.share(m.requests, m.errors_5xx)),
    "Latency": ("Milliseconds", lambda m: m.latency),
    "IntegrationLatency": ("Milliseconds", lambda m: m.integration),
}

_FUNCTION_METRICS: dict[str, tuple[str, Sample]] = {
    "Invocations": ("Count", lambda m: spreads.constant(1.0, _invocations(m))),
    "Errors": ("Count", lambda m: spreads.share(_invocations(m), _errors(m))),
    "Throttles": ("Count", lambda m: spreads.share(_invocations(m) + m.function_throttles, m.function_throttles)),
    "Duration": ("Milliseconds", _durations),
    "ConcurrentExecutions": ("Count", _concurrency),
}

_TABLE_METRICS: dict[str, tuple[str, Sample]] = {
    "ConsumedReadCapacityUnits": ("Count", lambda m: _each(m.reads, m.read_calls)),
    "ConsumedWriteCapacityUnits": ("Count", lambda m: _each(m.writes, m.write_calls)),
}

_TABLE_THROTTLES: dict[str, tuple[str, Sample]] = {
    "ReadThrottleEvents": ("Count", _read_throttles),
    "WriteThrottleEvents": ("Count", _write_throttles),
    # By cause: what throttles here is always a key range (aws.md 1.1), so the other causes are never published.
    "ReadKeyRangeThroughputThrottleEvents": ("Count", _read_throttles),
    "WriteKeyRangeThroughputThrottleEvents": ("Count", _write_throttles),
}

_INDEX_THROTTLES: dict[str, tuple[str, Sample]] = {
    "ReadThrottleEvents": ("Count", _index_reads_throttled),
    "WriteThrottleEvents": ("Count", _index_writes_throttled),
    "ReadKeyRangeThroughputThrottleEvents": ("Count", _index_reads_throttled),
    "WriteKeyRangeThroughputThrottleEvents": ("Count", _index_writes_throttled),
}

_INDEX_METRICS: dict[str, tuple[str, Sample]] = {
    "ConsumedReadCapacityUnits": ("Count", lambda m: _each(m.index_reads, m.index_read_calls)),
    "ConsumedWriteCapacityUnits": ("Count", lambda m: _each(m.writes, m.write_calls)),
}

_EDGE_METRICS: dict[str, tuple[str, Sample]] = {
    "Requests": ("None", lambda m: spreads.constant(1.0, m.edge.requests)),
    "BytesDownloaded": ("None", lambda m: _each(float(m.edge.bytes_down), m.edge.requests)),
    "BytesUploaded": ("None", lambda m: _each(41.0 * m.edge.requests, m.edge.requests)),
    "4xxErrorRate": ("Percent", lambda m: _percent(m.edge.errors_4xx, m.edge.requests)),
    "5xxErrorRate": ("Percent", lambda m: _percent(m.edge.errors_5xx, m.edge.requests)),
    "TotalErrorRate": ("Percent", lambda m: _percent(m.edge.errors_4xx + m.edge.errors_5xx, m.edge.requests)),
    "CacheHitRate": ("Percent", lambda m: _percent(m.edge.hits, m.edge.requests)),
    "OriginLatency": ("Milliseconds", lambda m: m.edge.origin),
}

_USER_METRICS: dict[str, tuple[str, Sample]] = {
    "SignInSuccesses": ("Count", lambda m: spreads.share(m.sign_ins + m.sign_in_failures, m.sign_ins)),
    "SignInThrottles": ("Count", lambda m: spreads.share(m.sign_ins + m.sign_in_failures, 0)),
}

_UNKNOWN_CLIENT_METRICS: dict[str, tuple[str, Sample]] = {
    "SignInSuccesses": ("Count", lambda m: spreads.share(m.unknown_client_sign_ins, 0)),
}

_BUSINESS_METRICS: dict[str, tuple[str, Sample]] = {
    "InstancesStarted": ("Count", _business("InstancesStarted")),
    "InstancesStopped": ("Count", _business("InstancesStopped")),
    "EC2OperationFailures": ("Count", _business("EC2OperationFailures")),
    "ActiveUsers": ("Count", _business("ActiveUsers")),
    "ResponseTime": ("Milliseconds", _business("ResponseTime")),
    "HealthScore": ("None", _business("HealthScore")),
}
