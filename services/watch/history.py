"""What is known of metric series so far: asked for once at length, then window by window, the newer word winning.

Late points change periods that were read before (aws.md 2.2), so each window reaches back and overwrites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from services.model.series import Series, Signal


class Window(msgspec.Struct, frozen=True):
    """One call: these signals from `start` to `end`, epoch seconds on period boundaries."""

    signals: tuple[Signal, ...]
    start: int
    end: int


class History:
    """The series of one feed."""

    def __init__(self, backfill_s: int, overlap_s: int) -> None:
        self._backfill = backfill_s
        self._overlap = overlap_s
        self._series: dict[str, Series] = {}

    @property
    def series(self) -> Mapping[str, Series]:
        """Signal id → everything known of it. A fresh table: the caller may keep it."""
        return dict(self._series)

    def windows(self, signals: Sequence[Signal], now: float) -> tuple[Window, ...]:
        """What to ask now: new signals over the whole backfill, known ones over the overlap.

        After a silence longer than the overlap the window reaches back to where it began. The last period is the
        one still filling.
        """
        groups: dict[tuple[int, int], list[Signal]] = {}
        for signal in signals:
            period = signal.period
            end = int(now) // period * period + period
            oldest = end - period - self._backfill // period * period
            known = self._series.get(signal.id)
            overlap = max(self._overlap, 3 * period) // period * period
            start = oldest if known is None else max(oldest, min(end - period, known.asked_until) - overlap)
            groups.setdefault((start, end), []).append(signal)
        return tuple(Window(tuple(group), start, end) for (start, end), group in groups.items())

    def fold(self, fetched: Mapping[str, Series]) -> None:
        """Take in the answer to a window: inside it the new word replaces the old one, absence included."""
        for key, fresh in fetched.items():
            known = self._series.get(key)
            self._series[key] = fresh if known is None else self._joined(known, fresh)

    def forget(self, signals: Sequence[Signal]) -> None:
        """Drop every series that is not among `signals`: its resource is gone."""
        keep = {signal.id for signal in signals}
        self._series = {key: series for key, series in self._series.items() if key in keep}

    def _joined(self, known: Series, fresh: Series) -> Series:
        oldest = max(known.asked_from, fresh.asked_until - self._backfill - fresh.signal.period)
        points: dict[str, dict[int, float]] = {}
        for name, values in fresh.points.items():
            before = known.statistic(name)
            points[name] = {at: value for at, value in before.items() if oldest <= at < fresh.asked_from}
            points[name].update(values)
        return Series(
            signal=fresh.signal,
            points=points,
            asked_from=min(oldest, fresh.asked_from),
            asked_until=max(known.asked_until, fresh.asked_until),
        )
