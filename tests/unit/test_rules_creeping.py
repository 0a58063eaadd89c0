"""What grows slowly: a version that gets worse ever since it went live, and a cache that keeps little any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.model.assessment import Assessment, State
from services.model.changes import ChangeKind
from services.model.edge import Distribution
from services.model.functions import MemorySample, MemoryUse
from services.model.reading import Reading
from services.model.series import Series
from services.model.witness import RecordedWrite
from services.rules import judge
from services.safe_text import safe
from tests.unit.rules_support import (
    EDGE,
    FUNCTION,
    NOW,
    SETTINGS,
    api_series,
    at,
    calm,
    deployment,
    edge_series,
    epoch,
    lambda_series,
    metrics,
    read,
    recorded,
    release,
    series,
    steady,
    table_series,
)

LIVE = 155
"""Minutes ago."""


def p99(*, grows: float = 12.0, step: float = 0.0) -> Series:
    """450 ms until the version went live; from then on so much more each minute, or by a step."""
    points = {epoch(ago): 450.0 for ago in range(190, LIVE, -5)}
    points |= {epoch(ago): 450.0 + step + grows * (LIVE - ago) for ago in range(LIVE, 4, -5)}
    return series("lambda.duration", FUNCTION, {"p99": points}, period=300, asked=(195, 0))


def memory(*samples: tuple[float, int]) -> Reading[Any]:
    return read((MemoryUse(safe(FUNCTION), tuple(MemorySample(at(ago), used) for ago, used in samples)),))


def leaking(own: Series | None = None, *, mean: float = 0.2, live: float = LIVE, **feeds: Reading[Any]) -> Assessment:
    """v42, live for `live` minutes, whose mean duration grows by `mean` a minute."""
    requests = steady(200, 200)
    duration = {epoch(ago): 90.0 + mean * max(0, LIVE - ago) for ago in range(200, 0, -1)}
    region = metrics(
        *api_series(requests, steady(0, 200), steady(120, 200)),
        *lambda_series(requests, steady(0, 200), duration),
        *table_series({}, steady(30)),
    )
    known: dict[str, Reading[Any]] = {
        "metrics": read(region),
        "percentiles": read(metrics(own or p99())),
        "events": read(deployment(live + 0.5, 42)),
        "releases": read((release(42),)),
        "memory": memory((180, 124), (2, 433)),
    }
    return judge(calm(**(known | feeds)), SETTINGS, NOW)


def test_a_version_whose_slowest_get_slower_ever_since_is_named_with_what_has_grown() -> None:
    verdict = leaking().verdict
    assert verdict.sentence.endswith(
        "v42 has served since 00:37: Lambda p99 450 ms → 2.04 s, mean 90 ms → 117 ms; memory 124 → 433 MB"
    )
    assert (verdict.state, verdict.key) == (State.OK, ""), "no band is left: it is said, and nothing is asked for"
    assert verdict.suspect is not None
    assert verdict.suspect.label == "v42"


def test_what_breaks_in_the_end_is_after_the_version_that_leaked_and_the_key_takes_it_back() -> None:
    """The change lies two and a half hours before: no other suspect is near."""
    errors = steady(0, 200) | steady(4, 8, 2)
    region = metrics(
        *api_series(steady(200, 200), errors, steady(120, 200)),
        *lambda_series(steady(200, 200), errors, steady(90, 200)),
        *table_series({}, steady(30)),
    )
    found = leaking(metrics=read(region))
    assert found.verdict.state is State.WARN
    assert "API Server Errors" in found.verdict.sentence
    assert ". v42 has served since 00:37: Lambda p99 450 ms → " in found.verdict.sentence
    assert (found.verdict.key, found.verdict.remedy) == ("R", "rolls LIVE back to v41")
    (errors_of,) = [one for one in found.suspects if one.key == "api.errors"]
    assert errors_of.sentence.startswith("v42 has served since 00:37")
    assert errors_of.ranked[0].lag_s > 2 * 3600


@pytest.mark.parametrize(
    "found",
    [
        leaking(p99(grows=0, step=1_700)),  # slower at once: a step is told by its lag to the change
        leaking(p99(grows=0)),
        leaking(mean=3.0),  # all get slower: the mean's own band is for that
        leaking(live=40),  # not long enough to know its course
        leaking(events=read(deployment(3 * 1440, 41)), releases=read((release(42),))),  # since when is not known
        leaking(percentiles=Reading()),
        leaking(metrics=read(metrics())),
    ],
)
def test_what_does_not_creep_is_not_said_to(found: Assessment) -> None:
    assert "has served since" not in found.verdict.sentence


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (((180, 124), (2, 130)), "; memory as before, 130 MB"),
        (((120, 150), (2, 433)), "; memory 150 → 433 MB"),
        (((2, 433),), "117 ms"),
        ((), "117 ms"),
    ],
)
def test_memory_is_told_as_it_is_and_not_where_it_is_not_known(
    samples: tuple[tuple[float, int], ...], said: str
) -> None:
    assert leaking(memory=memory(*samples)).verdict.sentence.endswith(said)


def cached(low_for: int = 20, low: float = 18.0, **feeds: Reading[Any]) -> Assessment:
    """A hit rate of 92 % until so many settled minutes ago."""
    hits = steady(92, 180) | steady(low, low_for + 5)
    edge = read(metrics(*edge_series(steady(500, 180), steady(1.5, 180), hits)))
    return judge(calm(edge_metrics=edge, **feeds), SETTINGS, NOW)


def test_a_cache_that_keeps_little_is_told_with_who_changed_the_distribution() -> None:
    by_casey = recorded(
        RecordedWrite(at(26), safe("cloudfront"), safe("UpdateDistribution"), safe("casey"), safe(EDGE))
    )
    found = cached(writes=by_casey)
    assert found.verdict.state is State.OK
    assert found.verdict.sentence.endswith(
        "Cache hit rate 92 % → 18 % since 02:47, 60 s after cloudfront UpdateDistribution of E1 by casey"
    )
    assert found.verdict.suspect is not None
    assert [one.key for one in found.suspects] == ["edge.hits"]


def test_without_a_change_in_reach_that_is_said_instead() -> None:
    assert cached().verdict.sentence.endswith("92 % → 18 % since 02:47, no change in the hour before")


def test_the_distribution_itself_says_at_once_that_it_was_changed_and_the_trail_later_by_whom() -> None:
    changed = read(
        (Distribution(safe(EDGE), safe("d.net"), safe("Deployed"), True, extra_metrics=True, modified=at(26)),)
    )
    told = cached(distributions=changed)
    assert told.verdict.sentence.endswith("since 02:47, 60 s after E1 was changed")
    write = RecordedWrite(at(26) + timedelta(seconds=2), safe("cloudfront"), safe("UpdateDistribution"), safe("casey"))
    both = cached(distributions=changed, writes=recorded(write))
    assert [one.sentence for one in both.changes if one.kind is ChangeKind.CONFIGURATION] == [
        "cloudfront UpdateDistribution by casey"
    ]


def test_after_hours_in_which_nobody_came_a_cold_cache_is_no_fall() -> None:
    """Nothing of the hour before is known: there is nothing that it could have fallen from."""
    hits = steady(92, 180, 110) | steady(18, 25)
    edge = read(metrics(*edge_series(steady(500, 180), steady(1.5, 180), hits)))
    found = judge(calm(edge_metrics=edge), SETTINGS, NOW)
    assert "Cache hit rate" not in found.verdict.sentence
    assert not found.suspects


def test_a_rate_that_was_low_all_the_hour_before_but_for_a_moment_has_not_fallen() -> None:
    hits = steady(92, 180, 90) | steady(18, 90) | steady(92, 27, 26)
    edge = read(metrics(*edge_series(steady(500, 180), steady(1.5, 180), hits)))
    assert "18 % → 18 %" not in judge(calm(edge_metrics=edge), SETTINGS, NOW).verdict.sentence


@pytest.mark.parametrize(("low_for", "low"), [(9, 18.0), (60, 63.0), (20, 91.0)])
def test_a_purge_or_a_small_dip_is_nothing_to_tell(low_for: int, low: float) -> None:
    found = cached(low_for, low)
    assert "Cache hit rate" not in found.verdict.sentence
    assert not found.suspects
