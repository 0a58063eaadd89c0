"""The ring: order of time, capacity, the anchor, the level filter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.line_search.query import parse
from services.model.logs import Level, LogLine
from services.safe_text import safe
from widgets.log_ring import LogRing


def line(at: int, level: Level = Level.INFO, text: str = "", late: bool = False) -> LogLine:
    return LogLine(at, "app", level, safe(text or f"line {at}"), f"id {at}", f"request {at}", late)


def times(ring: LogRing) -> list[int]:
    return [ring[index].at for index in range(len(ring))]


def test_a_row_is_what_was_put_in() -> None:
    ring = LogRing()
    ring.extend([line(5, Level.ERROR, "broken", late=True)])
    row = ring[0]
    assert (row.at, row.group, row.level, row.text, row.request, row.late) == (
        5, "app", Level.ERROR, "broken", "request 5", True,
    )  # fmt: skip


@given(st.lists(st.lists(st.integers(0, 50), max_size=90), max_size=12))
def test_lines_are_in_order_of_time_whatever_the_batches(batches: list[list[int]]) -> None:
    ring = LogRing()
    for batch in batches:
        ring.extend([line(at) for at in sorted(batch)])
    assert times(ring) == sorted(at for batch in batches for at in batch)
    assert all(ring[index].text == f"line {ring[index].at}" for index in range(len(ring)))


@given(st.lists(st.lists(st.integers(0, 1000), max_size=150), min_size=1, max_size=8), st.data())
def test_the_anchor_keeps_naming_its_line(batches: list[list[int]], data: st.DataObject) -> None:
    ring = LogRing()
    ring.extend([line(at, text=f"first {at}") for at in range(0, 1000, 10)])
    ring.anchor = data.draw(st.integers(0, 99))
    text = ring[ring.anchor].text
    for batch in batches:
        ring.extend([line(at) for at in sorted(batch)])
        assert ring.anchor is not None
        assert ring[ring.anchor].text == text


def test_the_oldest_fall_out_and_are_counted() -> None:
    ring = LogRing(capacity=1_000)
    for start in range(0, 10_000, 100):
        ring.extend([line(at) for at in range(start, start + 100)])
    assert 1_000 <= len(ring) <= 3_000
    assert len(ring) + ring.dropped == 10_000
    assert times(ring)[-1] == 9_999


def test_the_anchor_stays_in_the_ring_when_its_line_falls_out() -> None:
    ring = LogRing(capacity=100)
    ring.extend([line(at) for at in range(100)])
    ring.anchor = 3
    ring.extend([line(at) for at in range(100, 5_000)])
    assert ring.anchor == 0


LEVELS = (Level.INFO, Level.ERROR, Level.NONE, Level.WARN, Level.DEBUG, Level.ERROR)


@pytest.mark.parametrize(
    ("least", "expected"),
    [(Level.DEBUG, [0, 1, 2, 3, 4, 5]), (Level.NONE, [0, 1, 2, 3, 5]), (Level.WARN, [1, 3, 5]), (Level.ERROR, [1, 5])],
)
def test_the_filter_shows_that_level_and_louder(least: Level, expected: list[int]) -> None:
    ring = LogRing()
    ring.extend([line(at, level) for at, level in enumerate(LEVELS)])
    assert list(ring.forward(0, least)) == expected
    assert list(ring.back(len(ring), least)) == expected[::-1]
    assert list(ring.back(5, least)) == [index for index in expected[::-1] if index < 5]
    assert ring.count([line(0, level) for level in LEVELS], least) == len(expected)


def test_the_last_piece_that_is_looked_at_shows_at_once() -> None:
    ring = LogRing()
    ring.extend([line(at) for at in range(40)])
    ring.filter_by(parse("2"))
    ring.look(1)
    assert ring.looking
    assert sum(ring.shown(Level.NONE)) < 13
    assert not ring.look()
    assert sum(ring.shown(Level.NONE)) == sum("2" in ring.text(index) for index in range(40))
