"""Spreads keep count, sum and extremes of what they stand for, and their percentiles are nearest-rank."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulated.world import draws, spreads
from services.simulated.world.values import Spread

samples = st.lists(st.floats(0, 1e6), max_size=400)


@given(samples)
def test_a_spread_keeps_count_sum_least_and_greatest(values: list[float]) -> None:
    spread = spreads.of(values)
    assert spreads.count(spread) == len(values)
    assert spreads.total(spread) == pytest.approx(sum(values), abs=1e-6)
    assert list(spread.values) == sorted(spread.values) or spread.values == pytest.approx(sorted(spread.values))
    assert len(spread.values) <= 40
    if values:
        assert (spread.values[0], spread.values[-1]) == (min(values), max(values))


@given(samples, samples)
def test_merging_adds_up(one: list[float], other: list[float]) -> None:
    merged = spreads.merge([spreads.of(one), spreads.of(other)])
    assert spreads.count(merged) == len(one) + len(other)
    assert spreads.total(merged) == pytest.approx(sum(one) + sum(other), abs=1e-6)


def test_percentiles_are_the_nearest_rank() -> None:
    hundred = Spread(tuple(float(n) for n in range(1, 101)), (1.0,) * 100)
    assert [spreads.percentile(hundred, p) for p in (0, 50, 95, 99, 99.9, 100)] == [1, 50, 95, 99, 100, 100]
    assert spreads.percentile(Spread((1.0, 9.0), (99.0, 1.0)), 99) == 1
    assert math.isnan(spreads.percentile(Spread(), 50))


def test_a_busy_minute_keeps_its_own_p99() -> None:
    values = [float(n) for n in range(1, 301)]
    assert spreads.percentile(spreads.of(values), 99) == 297


def test_a_trimmed_mean_leaves_out_the_tails() -> None:
    ten = Spread(tuple(float(n) for n in range(1, 11)), (1.0,) * 10)
    assert spreads.trimmed_mean(ten, 0, 90) == pytest.approx(5.0)
    assert spreads.trimmed_mean(ten, 10, 90) == pytest.approx(5.5)


@pytest.mark.parametrize(("n", "p"), [(5, 0.2), (250, 0.15), (600, 0.92), (20, 0.0), (20, 1.0)])
def test_a_binomial_draw_is_possible_and_right_on_average(n: int, p: float) -> None:
    drawn = [draws.binomial(n, p, (index + 0.5) / 500) for index in range(500)]
    assert all(0 <= value <= n for value in drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(n * p, rel=0.05, abs=0.05)


def test_the_same_parts_draw_the_same_number_on_every_machine() -> None:
    assert draws.key(1, "production", 60, "requests") == draws.key(1, "production", 60, "requests")
    assert draws.key(1, "a", "bc") != draws.key(1, "ab", "c")
    assert draws.generator(1, "x").random() == pytest.approx(FIRST_OF_1_X)


FIRST_OF_1_X = 0.5796831934915713
