"""One account's CloudWatch without HTTP: handlers called as the façade calls them, time given with each call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.clock import ManualClock
from services.simulated.cloudwatch import handlers
from services.simulated.desk.estate import desk
from services.simulated.desk.world import DeskWorld
from services.simulated.estate import ACCOUNT_ID, REGION, estate
from services.simulated.protocol import Context
from services.simulated.state import SimulatedState
from services.simulated.world.controls import AliasState, Controls
from services.simulated.world.model import World
from services.simulated.world.scenarios import SCENARIOS

STARTED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class CloudWatch:
    """`ask(operation, now, …)` with `now` in seconds after the scenario's start."""

    def __init__(self, scenario: str = "calm", *moves: tuple[float, int], seed: int = 1) -> None:
        self.controls = Controls()
        for environment in ("production", "staging", "dev"):
            self.controls.move_alias(environment, STARTED - timedelta(days=30), AliasState(40))
            self.controls.move_alias(environment, STARTED - timedelta(days=3), AliasState(41))
        for seconds, version in moves:
            self.controls.move_alias("production", STARTED + timedelta(seconds=seconds), AliasState(version))
        chosen = SCENARIOS[scenario]
        self.world = World(seed=seed, started=STARTED, scenario=chosen, controls=self.controls)
        self.estate = estate(seed)
        self.production = self.estate.environment("production")
        state = SimulatedState(
            clock=ManualClock(STARTED),
            world=self.world,
            controls=self.controls,
            scenario=chosen,
            estate=self.estate,
            seed=seed,
            started=STARTED,
            desk=DeskWorld(desk(seed), STARTED.timestamp()),
        )
        self._handlers = handlers(state)

    def ask(self, operation: str, now: float = 0.0, *, region: str = REGION, **parameters: Any) -> dict[str, Any]:
        context = Context(region, ACCOUNT_ID, operation, at(now))
        return self._handlers[operation](context, parameters) or {}

    @property
    def api(self) -> dict[str, str]:
        return {"ApiName": self.production.api_name, "Stage": self.production.stage}

    def data(self, queries: list[dict[str, Any]], begin: float, end: float, now: float, **more: Any) -> dict[str, Any]:
        """GetMetricData, oldest first unless told otherwise."""
        given = {"ScanBy": "TimestampAscending"} | more
        region = given.pop("region", REGION)
        return self.ask(
            "GetMetricData",
            now,
            region=region,
            MetricDataQueries=queries,
            StartTime=at(begin),
            EndTime=at(end),
            **given,
        )

    def values(self, namespace: str, name: str, dimensions: dict[str, str], stat: str, **more: Any) -> dict[int, float]:
        """Seconds after the start → value, of one metric; period 60 and the hour before `now` unless told otherwise."""
        now = more.pop("now", 0.0)
        period = more.pop("period", 60)
        begin, end = more.pop("begin", now - 3600), more.pop("end", now)
        query = metric("m1", namespace, name, dimensions, stat, period)
        (result,) = self.data([query], begin, end, now, **more)["MetricDataResults"]
        return dict(zip((seconds(stamp) for stamp in result["Timestamps"]), result["Values"], strict=True))


def at(after_start: float) -> datetime:
    return STARTED + timedelta(seconds=after_start)


def seconds(stamp: datetime) -> int:
    return round((stamp - STARTED).total_seconds())


def dimensions_of(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given.items()]


def metric(
    name: str, namespace: str, metric_name: str, dimensions: dict[str, str], stat: str, period: int = 60, **more: Any
) -> dict[str, Any]:
    """One MetricDataQuery."""
    of = {"Namespace": namespace, "MetricName": metric_name, "Dimensions": dimensions_of(dimensions)}
    return {"Id": name, "MetricStat": {"Metric": of, "Period": period, "Stat": stat}} | more
