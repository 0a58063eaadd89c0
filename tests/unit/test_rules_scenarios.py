"""The rules themselves against the truth of every scenario: what has to ring does, in time, and nothing else."""

from __future__ import annotations

import pytest

from services.model.reading import Reading
from services.model.series import MetricId, Metrics, Series, Signal, Sparseness
from services.model.situation import Situation
from services.model.witness import Probe, Probes
from services.rules import judge
from services.simulated.world.scenarios import SCENARIOS, Rule
from tests.unit.cloudwatch_support import STARTED, at
from tests.unit.rules_support import SETTINGS
from tests.unit.scenario_support import BEFORE, Watched

REGIONAL = {
    "api.count": ("SampleCount",),
    "api.5xx": ("Sum", "SampleCount"),
    "api.latency": ("Average", "SampleCount"),
    "lambda.invocations": ("Sum",),
    "lambda.errors": ("Sum",),
    "lambda.duration": ("Average", "SampleCount"),
    "table.read_throttles": ("Sum",),
    "table.write_throttles": ("Sum",),
    "table.reads": ("Sum", "SampleCount"),
}
ON_INDEX = {"table.read_throttles": "index.read_throttles", "table.write_throttles": "index.write_throttles"}
CLIENTS = ("web", "Invalid")


def series(
    watched: Watched,
    key: str,
    figure: str,
    resource: str,
    statistics: tuple[str, ...],
    period: int = 60,
    settle: int = 120,
) -> Series:
    origin = int(STARTED.timestamp())
    points = {
        name: {origin + start: value for start, value in watched.points(figure, name, period).items()}
        for name in statistics
    }
    sparse = Sparseness.NON_ZERO if "throttles" in key else Sparseness.PER_REQUEST
    signal = Signal(key, resource, MetricId("r", "n", key, ()), statistics, period, settle, sparse)
    return Series(signal, points, origin - BEFORE, origin + watched.horizon + 900)


def known(*found: Series) -> Metrics:
    return Metrics({one.signal.id: one for one in found})


def probes(watched: Watched, tick: int) -> Reading[Probes]:
    """A health check each half minute of the last ten."""
    made = (Probe(at(second), watched.healthy(second)) for second in range(tick - 600, tick + 1, 30))
    return Reading(Probes(tuple(made)), at(tick), at(tick))


def firing(watched: Watched, every: int = 60) -> dict[Rule, int]:
    """Rule → the first tick at which the product's own rules fire, from an hour before the start to the horizon."""
    region = [series(watched, key, key, "audit", statistics) for key, statistics in REGIONAL.items()]
    region += [series(watched, key, figure, "audit/index", ("Sum",)) for key, figure in ON_INDEX.items()]
    users = [
        series(watched, "users.sign_ins", f"users.sign_ins:{client}", client, ("Sum", "SampleCount"), 300, 600)
        for client in CLIENTS
    ]
    found: dict[Rule, int] = {}
    for tick in range(-3_600, watched.horizon + 1, every):
        now = at(tick)
        situation = Situation("production", now).folded("probes", probes(watched, tick), now)
        for feed, value in (("metrics", known(*region)), ("percentiles", known(*users))):
            situation = situation.folded(feed, Reading(value, now, now), now)
        for alert in judge(situation, SETTINGS, now).alerts:
            if alert.firing and not alert.key.startswith("threshold."):
                found.setdefault(Rule(int(alert.source.rpartition(" ")[2])), tick)
    return found


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_what_rings_is_what_the_truth_says_and_in_time(name: str) -> None:
    truth = SCENARIOS[name].truth
    found = firing(Watched(name))
    expected = {ring.rule: ring for ring in truth.rings}
    assert set(found) - set(truth.may_ring) == set(expected)
    late = {rule: (ring.after, found[rule], ring.by) for rule, ring in expected.items()}
    assert all(after <= first <= by for after, first, by in late.values()), late


def test_a_calm_day_of_24_hours_raises_nothing() -> None:
    day = Watched("calm", seed=7)
    day.horizon = 24 * 3600
    assert firing(day, every=240) == {}
