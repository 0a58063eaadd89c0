"""Nights on which alerts fire, told to a watch as the rules' own tests build them, at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from services.model.reading import Reading
from services.model.series import Metrics, Series
from services.model.situation import Situation
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import ToldWatch
from tests.unit.rules_support import (
    NOW,
    api_series,
    calm,
    lambda_series,
    metrics,
    read,
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


__all__ = ["NOW", "night", "tell"]
