"""A stack that would cost more than the cap, watched over HTTP: who is asked how often, and that nothing is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from services.clock import ManualClock
from services.model.assessment import State
from services.model.spending import Need
from services.rules import judge
from services.settings import Settings
from services.settings.loading import at_endpoint, parse
from services.simulated.account import SimulatedAccount
from tests.contract.watch_support import Watched
from tests.simulated_support import START, simulated
from widgets import wording

CONFIGURATION = b"""
system = "Order Desk"
[[environments]]
name = "orders"
stack = "OrderDesk-production"
region = "eu-central-1"
"""


def settings(cap: float) -> Settings:
    return msgspec.structs.replace(parse(CONFIGURATION, "orders.toml"), cost_cap=cap)


@contextmanager
def capped(account: SimulatedAccount, cap: float) -> Iterator[Watched]:
    configured = settings(cap)
    watched = Watched(account, at_endpoint(configured.environments[0], account.endpoint), configured)
    watched.watch.start()
    try:
        watched.settle()
        yield watched
    finally:
        watched.watch.stop()
        watched.watch.join(10)


def asked(account: SimulatedAccount, since: int) -> Counter[str]:
    """How many calls asked each statistic of each metric from call number `since` on, versions' evidence left out."""
    found: Counter[str] = Counter()
    for call in account.calls[since:]:
        if call.operation == "GetMetricData":
            found.update({name for one in call.parameters["MetricDataQueries"] if (name := _name(one))})
    return found


def _name(query: dict[str, Any]) -> str:
    stat = query["MetricStat"]
    metric = stat["Metric"]
    version = any(one["Name"] == "ExecutedVersion" for one in metric["Dimensions"])
    return "" if version else f"{metric['MetricName']} {stat['Stat']}"


def test_what_explains_is_asked_more_seldom_and_what_is_judged_every_minute() -> None:
    with simulated("calm") as account, capped(account, 0.0295) as watched:
        before = len(account.calls)
        watched.advance(1_080, step=60)
        spending = watched.situation.spending
        counts = asked(account, before)
        assert spending.slowed == {Need.DIAGNOSIS}
        assert counts["Errors Sum"] in (17, 18, 19)
        pause = spending.pauses[Need.DIAGNOSIS]
        assert 300 < pause <= 900
        assert counts["Duration p99"] == pytest.approx(1_080 / pause, abs=1)
        assert counts["SuccessfulRequestLatency Average"] == counts["Duration p99"]
        assert spending.per_hour <= 0.0295
        assert f"diagnosis every {pause / 60:.0f} min" in wording.cadences(spending)
        assert "judged every 60 s" in wording.cadences(spending)
        seen = watched.situation.percentiles.value
        assert seen is not None
        # Nothing is left out: each question reached back to where the one before had ended.
        for series in seen.find("lambda.duration"):
            points = series.statistic("p99")
            if points:
                assert series.asked_until - series.asked_from >= 1_080
                assert max(points) >= watched.clock.now().timestamp() - pause - 900


def test_the_watch_screens_many_functions_and_names_the_one_that_fails() -> None:
    account = SimulatedAccount(scenario="one-function-fails", clock=ManualClock(START), functions=40)
    account.open()
    try:
        with capped(account, 0.06) as watched:
            watched.advance(360, step=60)
            found = judge(watched.situation, watched.settings, watched.clock.now())
            spending = watched.situation.spending
    finally:
        account.close()
    assert found.judgements["lambda.errors"].state is State.CRIT
    assert found.judgements["lambda.errors"].detail.startswith("orderdesk-place-order · ")
    assert Need.QUIET in spending.slowed
    assert Need.JUDGED not in spending.slowed
    assert spending.per_hour <= 0.06
