"""Hundreds of functions: which of them are calm beyond doubt, told from the few points of the newest window.

A resource is calm when its value is in the normal band, it was heard of in the newest periods, and nothing else of it
asks for attention. Then no silence, no clock and no chart has to be worked out: what the long way would say is known.
Anything odd (a gap at the end, a number that is none) is not calm and goes the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import inf

from services.model.assessment import State
from services.model.series import Series
from services.rules.bands import band
from services.rules.judging import IDLE, Candidate, Finding
from services.rules.silences import DENSE, DENSE_SPAN, LATE_AFTER, STEADY, STEADY_BEFORE, STEADY_SPAN
from services.rules.view import Feed, View
from services.rules.windows import Window
from services.settings.values import Bands

_NONE: Mapping[int, float] = {}


def candidates(
    view: View,
    feed: Feed,
    key: str,
    calm: Callable[[Series, Window], float | None],
    full: Callable[[Series], Finding],
) -> list[Candidate]:
    """Each resource that publishes `key`. What `calm` found of the same series before is not worked out again."""
    found: list[Candidate] = []
    windows: dict[tuple[int, int, int], Window] = {}
    thresholds = view.thresholds
    known = feed.index.calm.setdefault((thresholds, view.settings.alerts, _functions(view)), {})
    judged_alike = feed.seen_well and thresholds.window_s == view.settings.alerts.mean_s
    for series in feed.find(key):
        signal, value = series.signal, None
        if judged_alike:
            of = signal.settle, signal.period, series.asked_until
            window = windows.get(of)
            if window is None:
                window = windows[of] = feed.window(series, thresholds.window_s)
            name = key, signal.resource, window.end
            if name not in known:
                known[name] = calm(series, window)
            value = known[name]
        found.append(Candidate(signal.resource, value, partial(full, series)))
    return found


def _functions(view: View) -> tuple[tuple[str, int], ...]:
    """What is known of the functions: their time-outs are limits."""
    return tuple((one.name, one.timeout_s) for one in view.situation.functions.value or ())


def calm_mean(series: Series, among: Series | None, window: Window, bands: Bands, limit: float) -> float | None:
    """The sample-weighted mean of the window when it is normal and nothing reached `limit` (0: there is none)."""
    means, samples = series.points.get("Average", _NONE), series.points.get("SampleCount", _NONE)
    longest = series.points.get("Maximum", _NONE)
    amount = weight = 0.0
    newest = 0
    for start in window.starts:
        mean = means.get(start)
        if mean is None:
            continue
        sampled, most = samples.get(start), longest.get(start, 0.0)
        if sampled is None or not (0 <= mean < inf and 0 < sampled < inf) or most != most or most < 0 or most == inf:
            return None
        if limit > 0 and most >= limit:
            return None
        amount += mean * sampled
        weight += sampled
        newest = start
    if not weight:
        invoked = among.points.get("Sum", _NONE) if among is not None else _NONE
        return IDLE if _unused(series, means, (means, invoked), window) else None
    return _normal(amount, weight, bands) if _not_late(means, newest, window) else None


def calm_share(
    failed: Series, among: Series | None, refused: Series | None, window: Window, bands: Bands, floor: float
) -> float | None:
    """Percent of the window when it is normal, enough are counted or none failed, and none was refused."""
    if among is None:
        return None
    failures, counted = failed.points.get("Sum", _NONE), among.points.get("Sum", _NONE)
    turned_away = _NONE if refused is None else refused.points.get("Sum", _NONE)
    amount = weight = 0.0
    newest = 0
    for start in window.starts:
        if turned_away.get(start):
            return None
        here = counted.get(start)
        if here is None:
            continue
        bad = failures.get(start)  # zeros are published too: where there is none, nothing is known of the failures
        if bad is None or not (0 <= bad < inf and 0 < here < inf):
            return None
        amount += bad
        weight += here
        newest = start
    if not weight:
        return IDLE if _unused(failed, failures, (counted, failures, turned_away), window) else None
    if not _not_late(failures, newest, window) or (weight < floor and amount):
        return None
    return _normal(100.0 * amount, weight, bands)


def _unused(series: Series, points: Mapping[int, float], signs: Iterable[Mapping[int, float]], window: Window) -> bool:
    """Whether nobody used the resource in the window, and used it before: NO TRAFFIC, and nothing is late."""
    newest = series.newest
    if newest is None or newest >= window.start or any(start in sign for sign in signs for start in window.starts):
        return False
    last = max(points, default=None)
    return last is None or (last < window.start and _not_late(points, last, window))


def _not_late(points: Mapping[int, float], newest: int, window: Window) -> bool:
    """Whether the newest point says that nothing is late: it is young, or gaps are usual (silences.py)."""
    if newest >= window.end - LATE_AFTER * window.period:
        return True
    if not newest:
        return False
    step = window.period
    present = sum(1 for back in range(DENSE_SPAN) if newest - back * step in points)
    before = newest - STEADY_BEFORE * step
    steady = sum(1 for back in range(STEADY_SPAN) if before - back * step in points)
    return present < DENSE and steady < STEADY


def _normal(amount: float, weight: float, bands: Bands) -> float | None:
    value = amount / weight if weight > 0 else inf
    return value if value < inf and band(value, bands) is State.OK else None
