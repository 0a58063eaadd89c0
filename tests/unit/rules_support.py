"""Situations for the tests of the rules, built minute by minute. Times are minutes before 03:12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.model.alarms import Alarm
from services.model.apis import Api
from services.model.content import Bucket
from services.model.edge import Distribution
from services.model.functions import Alias, Function, FunctionVersion, Release
from services.model.identity import Identity
from services.model.parts import Parts
from services.model.reading import Reading
from services.model.series import MetricId, Metrics, Series, Signal, Sparseness
from services.model.situation import Situation
from services.model.stacks import Stack, StackEvent
from services.model.tables import Index, Table
from services.model.users import UserPool
from services.model.witness import RecordedWrite, Trail
from services.problems import Problem, ProblemKind
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

NOW = datetime(2026, 3, 14, 3, 12, 0, tzinfo=UTC)
SETTINGS = Settings("EC2 Manager", (Environment("production", "EC2Manager-production", "us-west-2"),))
API, FUNCTION, TABLE, INDEX, EDGE = "api/prod", "manager", "audit", "audit/by-user", "E1"
STACK = SafeText("arn:stack")


def at(minutes_ago: float) -> datetime:
    return NOW - timedelta(minutes=minutes_ago)


def epoch(minutes_ago: float) -> int:
    return int(at(minutes_ago).timestamp())


def signal(key: str, resource: str, statistics: Iterable[str], period: int = 60, settle: int = 120) -> Signal:
    sparse = Sparseness.NON_ZERO if "throttles" in key and key.startswith("table") else Sparseness.PER_REQUEST
    metric = MetricId("us-west-2", "Test", key, (("Resource", resource),))
    return Signal(key, resource, metric, tuple(statistics), period, settle, sparse)


def series(
    key: str,
    resource: str,
    points: Mapping[str, Mapping[int, float]],
    *,
    period: int = 60,
    settle: int = 120,
    asked: tuple[float, float] = (180, 0),
) -> Series:
    return Series(signal(key, resource, points, period, settle), points, epoch(asked[0]), epoch(asked[1]))


def steady(value: float, since: float = 60, until: float = 0) -> dict[int, float]:
    """The same value in every minute from `since` to `until` minutes ago."""
    return {epoch(minutes): value for minutes in range(int(since), int(until), -1)}


def api_series(
    requests: Mapping[int, float], errors: Mapping[int, float], latency: Mapping[int, float]
) -> list[Series]:
    return [
        series("api.count", API, {"SampleCount": requests, "Sum": requests}),
        series("api.5xx", API, {"Sum": errors, "SampleCount": requests}),
        series("api.4xx", API, {"Sum": {}}),
        series("api.latency", API, {"Average": latency, "SampleCount": requests, "Maximum": latency}),
        series("api.integration", API, {"Average": latency, "SampleCount": requests}),
    ]


def lambda_series(
    invocations: Mapping[int, float], errors: Mapping[int, float], duration: Mapping[int, float]
) -> list[Series]:
    return [
        series("lambda.invocations", FUNCTION, {"Sum": invocations}),
        series("lambda.errors", FUNCTION, {"Sum": errors}),
        series("lambda.throttles", FUNCTION, {"Sum": dict.fromkeys(invocations, 0.0)}),
        series("lambda.duration", FUNCTION, {"Average": duration, "SampleCount": invocations, "Maximum": duration}),
    ]


def table_series(
    throttles: Mapping[int, float], units: Mapping[int, float], on_index: Mapping[int, float] | None = None
) -> list[Series]:
    return [
        series("table.read_throttles", TABLE, {"Sum": throttles}),
        series("table.write_throttles", TABLE, {"Sum": {}}),
        series("table.write_throttles", INDEX, {"Sum": on_index or {}}),
        series("table.reads", TABLE, {"Sum": units, "SampleCount": units}),
        series("table.writes", TABLE, {"Sum": units, "SampleCount": units}),
    ]


def edge_series(
    requests: Mapping[int, float], refused: Mapping[int, float], hits: Mapping[int, float] | None = None
) -> list[Series]:
    return [
        series("edge.requests", EDGE, {"Sum": requests}, settle=300),
        series("edge.4xx", EDGE, {"Average": refused}, settle=300),
        series("edge.5xx", EDGE, {"Average": dict.fromkeys(refused, 0.0)}, settle=300),
        series("edge.hits", EDGE, {"Average": hits or {}}, settle=300),
    ]


def metrics(*found: Series, unpublished: Iterable[str] = (), hints: Mapping[str, str] | None = None) -> Metrics:
    return Metrics({one.signal.id: one for one in found}, frozenset(unpublished), hints or {})


def read(value: Any, minutes_ago: float = 0) -> Reading[Any]:
    return Reading(value=value, taken=at(minutes_ago), tried=at(minutes_ago))


def failed(kind: ProblemKind, value: Any = None, minutes_ago: float = 0, operation: str = "") -> Reading[Any]:
    problem = Problem(kind, safe(f"it is {kind}"), operation)
    return Reading(value, None if value is None else at(minutes_ago), NOW, problem, 1)


def alias(version: int = 41, name: str = "LIVE") -> Alias:
    return Alias(safe(FUNCTION), safe(name), version, revision_id=safe("r1"))


def release(version: int = 41, *, called: bool | None = True) -> Release:
    versions = tuple(FunctionVersion(number, safe(f"sha{number}")) for number in range(version, version - 4, -1))
    return Release(safe(FUNCTION), alias(version), versions, called)


def stack_event(minutes_ago: float, logical: str, status: str, kind: str, physical: str = "") -> StackEvent:
    identity = safe(f"{logical}-{status}-{minutes_ago}")
    return StackEvent(
        identity, at(minutes_ago), safe(logical), safe(physical), safe(kind), safe(status), stack_id=STACK
    )


def deployment(begins: float, version: int) -> tuple[StackEvent, ...]:
    """A stack update that publishes a version and moves LIVE, as its events tell it, newest first."""
    own = ("EC2Manager-production", "AWS::CloudFormation::Stack", STACK)
    function = f"arn:aws:lambda:us-west-2:123456789012:function:{FUNCTION}"
    return (
        stack_event(begins - 1.0, own[0], "UPDATE_COMPLETE", own[1], own[2]),
        stack_event(begins - 0.9, own[0], "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", own[1], own[2]),
        stack_event(begins - 0.5, "Alias", "UPDATE_COMPLETE", "AWS::Lambda::Alias", f"{function}:LIVE"),
        stack_event(begins - 0.4, "Alias", "UPDATE_IN_PROGRESS", "AWS::Lambda::Alias", f"{function}:LIVE"),
        stack_event(begins - 0.3, "Version", "CREATE_COMPLETE", "AWS::Lambda::Version", f"{function}:{version}"),
        stack_event(begins, own[0], "UPDATE_IN_PROGRESS", own[1], own[2]),
    )


def calm(**changed: Reading[Any]) -> Situation:
    """A quiet night: everything answered, everything well. Any feed can be replaced."""
    requests = steady(214)
    region = metrics(
        *api_series(requests, steady(0), steady(120)),
        *lambda_series(requests, steady(0), steady(80)),
        *table_series({}, steady(30)),
    )
    parts = Parts(
        safe("EC2Manager-production"),
        STACK,
        (),
        rest_apis=(safe("a1"),),
        functions=(safe(FUNCTION),),
        tables=(safe(TABLE),),
        distributions=(safe(EDGE),),
        buckets=(safe("web"),),
        user_pools=(safe("p1"),),
    )
    feeds: dict[str, Reading[Any]] = {
        "identity": read(Identity(safe("123456789012"), safe("arn:aws:iam::123456789012:user/oncall"))),
        "parts": read(parts),
        "metrics": read(region),
        "percentiles": read(metrics()),
        "edge_metrics": read(metrics(*edge_series(requests, steady(1.5), steady(92)))),
        "stack": read(Stack(safe("EC2Manager-production"), STACK, safe("UPDATE_COMPLETE"))),
        "events": read(deployment(3 * 1440, 41)),
        "functions": read((Function(safe(FUNCTION), safe("arn"), safe("Active"), safe("Successful"), timeout_s=30),)),
        "releases": read((release(),)),
        "evidence": read(()),
        "apis": read((Api(safe("a1"), safe("api"), safe("prod")),)),
        "tables": read((Table(safe(TABLE), safe("ACTIVE"), True, indexes=(Index(safe("by-user"), safe("ACTIVE")),)),)),
        "distributions": read((Distribution(safe(EDGE), safe("d.net"), safe("Deployed"), True, extra_metrics=True),)),
        "invalidations": read(()),
        "buckets": read((Bucket(safe("web"), True, safe("Enabled")),)),
        "user_pools": read((UserPool(safe("p1"), safe("pool"), safe("")),)),
        "alarms": read((Alarm(safe("errors"), "us-west-2", safe("OK"), actions=(safe("arn:sns"),)),)),
        "operations": read(()),
        "writes": read(Trail((), at(300))),
        "bursts": read(()),
    }
    situation = Situation("production", NOW)
    for feed, reading in (feeds | changed).items():
        situation = situation.folded(feed, reading, NOW)
    return situation


def recorded(*writes: RecordedWrite) -> Reading[Any]:
    """CloudTrail, read for the last five hours."""
    return read(Trail(tuple(sorted(writes, key=lambda write: write.at, reverse=True)), at(300)))
