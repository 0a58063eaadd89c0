"""Many lines at once go on in pieces: a key between two of them is heard before the rest, and no line is lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from services.model.logs import Level, LineBatch, LogLine
from services.safe_text import SafeText
from tui.pouring import PIECE, Pouring


def batch(start: int, count: int, dropped: int = 0) -> LineBatch:
    numbers = range(start, start + count)
    return LineBatch(tuple(LogLine(one, "app", Level.INFO, SafeText(""), "") for one in numbers), dropped)


class Loop:
    """What waits to be done, in its order, and what was done."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()
        self.taken: list[int] = []
        self.pieces: list[LineBatch] = []

    def take(self, piece: LineBatch) -> None:
        self.pieces.append(piece)
        self.taken += [line.at for line in piece.lines]

    def run(self) -> None:
        while self.waiting:
            self.waiting.popleft()()


def test_a_key_that_waits_is_heard_before_the_second_piece() -> None:
    loop, heard = Loop(), []
    pouring = Pouring(loop.take, loop.waiting.append)
    loop.waiting.append(lambda: heard.append(len(loop.taken)))
    pouring.pour(batch(0, 5 * PIECE))
    loop.run()
    assert heard == [PIECE]
    assert loop.taken == list(range(5 * PIECE))


def test_few_lines_go_on_at_once() -> None:
    loop = Loop()
    Pouring(loop.take, loop.waiting.append).pour(batch(0, PIECE))
    assert (loop.taken, len(loop.waiting)) == (list(range(PIECE)), 0)


@given(st.lists(st.tuples(st.integers(0, 2 * PIECE + 1), st.integers(0, 3), st.booleans()), max_size=6))
def test_every_line_once_and_in_order_and_what_was_dropped_is_told(batches: list[tuple[int, int, bool]]) -> None:
    loop, start = Loop(), 0
    pouring = Pouring(loop.take, loop.waiting.append)
    for count, dropped, turn in batches:
        pouring.pour(batch(start, count, dropped))
        start += count
        if turn and loop.waiting:
            loop.waiting.popleft()()
    loop.run()
    assert loop.taken == list(range(start))
    assert sum(piece.dropped for piece in loop.pieces) == sum(dropped for _, dropped, _ in batches)
    assert all(len(piece.lines) <= PIECE for piece in loop.pieces)


def test_what_was_left_when_the_environment_was_left_goes_nowhere_and_what_comes_after_goes_on() -> None:
    loop = Loop()
    pouring = Pouring(loop.take, loop.waiting.append)
    pouring.pour(batch(0, 3 * PIECE))
    pouring.clear()
    pouring.pour(batch(9 * PIECE, PIECE + 1))
    loop.run()
    assert loop.taken == [*range(PIECE), *range(9 * PIECE, 10 * PIECE + 1)]
