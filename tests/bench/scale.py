"""One stack of a thousand functions: what a turn of 5,000 series takes and costs, asked as they are and screened."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services import catalogue
from services.aws import metric_screen, metrics
from services.aws.endpoint import clock_at
from services.aws.session import Account
from services.model.parts import Parts
from services.model.reading import Reading
from services.model.series import Metrics, Series, Signal
from services.model.situation import Situation
from services.model.spending import Spending
from services.rules import judge
from services.safe_text import safe
from services.settings import Settings
from services.settings.loading import at_endpoint, parse
from services.simulated.desk.estate import desk
from services.watch.history import History
from services.watch.measuring import Measuring
from services.watch.screening import Screening
from tests.bench.telling import goal, spread

FUNCTIONS = 1_000
BACKFILL_S = 3_600
HEAD = b"""
system = "Order Desk"
[[environments]]
name = "orders"
stack = "OrderDesk-production"
region = "eu-central-1"
"""
USUAL = {"metrics": 60.0, "percentiles": 300.0}


class Took(msgspec.Struct, frozen=True):
    """One measured turn of both feeds."""

    seconds: float
    """Of this machine's time, the account's own included."""
    cpu: float
    """Seconds of this process alone; the account is another's."""
    calls: int
    billed: int

    def told(self) -> str:
        return f"{self.seconds:5.2f} s, {self.cpu:.2f} s of CPU, {self.calls:2} calls, {self.billed:5} metrics billed"


class Feeds:
    """Both feeds of one cockpit with its own budget."""

    def __init__(self, url: str, settings: Settings, cap: float, *, screened: bool) -> None:
        environment = at_endpoint(settings.environments[0], url)
        self.account = Account(environment, clock_at(environment), cost_cap=cap)
        names = tuple(safe(one.name) for one in desk(1, FUNCTIONS).functions)
        self.parts = Parts(safe("OrderDesk-production"), safe("arn"), (), functions=names)
        self.signals = catalogue.signals(self.parts, (), (), (), environment)
        screening = Screening(self.account, settings.thresholds.lambda_duration_ms.normal) if screened else None
        self._feeds = [
            Measuring(
                feed,
                self.account,
                History(BACKFILL_S, 900),
                self._catalogued,
                lambda usual=usual: usual,  # type: ignore[misc]  # a default has no type
                screening if feed == "metrics" else None,
            )
            for feed, usual in USUAL.items()
        ]
        self.seen: list[Metrics] = []

    async def _catalogued(self) -> tuple[Signal, ...]:
        return self.signals

    async def turn(self) -> Took:
        """Everything that is due, timed."""
        return await measured(self.account, self._ask())

    async def _ask(self) -> None:
        self.seen = [await feed.ask() for feed in self._feeds]


async def measured(account: Account, doing: Any) -> Took:
    """What a question took and cost."""
    before, began, used = account.spending, time.perf_counter(), time.process_time()
    await doing
    seconds, cpu, after = time.perf_counter() - began, time.process_time() - used, account.spending
    calls = sum(after.calls.values()) - sum(before.calls.values())
    return Took(seconds, cpu, calls, after.metrics_requested - before.metrics_requested)


def scale(url: str) -> None:
    """Print all of it."""
    print(
        "Scale (one stack of 1,000 functions: 5,000 series; the account's own time is in the seconds, not in the CPU)"
    )
    asyncio.run(_scale(url, parse(HEAD, "bench")))


async def _scale(url: str, settings: Settings) -> None:
    whole = await _turns(url, settings, "uncapped, each series asked as it is", math.inf, screened=False)
    await _turns(url, settings, "uncapped, with screening", math.inf, screened=True)
    await _turns(url, settings, f"capped at ${settings.cost_cap}, each as it is", settings.cost_cap, screened=False)
    few = await _turns(
        url, settings, f"capped at ${settings.cost_cap}, with screening", settings.cost_cap, screened=True
    )
    goal("calls a second of the account's 50, at once", whole.calls / 60, 5, "calls/s")
    goal("CPU of a minute's turn, screened, of one as it is", few.cpu / whole.cpu, 0.2, "")


