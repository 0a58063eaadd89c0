"""The series of one value of metrics, found by what they measure; and what was found of them, while nothing changes.

Thousands of series come anew every minute, and the situation is judged again whenever any feed says something. Which
series there are is the same from poll to poll; what was made of unchanged ones is not worked out again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from itertools import islice, takewhile
from typing import Any

import msgspec

from services.model.series import Metrics, Series


class Layout(msgspec.Struct, frozen=True):
    """Which series there are."""

    ids: tuple[str, ...]
    by_key: dict[str, tuple[str, ...]]
    """What they measure → their ids."""
    by_resource: dict[tuple[str, str], str]
    """(what it measures, resource) → id."""

    @classmethod
    def of(cls, series: Mapping[str, Series]) -> Layout:
        by_key: dict[str, list[str]] = {}
        by_resource: dict[tuple[str, str], str] = {}
        for id, one in series.items():
            by_key.setdefault(one.signal.key, []).append(id)
            by_resource.setdefault((one.signal.key, one.signal.resource), id)
        return cls(tuple(series), {key: tuple(found) for key, found in by_key.items()}, by_resource)


class Memo(msgspec.Struct, frozen=True):
    """What was found of these metrics while all else that matters was the same."""

    of: tuple[object, ...]
    """All else: compared by identity, and kept, so that no other value ever gets their identity."""
    subjects: dict[str, Any]
    """Key of a question → its Subject, the newest instants not yet held against a clock."""


_MEMOS = 4
_WITNESSES = 60


class Index(msgspec.Struct, frozen=True):
    """The series of one value of metrics."""

    series: Mapping[str, Series]
    layout: Layout
    by_resource: dict[tuple[str, str], Series]
    by_key: dict[str, tuple[Series, ...]]
    """Those that were looked for."""
    newest: dict[int, int | None]
    """By instant: the newest period before it that anything was published of."""
    latest: list[list[tuple[int, str]]]
    """(start of its newest period, resource): of a few series, then of all that have a point, the newest first; once
    they were looked for."""
    memos: list[Memo]
    """The newest last."""

    @classmethod
    def of(cls, metrics: Metrics | None, layout: Layout | None = None) -> Index:
        """`layout`: of these very series, if it is known."""
        series = metrics.series if metrics is not None else {}
        layout = layout or Layout.of(series)
        named = {name: series[id] for name, id in layout.by_resource.items()}
        return cls(series, layout, named, {}, {}, [], [])

    def find(self, key: str) -> tuple[Series, ...]:
        """Every series that measures this, one per resource."""
        if key not in self.by_key:
            self.by_key[key] = tuple([self.series[id] for id in self.layout.by_key.get(key, ())])
        return self.by_key[key]

    def memo(self, *of: object) -> Memo:
        """What was found while `of` were these very values."""
        for known in self.memos:
            if len(known.of) == len(of) and all(one is other for one, other in zip(known.of, of, strict=True)):
                return known
        made = Memo(of, {})
        self.memos.append(made)
        del self.memos[:-_MEMOS]
        return made

    def newer(self, than: int, until: float, besides: str) -> bool:
        """Whether any resource but `besides` has published a period from `than` on, before `until`."""

        def one_of(known: Iterable[tuple[int, str]]) -> bool:
            return any(than <= start < until and not resource.startswith(besides) for start, resource in known)

        if not self.latest:
            self.latest.append(_latest(islice(self.series.values(), _WITNESSES)))
        if one_of(self.latest[0]):
            return True  # where something goes on, a few of thousands tell
        if len(self.latest) == 1:
            self.latest.append(sorted(_latest(self.series.values()), reverse=True))
        return one_of(takewhile(lambda known: known[0] >= than, self.latest[1]))

    def heard(self, until: int) -> int | None:
        """Start of the newest period before `until` that any resource published."""
        if until not in self.newest:
            self.newest[until] = self._heard(until)
        return self.newest[until]

    def _heard(self, until: int) -> int | None:
        found: int | None = None
        for series in self.series.values():
            newest = _newest(series, until)
            if newest is not None and (found is None or newest > found):
                found = newest
                if found >= until - series.signal.period:
                    break  # the last period there can be: nothing is newer
        return found


def _latest(several: Iterable[Series]) -> list[tuple[int, str]]:
    return [(newest, one.signal.resource) for one in several if (newest := one.newest) is not None]


def _newest(series: Series, until: int) -> int | None:
    newest = series.newest
    if newest is None or newest < until:
        return newest
    return max((start for points in series.points.values() for start in points if start < until), default=None)


_KEPT = 8
"""Indexes kept between judgements: those of three feeds of an environment, and of the one before."""

_INDEXES: OrderedDict[int, tuple[Metrics, Index]] = OrderedDict()
"""By identity of the metrics, which are kept with them, so that no other value ever gets their identity."""


def index_of(metrics: Metrics | None) -> Index:
    """The index of these metrics, made once however often they are judged."""
    if metrics is None:
        return Index.of(None)
    known = _INDEXES.get(id(metrics))
    if known is None or known[0] is not metrics:
        known = metrics, Index.of(metrics, _layout(metrics))
    _INDEXES[id(metrics)] = known
    _INDEXES.move_to_end(id(metrics))
    while len(_INDEXES) > _KEPT:
        _INDEXES.popitem(last=False)
    return known[1]


def _layout(metrics: Metrics) -> Layout | None:
    """That of the poll before, if the series are the same."""
    ids = tuple(metrics.series)
    return next((index.layout for _, index in reversed(_INDEXES.values()) if index.layout.ids == ids), None)
