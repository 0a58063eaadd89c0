"""What the simulated account's resources publish, and series far back, asked through a running watch."""

from __future__ import annotations

from typing import Any

from services.aws import metrics
from services.aws.metric_browse import browse, resources
from services.aws.session import Account
from services.model.metric_query import STRETCHES, range_of, signal_of
from services.model.series import MetricId
from services.problems import AccountError, ProblemKind
from services.watch.on_demand import ask
from tests.contract.watch_support import counted, watched
from tests.simulated_support import simulated


def _known(situation: Any) -> set[MetricId]:
    feeds = (situation.metrics.value, situation.edge_metrics.value)
    return {series.signal.metric for feed in feeds for series in feed.series.values()}


def test_browsing_finds_what_the_resources_publish_beyond_what_is_watched() -> None:
    with simulated() as account, watched(account) as seen:
        known = _known(seen.settle())

        async def question(of: Account) -> tuple[MetricId, ...]:
            return await browse(of, resources(known))

        before = counted(account)["cloudwatch:ListMetrics"]
        found = ask(seen.watch, question).result(timeout=20)
        asked = counted(account)["cloudwatch:ListMetrics"] - before
    names = {(one.namespace, one.name) for one in found}
    assert ("AWS/DynamoDB", "SuccessfulRequestLatency") in names
    assert ("AWS/CloudFront", "BytesDownloaded") in names
    assert list(found) == sorted(set(found))
    assert not any("staging" in value for one in found for _, value in one.dimensions)
    assert asked <= 2 * len(resources(known))


def test_a_window_of_fifteen_months_is_answered_at_the_period_that_is_kept() -> None:
    with simulated() as account, watched(account) as seen:
        (metric,) = [one for one in _known(seen.settle()) if one.name == "Latency"]
        where = range_of(STRETCHES[-1], seen.clock.now().timestamp())
        signal = signal_of(metric, where.period)

        async def question(of: Account) -> Any:
            return await metrics.fetch(of, [signal], where.start, where.end)

        series = _patiently(seen, question)[signal.id]
    assert where.period == 86_400
    assert series.statistic("Average")
    assert all(where.start <= at < where.end and at % where.period == 0 for at in series.statistic("Average"))


def _patiently(seen: Any, question: Any) -> Any:
    """The answer; what a slow machine did not make within the deadline is asked for again, as a person would."""
    for _ in range(4):
        try:
            return ask(seen.watch, question).result(timeout=60)
        except AccountError as error:
            assert error.problem.kind is ProblemKind.TIMEOUT
    raise AssertionError("not answered within four deadlines")
