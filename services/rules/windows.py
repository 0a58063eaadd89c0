"""Settled windows over sparse series: what may be judged, and what it comes to.

Only complete periods that have had time to fill are judged: the usable end is floor(now − settle, period)
(aws.md 1.2). Sums take a missing period as nothing; means are weighted by samples over the periods present.
Points that are no number, negative or in the future are left out: they say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from math import inf, isfinite
from typing import TypeAlias

import msgspec

CHART_SPAN = 3 * 3600
"""Seconds of history that a judgement hands to its chart."""


class Window(msgspec.Struct, frozen=True):
    """Whole periods from `start` (inclusive) to `end` (exclusive), epoch seconds."""

    start: int
    end: int
    period: int

    @property
    def starts(self) -> range:
        """The start of every period in it."""
        return range(self.start, self.end, self.period)

    @property
    def ends_at(self) -> datetime:
        return instant(self.end)

    def moved(self, periods: int) -> Window:
        """The same length, `periods` later (negative: earlier)."""
        return Window(self.start + periods * self.period, self.end + periods * self.period, self.period)


def instant(epoch: float) -> datetime:
    """Epoch seconds as an aware instant, UTC."""
    return datetime.fromtimestamp(epoch, UTC)


def floor(epoch: float, period: int) -> int:
    """The period boundary at or before `epoch`."""
    return int(epoch // period) * period


def settled(now: datetime, seconds: int, settle: int, period: int, asked_until: int | None = None) -> Window:
    """The newest `seconds` of settled periods, at least one; nothing beyond what was asked for."""
    end = floor(now.timestamp() - settle, period)
    if asked_until is not None:
        end = min(end, floor(asked_until, period))
    return Window(end - max(1, seconds // period) * period, end, period)


def usable(points: Mapping[int, float], until: float, since: float = float("-inf")) -> dict[int, float]:
    """The points that mean something, ascending: finite, not negative, beginning in [since, until)."""
    kept = {start: value for start, value in points.items() if since <= start < until and 0 <= value < inf}
    previous = -inf
    for start in kept:
        if start < previous:
            return dict(sorted(kept.items()))
        previous = start
    return kept


Rolled: TypeAlias = tuple[float | None, float]
"""A window's value and weight."""


class Track(msgspec.Struct, frozen=True):
    """One resource's measure period by period: an amount, and the weight that divides it.

    With weights it is a mean or a rate (Σ amounts ÷ Σ weights), without a plain sum.
    """

    amounts: Mapping[int, float]
    """Period start → amount, ascending."""
    weights: Mapping[int, float] | None = None
    factor: float = 1.0
    """100 for percent."""
    known: dict[tuple[int, int], float | None] = msgspec.field(default_factory=dict)
    """Values already worked out, by start and end of their window: several rules ask for the same ones."""
    rolls: dict[tuple[int, int], tuple[list[Rolled], Iterator[Rolled]]] = msgspec.field(default_factory=dict)
    """What was rolled out so far, and the rest of it."""

    def value(self, window: Window) -> float | None:
        """The measure over `window`; None when nothing was there to measure."""
        name = window.start, window.end
        if name not in self.known:
            self.known[name] = self._value(window)
        return self.known[name]

    def _value(self, window: Window) -> float | None:
        present = [start for start in window.starts if start in self.amounts]
        if not present:
            return None
        amount = self.factor * sum(self.amounts[start] for start in present)
        if self.weights is not None:
            weight = self.weight(window)
            if not weight > 0:
                return None
            amount /= weight
        return amount if isfinite(amount) else None

    def rolled(self, window: Window) -> Iterator[Rolled]:
        """(value, weight) of `window`, of the same window one period earlier, and so on back to the first amount.

        Worked out no further than is taken: most runs are short.
        """
        name = window.start, window.end
        if name not in self.rolls:
            self.rolls[name] = [], self._rolled(window)
        known, rest = self.rolls[name]
        for place in count():
            if place == len(known):
                following = next(rest, None)
                if following is None:
                    return
                known.append(following)
            yield known[place]

    def _rolled(self, window: Window) -> Iterator[Rolled]:
        period, width = window.period, len(window.starts)
        steps = max(0, -((min(self.amounts, default=window.end) - window.end) // period))
        starts = range(window.end - (steps + width - 1) * period, window.end, period)
        present = [start in self.amounts for start in starts]
        amounts = [self.amounts.get(start, 0.0) for start in starts]
        weights = [0.0] * len(starts)
        if self.weights is not None:
            known = self.weights
            weights = [known.get(start, 0.0) if here else 0.0 for start, here in zip(starts, present, strict=True)]
        for first in range(steps - 1, -1, -1):
            weight = sum(weights[first : first + width])
            value: float | None = None
            if any(present[first : first + width]) and (self.weights is None or weight > 0):
                amount = self.factor * sum(amounts[first : first + width])
                amount = amount if self.weights is None else amount / weight
                value = amount if isfinite(amount) else None
            yield value, weight

    def amount(self, window: Window) -> float:
        """Σ amounts, missing periods as nothing."""
        return sum(self.amounts.get(start, 0.0) for start in window.starts)

    def weight(self, window: Window) -> float:
        """Σ weights of the periods that have an amount."""
        if self.weights is None:
            return 0.0
        return sum(self.weights.get(start, 0.0) for start in window.starts if start in self.amounts)

    def chart(self) -> tuple[tuple[int, float], ...]:
        """Each period's own value, ascending, gaps left out."""
        factor, weights = self.factor, self.weights
        if weights is None:
            drawn = [(start, factor * amount) for start, amount in self.amounts.items()]
        else:
            drawn = [
                (start, factor * amount / weight)
                for start, amount in self.amounts.items()
                if (weight := weights.get(start, 0.0)) > 0
            ]
        return tuple(drawn) if all(value < inf for _, value in drawn) else tuple(p for p in drawn if isfinite(p[1]))


def covered(points: Mapping[int, float], window: Window) -> tuple[int, int]:
    """Periods of `window` with a point, periods in it."""
    return sum(1 for start in window.starts if start in points), len(window.starts)


def averaged(means: Mapping[int, float], samples: Mapping[int, float]) -> Track:
    """A sample-weighted mean: Σ(mean · samples) ÷ Σ samples. Without any sample counts each period weighs the same."""
    weights = samples or dict.fromkeys(means, 1.0)
    return Track({start: mean * weights[start] for start, mean in means.items() if start in weights}, weights)


def share(events: Mapping[int, float], among: Mapping[int, float]) -> Track:
    """Percent of `among` that are `events`; where only `among` was published there were none (decisions A12)."""
    return Track({start: events.get(start, 0.0) for start in among}, among, factor=100.0)


def filled(points: Mapping[int, float], period: int, until: int) -> dict[int, float]:
    """A counter with the silence between its points as 0: from its first point up to `until`."""
    if not points:
        return {}
    first = min(points)
    complete = dict.fromkeys(range(first, max(until, first), period), 0.0)
    complete.update(points)
    return dict(sorted(complete.items()))
