"""Log lines on their way to the screens: in pieces, between which keys are heard.

After a standstill tens of thousands of lines may wait at once; taken in one go they would keep a key waiting. The first
piece goes on at once, each other after what the loop has got to do meanwhile; no line is left out and none overtakes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from services.model.logs import LineBatch

PIECE = 2_000
"""Lines that are handed on in one go: three to five milliseconds of work."""

TURNS = 16
"""Turns of the loop between two pieces. A key takes one from each of the app, the screen and widgets to the next."""


def after_turns(then: Callable[[], object], turns: int = TURNS) -> None:
    """Call `then` when the loop has turned so many times: everything that waits now has been done, and what follows."""
    if turns:
        asyncio.get_running_loop().call_soon(after_turns, then, turns - 1)
    else:
        then()


class Pouring:
    """Hands batches on in pieces. In the screen's loop only."""

    def __init__(self, take: Callable[[LineBatch], None], later: Callable[[Callable[[], None]], object]) -> None:
        """`take` gets each piece; `later` calls something after what already waits to be done, keys among it."""
        self._take, self._later = take, later
        self._pieces: deque[LineBatch] = deque()
        self._under_way = False

    def pour(self, batch: LineBatch) -> None:
        """Hand on `batch` after everything that has been poured before."""
        lines = batch.lines
        self._pieces.append(LineBatch(lines[:PIECE], batch.dropped))
        self._pieces.extend(LineBatch(lines[start : start + PIECE]) for start in range(PIECE, len(lines), PIECE))
        if not self._under_way:
            self._go_on()

    def clear(self) -> None:
        """What has not been handed on belongs to nobody any more."""
        self._pieces.clear()

    def _go_on(self) -> None:
        self._under_way = False
        if self._pieces:
            self._take(self._pieces.popleft())
        if self._pieces:
            self._under_way = True
            self._later(self._go_on)
