"""A stack of a thousand functions, its series alone watched over HTTP, as the feed of metrics asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services import catalogue
from services.aws import metrics
from services.aws.session import Account
from services.clock import ManualClock
from services.model.assessment import Assessment
from services.model.parts import Parts
from services.model.reading import Reading
from services.model.series import Metrics, Signal
from services.model.situation import Situation
from services.rules import judge
from services.safe_text import safe
from services.settings import Environment, Settings
from services.settings.loading import at_endpoint, parse
from services.simulated.account import SimulatedAccount
from services.simulated.desk.estate import desk
from services.watch.history import History
from services.watch.measuring import Measuring
from services.watch.screening import Screening
from tests.simulated_support import START, manual

CONFIGURATION = b"""
system = "Order Desk"
[[environments]]
name = "orders"
stack = "OrderDesk-production"
region = "eu-central-1"
"""

BACKFILL_S = 900


class Obliging(ManualClock):
    """A clock that goes on by itself for who waits: here one alone asks, and the budget's pauses have to pass."""

    async def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))


def opened(functions: int, scenario: str) -> SimulatedAccount:
    """An open account on such a clock."""
    account = SimulatedAccount(scenario=scenario, clock=Obliging(START), functions=functions)
    account.open()
    return account


class Many:
    """Turns of the feed `metrics`, and what is judged of them."""

    def __init__(self, simulation: SimulatedAccount, functions: int, cap: float) -> None:
        self.settings: Settings = parse(CONFIGURATION, "orders.toml")
        self.simulation, self.clock = simulation, manual(simulation)
        self.environment: Environment = at_endpoint(self.settings.environments[0], simulation.endpoint)
        self.account = Account(self.environment, self.clock, cost_cap=cap)
        names = tuple(safe(one.name) for one in desk(1, functions).functions)
        self.parts = Parts(safe("OrderDesk-production"), safe("arn"), (), functions=names)
        signals = catalogue.signals(self.parts, (), (), (), self.environment)
        self.signals: tuple[Signal, ...] = catalogue.of_feed("metrics", signals)
        self.screening = Screening(self.account, self.settings.thresholds.lambda_duration_ms.normal)
        history = History(BACKFILL_S, BACKFILL_S)
        self._feed = Measuring("metrics", self.account, history, self._catalogued, lambda: 60.0, self.screening)
        self.seen: Metrics | None = None

    async def turn(self) -> Assessment:
        """In the next minute, ten seconds after it has begun: what is due is asked and judged."""
        self.clock.advance(70 - self.clock.now().timestamp() % 60)
        self.seen = await self._feed.ask()
        return self._judged(self.seen)

    async def exactly(self) -> Assessment:
        """What is judged when every series is asked at this instant."""
        now = int(self.clock.now().timestamp())
        end = now // 60 * 60 + 60
        found = await metrics.fetch(self.account, self.signals, end - 60 - BACKFILL_S, end)
        return self._judged(Metrics(found))

    def asked(self, since: int) -> list[dict[str, Any]]:
        """The queries of GetMetricData that were sent from call number `since` on."""
        calls = [call for call in self.simulation.calls[since:] if call.operation == "GetMetricData"]
        return [query for call in calls for query in call.parameters["MetricDataQueries"]]

    async def _catalogued(self) -> tuple[Signal, ...]:
        return self.signals

    def _judged(self, seen: Metrics) -> Assessment:
        now = self.clock.now()
        situation = Situation("orders", now)
        for name, value in (("parts", self.parts), ("metrics", seen)):
            situation = situation.folded(name, Reading(value, now, now), now)
        return judge(situation, self.settings, now)


@asynccontextmanager
async def many(simulation: SimulatedAccount, functions: int, cap: float = 0.25) -> AsyncIterator[Many]:
    """The feed, and its connections closed behind it."""
    found = Many(simulation, functions, cap)
    try:
        yield found
    finally:
        await found.account.close()
