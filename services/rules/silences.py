"""Which of the silences it is. Seven of them are never one green zero (aws.md 1.2, decisions A12).

Checked in this order: DENIED, WAITING (or never answered: STALE), UNVERIFIED, STALE, NOT ENABLED, LATE when a whole
region has fallen silent while another saw people come, then of an empty window NO TRAFFIC or NO DATA, and LATE when
the newest minutes of one resource are missing while those of others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec

from services.model.assessment import State
from services.model.reading import Reading
from services.model.series import Series, Sparseness
from services.problems import ProblemKind
from services.rules.windows import Window, instant
from services.rules.words import clock, span

STALE_AFTER = 3
"""Cadences that a failing feed's value may age before it is called stale."""

SILENT_AFTER = 10
"""Cadences after which a value is stale even though no try has failed: the feed itself has stopped."""

LATE_AFTER = 3
"""Settled periods in a row without a point, of a series that had one in nearly every period before."""

AWAITED_S = 3600
"""Seconds that a metric which came every minute may be late while its resource is in use; then it has stopped."""

DENSE_SPAN, DENSE = 15, 12
"""What `nearly every` means: points in 12 of the 15 periods that end with the newest one."""

CHANCE, REMEMBERED = 2.5e-4, 60
"""How likely a pause so long may be in a series that had points in so many of the last periods: one of hundreds of
functions that are called twice a minute pauses for three minutes at any time, and nothing of it is late."""

WITNESSED = 2
"""Missing periods in which the other region saw requests: as settled points of CloudFront come three minutes after
those of a home region that is six minutes late, two of them are always seen."""

STEADY_SPAN, STEADY, STEADY_BEFORE = 30, 29, 10
"""Steady enough that three empty periods in a row are no chance: points in 29 of 30 periods. The ten before the newest
point are left out: late points arrive out of order."""


class Silence(msgspec.Struct, frozen=True):
    """A state that is no band, and the sentence that says why."""

    state: State
    sentence: str


def of_reading(reading: Reading[Any], what: str) -> Silence | None:
    """The silence of a feed that is refused or has never given a value; None when there is a value to look at."""
    problem = reading.problem
    if problem is not None and problem.kind is ProblemKind.DENIED:
        missing = f" (needs {problem.operation})" if problem.operation else ""
        return Silence(State.DENIED, f"{what}: access denied{missing}")
    if reading.value is not None:
        return None
    if problem is not None:
        return Silence(State.STALE, f"{what}: could not be read: {problem.message}")
    return Silence(State.WAITING, f"{what}: asked, not answered yet")


def of_age(reading: Reading[Any], cadence: float, now: datetime, what: str) -> Silence | None:
    """STALE when the value has outlived its feed: failing for three cadences, or silent for ten. `cadence`: from one
    turn to the next, in the account's time."""
    age = reading.age(now)
    if age is None or reading.taken is None:
        return None
    if reading.problem is not None and age > STALE_AFTER * cadence:
        return Silence(State.STALE, f"{what}: last answered at {clock(reading.taken, now)}: {reading.problem.message}")
    if age > SILENT_AFTER * cadence:
        return Silence(State.STALE, f"{what}: last answered at {clock(reading.taken, now)}, not asked since")
    return None


def of_window(
    points: Collection[int],
    siblings: Collection[int],
    series: Series,
    sparse: Sparseness,
    window: Window,
    what: str,
    published: bool = False,
) -> Silence | None:
    """The silence of a settled window: `points` of this metric, `siblings` of the same resource.

    `published`: the identity is known to be right although nothing is remembered of it, so nobody used the resource.

    None when there is something to judge: a point in the window or, for a counter published only when it happens,
    a sibling that shows the resource alive.
    """
    inside = any(start in points for start in window.starts)
    alive = any(start in siblings for start in window.starts)
    until = clock(window.ends_at)
    if inside or (sparse is Sparseness.NON_ZERO and alive):
        return None
    if sparse is Sparseness.GAUGE or not (points or siblings or published):
        since = f" since {clock(instant(series.asked_from), window.ends_at)}" if series.asked_from < window.end else ""
        return Silence(State.NO_DATA, f"{what}: nothing has been published{since}")
    if alive and sparse is Sparseness.PER_REQUEST:
        newest = max((start for start in points if start < window.end), default=None)
        if newest is not None and window.end - newest <= AWAITED_S and _dense(points, newest, window.period):
            told = f"the newest point is of {clock(instant(newest))}; {series.signal.resource} was in use since"
            return Silence(State.LATE, f"{what}: {told}")
        return Silence(State.NO_DATA, f"{what}: nothing up to {until}, although {series.signal.resource} was in use")
    elapsed = span(window.ends_at - instant(window.start))
    return Silence(State.NO_TRAFFIC, f"{what}: {series.signal.resource} was not used in the {elapsed} to {until}")


def of_lateness(
    points: Iterable[int], newer_elsewhere: Callable[[int], bool], window: Window, what: str
) -> Silence | None:
    """LATE when a series that came every minute has stopped while other resources' points go on.

    `newer_elsewhere`: whether any other resource has a point of that period or a later one.
    """
    known = {start for start in points if start < window.end}
    if not known:
        return None
    newest = max(known)
    if _missing(newest, window) < LATE_AFTER:
        return None
    if not _dense(known, newest, window.period):
        return None
    if _chance(known, newest, window) > CHANCE or not newer_elsewhere(newest + LATE_AFTER * window.period):
        return None
    return Silence(State.LATE, f"{what}: the newest point is of {clock(instant(newest))}; others are newer")


def of_region(
    points: Collection[int],
    heard: Callable[[int], int | None],
    used: Callable[[], Collection[int]],
    window: Window,
    what: str,
) -> Silence | None:
    """LATE when a whole region has had no point for three periods while another region went on seeing requests.

    `points`: where this resource was heard of; `heard`: the newest period before an instant that any resource of the
    region published; `used`: periods in which the other region counted requests. "Nobody came" is not said of a
    resource that somebody came to every minute while people keep coming elsewhere.
    """
    newest = max((start for start in points if start < window.end), default=None)
    if newest is None or _missing(newest, window) < LATE_AFTER:
        return None
    last = newest - STEADY_BEFORE * window.period
    if sum(1 for back in range(STEADY_SPAN) if last - back * window.period in points) < STEADY:
        return None
    region = heard(window.end)
    if region is None or _missing(region, window) < LATE_AFTER:
        return None
    if sum(1 for start in used() if region < start < window.end) < WITNESSED:
        return None
    since = clock(instant(newest + window.period), window.ends_at)
    return Silence(State.LATE, f"{what}: no point since {since}, nor of anything in the region; requests went on")


def _dense(points: Collection[int], newest: int, period: int) -> bool:
    """Whether there was a point in nearly every period up to the newest one."""
    return sum(1 for back in range(DENSE_SPAN) if newest - back * period in points) >= DENSE


def _chance(points: Collection[int], newest: int, window: Window) -> float:
    """How likely the pause since the newest point is, by how often a period was empty before."""
    span = min(REMEMBERED, (newest - min(points)) // window.period + 1)
    present = sum(1 for back in range(span) if newest - back * window.period in points)
    return float(((span - present + 1) / (span + 2)) ** _missing(newest, window))


def _missing(newest: int, window: Window) -> int:
    """Settled periods after `newest`."""
    return (window.end - newest) // window.period - 1
