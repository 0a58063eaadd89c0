"""Nights on which alerts fire, told to a watch as the rules' own tests build them, at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from services.model.reading import Reading
from services.model.series import Metrics, Series
from services.model.situation import Situation
from services.model.witness import Probe, Probes
from services.safe_text import safe
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import ToldWatch
from tests.unit.rules_support import (
    NOW,
    api_series,
    calm,
    epoch,
    lambda_series,
    metrics,
    read,
    series,
    steady,
    table_series,
)

Spans = Iterable[tuple[int, int, float]]
"""From a to b minutes ago, so much."""


def night(
    *,
    failing: Spans = (),
    latency: Spans = (),
    lambda_failing: Spans = (),
    throttles: Mapping[int, float] | None = None,
) -> Situation:
    """A quiet night at NOW but for these: failures and latency a minute, of a thousand requests; throttle events."""
    requests = steady(1000)
    return calm(
        metrics=read(
            metrics(
                *api_series(requests, _over(steady(0), failing), _over(steady(120), latency)),
                *lambda_series(requests, _over(steady(0), lambda_failing), steady(80)),
                *table_series(throttles or {}, steady(30)),
            )
        )
    )


def sign_ins_refused(number: float) -> Situation:
    """A quiet night on which so many sign-ins of Cognito's newest settled five minutes ended without tokens."""
    tried = {epoch(17): 10.0 + number}
    points = {"SampleCount": tried, "Sum": dict.fromkeys(tried, 10.0)}
    return calm(percentiles=read(metrics(series("users.sign_ins", "pool/web", points, period=300, settle=600))))


def deserted() -> Situation:
    """Not one request in three hours, under a name that CloudWatch knows."""
    own = api_series({}, {}, {})
    known = metrics(*own, *lambda_series({}, {}, {}), *table_series({}, {}))
    requests = msgspec.structs.replace(own[0], asked_from=epoch(190))
    known = msgspec.structs.replace(known, verified=frozenset(known.series))
    known = msgspec.structs.replace(known, series={**known.series, requests.signal.id: requests})
    return calm(metrics=read(known), edge_metrics=read(metrics()))


def health_failing(seconds: int) -> Situation:
    """A quiet night on which every health check has failed for so long."""
    ages = {*range(0, seconds, 30), seconds}
    made = (Probe(NOW - timedelta(seconds=ago), False, safe("HTTP 503"), 503) for ago in ages)
    return calm(probes=read(Probes(tuple(made))))


def _over(base: dict[int, float], spans: Spans) -> dict[int, float]:
    for since, until, value in spans:
        base |= steady(value, since, until)
    return base


def tell(watch: ToldWatch, situation: Situation, minutes: float = 0) -> None:
    """Post every feed of `situation`, as if it were that many minutes later than NOW."""
    by = timedelta(minutes=minutes)
    for feed in situation.__struct_fields__:
        reading = getattr(situation, feed)
        if isinstance(reading, Reading) and feed not in ("operations", "tail"):
            watch.post(FeedUpdate(feed, _moved(reading, by)))


def _moved(reading: Reading[Any], by: timedelta) -> Reading[Any]:
    value = reading.value
    if isinstance(value, Metrics):
        value = msgspec.structs.replace(value, series={key: _later(one, by) for key, one in value.series.items()})
    taken = None if reading.taken is None else reading.taken + by
    tried = None if reading.tried is None else reading.tried + by
    return msgspec.structs.replace(reading, value=value, taken=taken, tried=tried)


def _later(series: Series, by: timedelta) -> Series:
    seconds = int(by.total_seconds())
    points = {name: {at + seconds: value for at, value in values.items()} for name, values in series.points.items()}
    return Series(series.signal, points, series.asked_from + seconds, series.asked_until + seconds)


__all__ = ["NOW", "deserted", "health_failing", "night", "sign_ins_refused", "tell"]
