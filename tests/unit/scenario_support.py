"""A scenario watched through CloudWatch's handlers alone, and the runbook's rules once more, as plainly as they go.

The rules here are a second opinion on purpose: minute by minute over whole, settled periods, without clocks, floors
or hysteresis beyond what a line of the runbook says. They score the world; nothing of the product uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from services.model.assessment import State
from services.simulated.world.controls import AliasState, ContentState, InvalidationState, StageState
from services.simulated.world.scenarios import SCENARIOS, Rule
from tests.unit.cloudwatch_support import STARTED, CloudWatch, at, metric, seconds

BEFORE = 4 * 3600
"""Seconds before the scenario's start that are looked at too: most of a calm evening."""
SETTLE, EDGE_SETTLE, USERS_SETTLE = 120, 300, 600


class Watched(CloudWatch):
    """One scenario's production from four hours before its start to its horizon."""

    def __init__(self, scenario: str, seed: int = 1) -> None:
        super().__init__(scenario, seed=seed)
        self.scenario = SCENARIOS[scenario]
        self.truth = self.scenario.truth
        self.horizon = int(self.truth.horizon)
        self._health: dict[int, bool] = {}
        for one in self.scenario.deployments:
            if one.failure is not None or one.begins < -86_400:
                continue
            moved = one.begins + next(step.ends for step in one.steps if step.logical_id == one.alias_step)
            state = AliasState(one.to_version)
            if one.weight < 1:
                state = AliasState(one.from_version, ((one.to_version, one.weight),))
            self.controls.move_alias(one.environment, at(moved), state)
        for change in self.scenario.changes:
            self.controls.serve_stage(change.environment, at(change.begins), StageState(change.breaks))

        for content in self.scenario.publications:
            self.controls.put_content(content.environment, at(content.begins), ContentState("bad", content.missing))
            begun = at(content.begins + 10)
            ended = InvalidationState(begun, at(content.begins + 70), ("/*",))
            self.controls.invalidate(content.environment, ended)

    # What is published

    def figure(self, name: str) -> tuple[str, str, str, dict[str, str]]:
        """Region, namespace, metric and dimensions of a figure that a Sign names."""
        production, home = self.production, self.production.region
        name, _, of = name.partition(":")
        table = {"TableName": production.table}
        index = table | {"GlobalSecondaryIndexName": production.index}
        function = {"FunctionName": production.function}
        edge = {"DistributionId": production.distribution, "Region": "Global"}
        version = function | {"Resource": f"{production.function}:{production.alias}", "ExecutedVersion": of}
        client = production.user_pool_client if of == "web" else of
        return {
            "api.count": (home, "AWS/ApiGateway", "Count", self.api),
            "api.4xx": (home, "AWS/ApiGateway", "4XXError", self.api),
            "api.5xx": (home, "AWS/ApiGateway", "5XXError", self.api),
            "api.latency": (home, "AWS/ApiGateway", "Latency", self.api),
            "lambda.invocations": (home, "AWS/Lambda", "Invocations", function),
            "lambda.errors": (home, "AWS/Lambda", "Errors", function),
            "lambda.duration": (home, "AWS/Lambda", "Duration", function),
            "lambda.concurrency": (home, "AWS/Lambda", "ConcurrentExecutions", function),
            "version.errors": (home, "AWS/Lambda", "Errors", version),
            "version.invocations": (home, "AWS/Lambda", "Invocations", version),
            "table.reads": (home, "AWS/DynamoDB", "ConsumedReadCapacityUnits", table),
            "table.read_throttles": (home, "AWS/DynamoDB", "ReadThrottleEvents", table),
            "table.write_throttles": (home, "AWS/DynamoDB", "WriteThrottleEvents", table),
            "table.write_key_range": (home, "AWS/DynamoDB", "WriteKeyRangeThroughputThrottleEvents", table),
            "index.read_throttles": (home, "AWS/DynamoDB", "ReadThrottleEvents", index),
            "index.write_throttles": (home, "AWS/DynamoDB", "WriteThrottleEvents", index),
            "index.read_key_range": (home, "AWS/DynamoDB", "ReadKeyRangeThroughputThrottleEvents", index),
            "edge.requests": ("us-east-1", "AWS/CloudFront", "Requests", edge),
            "edge.4xx": ("us-east-1", "AWS/CloudFront", "4xxErrorRate", edge),
            "edge.hits": ("us-east-1", "AWS/CloudFront", "CacheHitRate", edge),
            "edge.origin": ("us-east-1", "AWS/CloudFront", "OriginLatency", edge),
            "users.sign_ins": (
                home,
                "AWS/Cognito",
                "SignInSuccesses",
                {"UserPool": production.user_pool, "UserPoolClient": client},
            ),
        }[name]

    def points(self, name: str, statistic: str, period: int = 60, now: float | None = None) -> dict[int, float]:
        """Seconds after the start → value, of every period there is up to the horizon."""
        if name.startswith("users.failures"):
            of = name.replace("failures", "sign_ins")
            tried, went = self.points(of, "SampleCount", period, now), self.points(of, "Sum", period, now)
            return {start: tried[start] - went[start] for start in tried}
        region, namespace, metric_name, dimensions = self.figure(name)
        query = metric("m1", namespace, metric_name, dimensions, statistic, period)
        asked = float(self.horizon + 900) if now is None else now
        answer = self.data([query], -BEFORE, self.horizon, asked, region=region)
        (result,) = answer["MetricDataResults"]
        return dict(zip(map(seconds, result["Timestamps"]), result["Values"], strict=True))

    # The runbook's bands and rules

    @cached_property
    def _series(self) -> dict[tuple[str, str], dict[int, float]]:
        wanted = (
            ("api.count", "SampleCount"),
            ("api.5xx", "Sum"),
            ("api.latency", "Sum"),
            ("lambda.invocations", "Sum"),
            ("lambda.errors", "Sum"),
            ("lambda.duration", "Sum"),
            ("lambda.duration", "Maximum"),
            ("table.reads", "SampleCount"),
            ("table.read_throttles", "Sum"),
            ("table.write_throttles", "Sum"),
            ("index.read_throttles", "Sum"),
            ("index.write_throttles", "Sum"),
            ("edge.requests", "Sum"),
            ("edge.4xx", "Average"),
        )
        return {pair: self.points(*pair) for pair in wanted}

    def total(self, name: str, statistic: str, first: int, last: int) -> float:
        """The sum of the minutes of [first, last)."""
        series = self._series[name, statistic]
        return sum(series.get(minute, 0.0) for minute in range(first, last, 60))

    def _mean(self, of: str, by: str, by_statistic: str, end: int, width: int = 300) -> float | None:
        weight = self.total(by, by_statistic, end - width, end)
        return self.total(of, "Sum", end - width, end) / weight if weight else None

    def latency(self, end: int) -> float | None:
        return self._mean("api.latency", "api.count", "SampleCount", end)

    def error_rate(self, end: int) -> float | None:
        rate = self._mean("api.5xx", "api.count", "SampleCount", end)
        return None if rate is None else 100 * rate

    def function_error_rate(self, end: int) -> float | None:
        rate = self._mean("lambda.errors", "lambda.invocations", "Sum", end)
        return None if rate is None else 100 * rate

    def throttles(self, end: int) -> float:
        names = ("table.read_throttles", "table.write_throttles", "index.read_throttles", "index.write_throttles")
        return sum(self.total(name, "Sum", end - 300, end) for name in names)

    def states(self, tick: int) -> dict[str, State]:
        """Judgement key → state by the runbook's table (lines 92-98), at `tick`."""
        end, edge_end = tick - SETTLE, tick - EDGE_SETTLE
        duration = _band(self._mean("lambda.duration", "lambda.invocations", "Sum", end), 5_000, 10_000, 15_000)
        longest = self._series["lambda.duration", "Maximum"]
        if duration is State.OK and any(longest.get(m, 0.0) >= 30_000 for m in range(end - 300, end, 60)):
            duration = State.ELEVATED  # a time-out is never hidden by a good mean
        used = self.total("table.reads", "SampleCount", end - 300, end)
        asked = self.total("edge.requests", "Sum", edge_end - 300, edge_end)
        refused = [self._series["edge.4xx", "Average"].get(m, 0.0) for m in range(edge_end - 300, edge_end, 60)]
        return {
            "api.latency": _band(self.latency(end), 200, 1_000, 2_000),
            "api.errors": _band(self.error_rate(end), 1, 5, 10),
            "lambda.duration": duration,
            "lambda.errors": _band(self.function_error_rate(end), 1, 5, 5),
            "table.throttles": _band(self.throttles(end) if used else None, 0.5, 0.5, 5),
            "edge.4xx": _band(max(refused) if asked else None, 5, 10, 20),
        }

    def firing(self, tick: int) -> Iterator[Rule]:
        """The rules whose whole condition is met by what is settled at `tick`."""
        end = tick - SETTLE
        if self.total("api.5xx", "Sum", end - 600, end) >= 3:
            yield Rule.API_SERVER_ERRORS
        latency = [self.latency(end - back) or 0.0 for back in (0, 300, 600, 900)]
        if min(latency[:3]) > 2_000:
            yield Rule.HIGH_LATENCY
        if min(latency) > 5_000:
            yield Rule.LATENCY_TRIGGER
        if 1_000 < latency[0] <= 2_000:
            yield Rule.DEGRADED
        if self.throttles(end) > 0:
            yield Rule.THROTTLING
        if (self.function_error_rate(end) or 0.0) > 5:
            yield Rule.FUNCTION_ERRORS
        rates = [self.error_rate(end - back) or 0.0 for back in range(0, 601, 60)]
        if 5 < rates[0] <= 10:
            yield Rule.ELEVATED_ERRORS
        if min(rates) > 10:
            yield Rule.ERROR_TRIGGER
        if self._failed_sign_ins(tick) >= 10:
            yield Rule.SECURITY
        if self._idle_hours(end):
            yield Rule.LOW_ACTIVITY
        if not any(self.healthy(tick - back) for back in range(0, 331, 30)):
            yield Rule.HEALTH_TRIGGER

    def healthy(self, second: int) -> bool:
        """Whether a health check at this moment is answered well."""
        if second not in self._health:
            at_ms = round(at(second).timestamp() * 1000)
            self._health[second] = self.world.health("production", at_ms).status < 400
        return self._health[second]

    @cached_property
    def _failures(self) -> dict[int, float]:
        web, unknown = (self.points(f"users.failures:{client}", "Sum", 300) for client in ("web", "Invalid"))
        return {start: web.get(start, 0.0) + unknown.get(start, 0.0) for start in web.keys() | unknown.keys()}

    def _failed_sign_ins(self, tick: int) -> float:
        """In the newest bucket of five minutes that is settled."""
        return self._failures.get((tick - USERS_SETTLE) // 300 * 300 - 300, 0.0)

    def _idle_hours(self, end: int) -> bool:
        """Whether the last two whole hours of the clock had no request at all."""
        origin = int(STARTED.timestamp())
        hour = (origin + end) // 3600 * 3600 - origin
        return self.total("api.count", "SampleCount", hour - 7_200, hour) == 0

    def rings(self) -> dict[Rule, int]:
        """Rule → the first tick at which it fires, from an hour before the start to the horizon."""
        found: dict[Rule, int] = {}
        for tick in range(-3_600, self.horizon + 1, 60):
            for rule in self.firing(tick):
                found.setdefault(rule, tick)
        return found


def _band(value: float | None, normal: float, warning: float, critical: float) -> State:
    if value is None:
        return State.NO_TRAFFIC
    if value > critical:
        return State.CRIT
    if value > warning:
        return State.WARN
    return State.OK if value < normal or normal >= warning else State.ELEVATED


def failing(values: dict[int, float], sign: Any) -> dict[int, float]:
    """The whole periods of a Sign's time whose value is not beyond its line; a missing one counts as 0."""
    first = -(-int(sign.begins) // sign.period) * sign.period
    found = {}
    for start in range(first, int(sign.ends) - sign.period + 1, sign.period):
        value = values.get(start, 0.0)
        if not (value > sign.value if sign.beyond == "above" else value < sign.value):
            found[start] = value
    return found
