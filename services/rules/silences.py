"""Which of the silences it is. Seven of them are never one green zero (aws.md 1.2, decisions A12).

Checked in this order: DENIED, WAITING (or never answered: STALE), UNVERIFIED, STALE, NOT ENABLED, then of an empty
window NO TRAFFIC or NO DATA, and LATE when the newest minutes are missing while everything else goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
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

_DENSE_SPAN, _DENSE = 15, 12
"""What `nearly every` means: points in 12 of the 15 periods that end with the newest one."""


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
    """STALE when the value has outlived its feed: failing for three cadences, or silent for ten."""
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
        return Silence(State.NO_DATA, f"{what}: nothing up to {until}, although {series.signal.resource} was in use")
    elapsed = span(window.ends_at - instant(window.start))
    return Silence(State.NO_TRAFFIC, f"{what}: {series.signal.resource} was not used in the {elapsed} to {until}")


def of_lateness(points: Iterable[int], newest_elsewhere: int | None, window: Window, what: str) -> Silence | None:
    """LATE when a series that came every minute has stopped while other resources' points go on."""
    known = {start for start in points if start < window.end}
    if not known or newest_elsewhere is None:
        return None
    newest = max(known)
    missing = (window.end - newest) // window.period - 1
    if missing < LATE_AFTER or newest_elsewhere < newest + LATE_AFTER * window.period:
        return None
    dense = sum(1 for back in range(_DENSE_SPAN) if newest - back * window.period in known)
    if dense < _DENSE:
        return None
    return Silence(State.LATE, f"{what}: the newest point is of {clock(instant(newest))}; others are newer")