async def _turns(url: str, settings: Settings, title: str, cap: float, *, screened: bool) -> Took:
    """The first turn, which asks for everything, and the one that comes a minute later."""
    feeds = Feeds(url, settings, cap, screened=screened)
    try:
        first, then = await feeds.turn(), await feeds.turn()
        print(f"  {title}: {_cost(feeds.account.spending)}")
        print(f"    the first turn   {first.told()}")
        print(f"    a minute later   {then.told()}")
        if screened and math.isfinite(cap):
            await _looks(feeds)
        if not screened and not math.isfinite(cap):
            _judging(feeds, settings)
    finally:
        await feeds.account.close()
    return then


def _cost(spending: Spending) -> str:
    asked = ", ".join(f"{need.value} every {pause:.0f} s" for need, pause in spending.pauses.items())
    return f"${spending.per_hour:.2f} an hour; {asked}"


async def _looks(feeds: Feeds) -> None:
    """A look through all functions by one query, and by asking each."""
    errors = [one for one in feeds.signals if one.key == "lambda.errors"]
    end = int(feeds.account.clock.now().timestamp()) // 60 * 60
    seen = await metric_screen.looked_at(feeds.account, errors[0].metric)
    by_query = await measured(feeds.account, metric_screen.worst(feeds.account, errors[0].metric, end - 900, end))
    by_each = await measured(feeds.account, metrics.fetch(feeds.account, errors, end - 900, end))
    print(f"    a look by query  {msgspec.structs.replace(by_query, billed=seen).told()}")
    print(f"    by asking each   {by_each.told()}")


def _judging(feeds: Feeds, settings: Settings) -> None:
    now = feeds.account.clock.now()
    situation = Situation("orders", now)
    found, slower = feeds.seen
    for name, value in (("parts", feeds.parts), ("metrics", found), ("percentiles", slower)):
        situation = situation.folded(name, Reading(value, now, now), now)

    def judged(value: Metrics, taken: datetime, at: datetime) -> float:
        """Milliseconds of this process's CPU; others share the machine."""
        fresh = msgspec.structs.replace(situation, now=at, metrics=Reading(value, taken, taken))
        began = time.process_time()
        judge(fresh, settings, at)
        return 1000 * (time.process_time() - began)

    def minutes(found: Metrics) -> list[float]:
        """Nine minutes, in each of which every series has a new point."""
        took = []
        for minute in range(1, 10):
            found = _a_minute_later(found)
            at = now + timedelta(minutes=minute)
            took.append(judged(found, at, at))
        return took

    same = [judged(msgspec.structs.replace(found), now, now) for _ in range(9)]
    print(f"    judging them anew {spread(same, 'ms', 1)}")
    goal("CPU of judging 5,000 series", statistics.median(same), 50, "ms")
    newer = minutes(found)
    print(f"    judging them with a new point in each {spread(newer, 'ms', 1)}")
    goal("CPU of judging 5,000 series that all have a new point", statistics.median(newer), 50, "ms")
    again = [judged(found, now, now + timedelta(seconds=second)) for second in range(10)][1:]
    print(f"    judging them when another feed has news {spread(again, 'ms', 1)}")
    goal("CPU of judging 5,000 series that are as they were", statistics.median(again), 5, "ms")
    print(f"    judging them while every function fails {spread(minutes(_failing(found)), 'ms', 1)}")


def _a_minute_later(found: Metrics) -> Metrics:
    """What the next poll brings: every series anew, the oldest point gone, the newest minute like the one before."""
    series = {}
    for name, one in found.series.items():
        points = {}
        for statistic, known in one.points.items():
            last = max(known, default=None)
            grown = dict(list(known.items())[1:])
            points[statistic] = grown if last is None else grown | {last + one.signal.period: known[last]}
        series[name] = Series(one.signal, points, one.asked_from + 60, one.asked_until + 60)
    return msgspec.structs.replace(found, series=series)


def _failing(found: Metrics) -> Metrics:
    """The same with errors in every function's last twenty minutes: the short way is no way for any of them."""
    series = {}
    for name, one in found.series.items():
        points = one.points
        if one.signal.key == "lambda.errors" and one.newest is not None:
            since = one.newest - 1200
            points = {
                statistic: {start: value + 9.0 if start > since else value for start, value in known.items()}
                for statistic, known in points.items()
            }
        series[name] = Series(one.signal, points, one.asked_from, one.asked_until)
    return msgspec.structs.replace(found, series=series)
