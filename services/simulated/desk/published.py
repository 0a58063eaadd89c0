"""What AWS publishes of the Order Desk, with exactly its dimension sets (aws.md 1.1): HTTP APIs by id, not by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from services.simulated.cloudwatch.identity import MetricKey
from services.simulated.cloudwatch.published import API, FUNCTION, TABLE, USERS, Published, Source
from services.simulated.desk.estate import ALIAS, TABLES, Desk, DeskFunction
from services.simulated.desk.world import DeskWorld, Doings
from services.simulated.world import spreads
from services.simulated.world.values import Spread

Own = Callable[[int], Spread]
"""The samples of the minute that begins at an epoch second."""


def published(desk: Desk, world: DeskWorld) -> Iterator[Published]:
    """Every metric of the stack, and the region's sums over its functions."""
    api = {"ApiId": desk.api}
    yield from _family(desk, "AWS/ApiGateway", API, (api, api | {"Stage": desk.stage}), _api(world))
    for function in desk.functions:
        name = {"FunctionName": function.name}
        sets = [name]
        if function.route:
            alias = name | {"Resource": f"{function.name}:{ALIAS}"}
            sets += [alias, alias | {"ExecutedVersion": str(function.version)}]
        yield from _family(desk, "AWS/Lambda", FUNCTION, sets, _function(world, function))
    yield from _family(desk, "AWS/Lambda", FUNCTION, ({},), _region(world))
    for table, indexes in TABLES:
        yield from _table(desk, world, table, indexes)
    for number, client in enumerate(desk.clients):
        of_client = {"UserPool": desk.pool, "UserPoolClient": client}
        yield from _family(desk, "AWS/Cognito", USERS, (of_client,), _client(world, number))


def _family(
    desk: Desk,
    namespace: str,
    source: Source,
    sets: tuple[Mapping[str, str], ...] | list[dict[str, str]],
    metrics: Mapping[str, tuple[str, Own]],
) -> Iterator[Published]:
    for dimensions in sets:
        for name, (unit, own) in metrics.items():
            key = MetricKey(namespace, name, tuple(sorted(dimensions.items())))
            yield Published(desk.region, key, unit, source, (), _never, own=own)


def _never(_: object) -> Spread:
    """These metrics are of no environment of the world."""
    return spreads.EMPTY


def _api(world: DeskWorld) -> dict[str, tuple[str, Own]]:
    return {
        "Count": ("Count", lambda at: spreads.constant(1.0, world.requests(at))),
        "4xx": ("Count", lambda at: spreads.share(world.requests(at), world.refused(at))),
        "5xx": ("Count", lambda at: spreads.share(world.requests(at), world.failed(at))),
        "Latency": ("Milliseconds", world.latency),
        "IntegrationLatency": ("Milliseconds", world.integration),
        "DataProcessed": ("Bytes", lambda at: spreads.constant(2_300.0, world.requests(at))),
    }


def _function(world: DeskWorld, function: DeskFunction) -> dict[str, tuple[str, Own]]:
    def doings(at: int) -> tuple[int, int]:
        found = world.of_function(function, at)
        return found.calls, found.failed

    return {
        "Invocations": ("Count", lambda at: spreads.constant(1.0, doings(at)[0])),
        "Errors": ("Count", lambda at: spreads.share(*doings(at))),
        "Throttles": ("Count", lambda at: spreads.share(doings(at)[0], 0)),
        "Duration": ("Milliseconds", lambda at: world.of_function(function, at).duration),
        "ConcurrentExecutions": ("Count", lambda at: _gauge(world.of_function(function, at).at_once)),
    }


def _region(world: DeskWorld) -> dict[str, tuple[str, Own]]:
    """Over every function of the region."""

    def every(at: int) -> list[Doings]:
        return [world.of_function(one, at) for one in world.desk.functions]

    def doings(at: int) -> tuple[int, int]:
        all_of_them = every(at)
        return sum(one.calls for one in all_of_them), sum(one.failed for one in all_of_them)

    gauges = ("ConcurrentExecutions", "UnreservedConcurrentExecutions")
    return {
        "Invocations": ("Count", lambda at: spreads.constant(1.0, doings(at)[0])),
        "Errors": ("Count", lambda at: spreads.share(*doings(at))),
        "Throttles": ("Count", lambda at: spreads.share(doings(at)[0], 0)),
        **{name: ("Count", lambda at: _gauge(sum(one.at_once for one in every(at)))) for name in gauges},
    }


def _table(desk: Desk, world: DeskWorld, table: str, indexes: tuple[str, ...]) -> Iterator[Published]:
    name = {"TableName": desk.table(table)}
    reads, writes = _units(world, 1.0), _units(world, 0.4)
    capacity = {"ConsumedReadCapacityUnits": ("Count", reads), "ConsumedWriteCapacityUnits": ("Count", writes)}
    yield from _family(desk, "AWS/DynamoDB", TABLE, (name,), capacity)
    for index in indexes:
        of_index = name | {"GlobalSecondaryIndexName": index}
        yield from _family(desk, "AWS/DynamoDB", TABLE, (of_index,), capacity)
    for operation, milliseconds in (("GetItem", 3.0), ("PutItem", 6.0), ("Query", 5.0)):
        of_operation = name | {"Operation": operation}
        latency = {"SuccessfulRequestLatency": ("Milliseconds", _latency(world, milliseconds))}
        yield from _family(desk, "AWS/DynamoDB", TABLE, (of_operation,), latency)


def _units(world: DeskWorld, each: float) -> Own:
    return lambda at: spreads.constant(each, world.requests(at) - world.refused(at))


def _latency(world: DeskWorld, milliseconds: float) -> Own:
    return lambda at: spreads.constant(milliseconds, world.requests(at) - world.refused(at))


def _client(world: DeskWorld, number: int) -> dict[str, tuple[str, Own]]:
    def signed(at: int) -> Spread:
        good, bad = world.sign_ins(number, at)
        return spreads.share(good + bad, good)

    return {"SignInSuccesses": ("Count", signed)}


def _gauge(value: int) -> Spread:
    return spreads.constant(float(value), 1) if value else spreads.EMPTY
