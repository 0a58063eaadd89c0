"""Lines that look alike, as a part of a filter; and the kinds there are of a ring's loud lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from services.line_search.shapes import shape
from services.line_search.terms import Spans
from services.model.logs import Level
from widgets.log_ring import LogRing
from widgets.log_wording import summary

AT_ONCE = 300
"""Lines that are looked at between two pauses."""


class Alike(msgspec.Struct, frozen=True):
    """Lines of one shape."""

    shape: str
    excludes: bool = False

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> list[int]:
        wanted = self.shape
        return [index for index in alive if (shape_of(texts[index]) == wanted) != self.excludes]

    def spans(self, text: str) -> Spans:
        return []


class Kind(msgspec.Struct, frozen=True):
    """Lines of one shape: how many, since when, until when, and one of them."""

    shape: str
    group: str
    level: Level
    count: int
    first: int
    """Epoch milliseconds."""
    last: int
    sample: str


def shape_of(text: str) -> str:
    """The shape of what is shown of a line: ids and stamps that every line has are left out before."""
    return shape(summary(text))


def kinds(ring: LogRing, least: Level = Level.ERROR) -> Iterator[tuple[Kind, ...]]:
    """The kinds of a ring's lines of at least that level, most frequent first; told after each few hundred."""
    found: dict[tuple[str, str], Kind] = {}
    for seen, (at, group, level, text) in enumerate(ring.columns(ring.shown(least)), 1):
        key = (shape_of(text), group)
        known = found.get(key)
        found[key] = (
            Kind(*key, level, 1, at, at, text)
            if known is None
            else msgspec.structs.replace(known, count=known.count + 1, last=at)
        )
        if seen % AT_ONCE == 0:
            yield _ordered(found)
    yield _ordered(found)


def _ordered(found: dict[tuple[str, str], Kind]) -> tuple[Kind, ...]:
    return tuple(sorted(found.values(), key=lambda kind: (-kind.count, -kind.last)))
