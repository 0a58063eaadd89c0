"""Slow damage: a version that gets worse for as long as it serves, hours after it went live.

What leaks hurts few requests first: the slowest get slower and slower while the mean stays. No band sees that, and no
change lies near when something breaks in the end. So what has served since is told with what has grown since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import msgspec

from services.model.changes import Change, ChangeKind
from services.model.functions import MemorySample, Release
from services.model.situation import Situation
from services.rules.changes import main_release
from services.rules.index import index_of
from services.rules.windows import averaged, usable
from services.rules.words import clock, duration_ms
from services.safe_text import SafeText, safe

LEAST = timedelta(hours=1)
"""How long a version must have served before its course can be told from its beginning."""

NEAR_S = 1800
"""Seconds over which a percentile is taken as it is now."""

STEP = 1.2
"""How much higher each third of the time must be than the one before: growth, and no step."""

TWICE = 2.0
"""How many times as slow the slowest must have become …"""

WORTH_MS = 200.0
"""… and by how much at least."""

FLAT = 0.1
"""Share of that by which the mean may have risen at most."""

LEAKING = 1.25
"""How many times as much memory there must be."""


class Creep(msgspec.Struct, frozen=True):
    """A version that gets worse."""

    change: Change
    """What made it serve."""
    sentence: SafeText
    """`v42 has served since 01:00: Lambda p99 490 ms → 1.9 s, mean 91 ms → 128 ms; memory 124 → 433 MB`."""


def creeping(situation: Situation, changes: Sequence[Change], until: datetime) -> Creep | None:
    """The version that serves, if the slowest of its invocations have become slower and slower up to `until`."""
    release = main_release(situation)
    served = _serving(release, changes, until)
    if release is None or served is None or until - served.at < LEAST:
        return None
    function = str(release.function)
    slowest = _percentiles(situation, function, until)
    since = served.at.timestamp()
    before, grown = _before(slowest, since), _thirds(slowest, since, until.timestamp())
    if grown is None:
        return None
    then, now = before or grown[0], grown[-1]
    risen = all(later >= STEP * earlier for earlier, later in pairwise(grown))
    if not (risen and now >= TWICE * then and now - then >= WORTH_MS):
        return None
    means = _means(situation, function, since, until.timestamp())
    if means is None or means[1] - means[0] > FLAT * (now - then):
        return None
    told = f"{served.label} has served since {clock(served.at, until)}: Lambda p99 {duration_ms(then)}"
    told += f" → {duration_ms(now)}, mean {duration_ms(means[0])} → {duration_ms(means[1])}"
    return Creep(served, safe(told + _memory(situation, function, served.at, until)))


def _serving(release: Release | None, changes: Sequence[Change], until: datetime) -> Change | None:
    """The move that made the alias's version serve; None when it is not known."""
    if release is None or release.alias is None or release.alias.weights:
        return None
    moves = [one for one in changes if one.kind in (ChangeKind.ALIAS, ChangeKind.ROLLBACK) and one.at <= until]
    last = max(moves, key=lambda change: change.at, default=None)
    return last if last is not None and last.label == f"v{release.alias.version}" else None


def _percentiles(situation: Situation, function: str, until: datetime) -> dict[int, float]:
    """p99 of the function's durations, in whole settled periods."""
    series = index_of(situation.percentiles.value).by_resource.get(("lambda.duration", function))
    if series is None:
        return {}
    return usable(series.statistic("p99"), until.timestamp() - series.signal.period - series.signal.settle + 1)


def _before(points: Mapping[int, float], since: float) -> float | None:
    """As it was in the half hour before; None when that is not known."""
    found = [value for start, value in points.items() if since - NEAR_S <= start < since - 300]
    return median(found) if len(found) >= 3 else None


def _thirds(points: Mapping[int, float], since: float, until: float) -> tuple[float, float, float] | None:
    """The first third of what is known of the time since, the second, and the newest half hour."""
    known = {start: value for start, value in points.items() if since <= start < until}
    if len(known) < 9:
        return None
    first, last = min(known), max(known)
    third = (last - first) / 3
    early = [value for start, value in known.items() if start < first + third]
    middle = [value for start, value in known.items() if first + third <= start < last - third]
    newest = [value for start, value in known.items() if start > last - NEAR_S]
    return (median(early), median(middle), median(newest)) if early and middle and newest else None


def _means(situation: Situation, function: str, since: float, until: float) -> tuple[float, float] | None:
    """The mean duration of the half hour before, or of the first that is known since, and of the newest."""
    series = index_of(situation.metrics.value).by_resource.get(("lambda.duration", function))
    if series is None:
        return None
    means, samples = series.statistic("Average"), series.statistic("SampleCount")
    known = usable(means, until - series.signal.settle)
    begins = [start for start in known if start >= since - NEAR_S]
    if not begins:
        return None
    first = min(begins)
    spans = ((first, first + NEAR_S), (max(known) - NEAR_S, until))
    values = []
    for begin, end in spans:
        part = usable(known, end, begin)
        amount = averaged(part, samples)
        weight = sum((amount.weights or {}).get(start, 0.0) for start in amount.amounts)
        values.append(sum(amount.amounts.values()) / weight if weight else None)
    return (values[0], values[1]) if values[0] is not None and values[1] is not None else None


def _memory(situation: Situation, function: str, since: datetime, until: datetime) -> str:
    """`; memory 124 → 433 MB` if it rose too, or that it did not; empty when nothing is known of it."""
    known: tuple[MemorySample, ...] = ()
    for use in situation.memory.value or ():
        known = use.samples if use.function == function else known
    seen = sorted((one for one in known if one.at <= until), key=lambda one: one.at)
    if len(seen) < 2:
        return ""
    earlier = [one for one in seen if one.at <= since] or seen[:1]
    then, now = earlier[-1].used_mb, seen[-1].used_mb
    if now < LEAKING * then:
        return f"; memory as before, {now} MB"
    return f"; memory {then} → {now} MB"
