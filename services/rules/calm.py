"""Hundreds of functions: which of them are calm beyond doubt, told from the few points of the newest window.

A resource is calm when its value is in the normal band, it was heard of in the newest periods, and nothing else of it
asks for attention. Then no silence, no clock and no chart has to be worked out: what the long way would say is known.
Anything odd (a gap at the end, a number that is none) is not calm and goes the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf

from services.model.assessment import State
from services.model.series import Series
from services.rules.bands import band
from services.rules.index import Memo
from services.rules.judging import Finding, Question
from services.rules.silences import DENSE, DENSE_SPAN, LATE_AFTER, STEADY, STEADY_BEFORE, STEADY_SPAN
from services.rules.view import Feed, View
from services.rules.windows import Window
from services.rules.worst import IDLE, Candidate, Subject, among
from services.settings.values import Bands

_NONE: Mapping[int, float] = {}


def worst_of_many(
    view: View,
    feed: Feed,
    question: Question,
    calm: Callable[[Series, Window], float | None],
    full: Callable[[Series], Finding],
) -> Subject:
    """The worst of all resources that publish what `question` is about; of unchanged series it is not asked again."""
    memo = feed.memo(view)
    known = memo.subjects.get(question.key) if memo is not None else None
    if known is None:
        known = among(question, feed, _candidates(view, feed, question.key, calm, memo), full)
        if memo is not None:
            memo.subjects[question.key] = known
    return known.at(feed.now)


def _candidates(
    view: View, feed: Feed, key: str, calm: Callable[[Series, Window], float | None], memo: Memo | None
) -> list[Candidate]:
    """Each resource that publishes `key`, and whether it is calm."""
    seconds = view.thresholds.window_s
    if memo is None or seconds != view.settings.alerts.mean_s:
        return [Candidate(series, None) for series in feed.find(key)]
    windows: dict[tuple[int, int, int], Window] = {}
    found = []
    for series in feed.find(key):
        signal = series.signal
        of = signal.settle, signal.period, series.asked_until
        window = windows.get(of)
        if window is None:
            window = windows[of] = feed.window(series, seconds)
        found.append(Candidate(series, calm(series, window)))
    return found


def calm_mean(series: Series, among: Series | None, window: Window, bands: Bands, limit: float) -> float | None:
    """The sample-weighted mean of the window when it is normal and nothing reached `limit` (0: there is none)."""
    means, samples = series.points.get("Average", _NONE), series.points.get("SampleCount", _NONE)
    longest = series.points.get("Maximum", _NONE)
    try:
        return _whole_mean(means, samples, longest, window.starts, bands, limit)
    except KeyError:
        pass  # a minute is missing: looked at one by one
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


def _whole_mean(
    means: Mapping[int, float],
    samples: Mapping[int, float],
    longest: Mapping[int, float],
    starts: Sequence[int],
    bands: Bands,
    limit: float,
) -> float | None:
    """The same where every minute has a point: nothing can be late. Raises KeyError where one is missing."""
    known, weights = [means[start] for start in starts], [samples[start] for start in starts]
    most = [longest.get(start, 0.0) for start in starts]
    amount = sum([mean * sampled for mean, sampled in zip(known, weights, strict=True)])
    # A number that is none makes its sum none, which is below nothing.
    if not (amount < inf and sum(known) < inf and sum(weights) < inf and sum(most) < inf):
        return None
    if min(known) < 0 or min(weights) <= 0 or min(most) < 0 or 0 < limit <= max(most):
        return None
    return _normal(amount, sum(weights), bands)


def calm_share(
    failed: Series, among: Series | None, refused: Series | None, window: Window, bands: Bands, floor: float
) -> float | None:
    """Percent of the window when it is normal, enough are counted or none failed, and none was refused."""
    if among is None:
        return None
    failures, counted = failed.points.get("Sum", _NONE), among.points.get("Sum", _NONE)
    turned_away = _NONE if refused is None else refused.points.get("Sum", _NONE)
    try:
        return _whole_share(failures, counted, turned_away, window.starts, bands, floor)
    except KeyError:
        pass
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


def _whole_share(
    failures: Mapping[int, float],
    counted: Mapping[int, float],
    turned_away: Mapping[int, float],
    starts: Sequence[int],
    bands: Bands,
    floor: float,
) -> float | None:
    """The same where every minute has a point. Raises KeyError where one is missing."""
    bad, here = [failures[start] for start in starts], [counted[start] for start in starts]
    amount, weight = sum(bad), sum(here)
    if any(map(turned_away.get, starts)) or not (amount < inf and weight < inf):
        return None
    if min(bad) < 0 or min(here) <= 0 or (weight < floor and amount):
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
