"""The garbage collector beside the screen: seldom at first, in small pieces and past what stands later."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tui import collecting


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    gc.collect()
    yield
    gc.set_threshold(*threshold)  # what was frozen stays so: it is little, and most of it was before


def test_what_stands_when_the_start_is_over_is_looked_at_no_more() -> None:
    collecting.begin()
    assert gc.get_threshold() == collecting.STARTING
    standing = [[] for _ in range(1_000)]  # type: list[list[int]]
    collecting.settle()
    assert gc.get_freeze_count() >= len(standing)
    assert not any(one is standing for one in gc.get_objects())
    assert gc.get_threshold() == collecting.STANDING
    assert collecting.STANDING[0] < collecting.STARTING[0]
