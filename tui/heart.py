"""What makes the screen go on: a beat of its loop, and one showing for all that arrives together.

Plain timers of the event loop, not of Textual: a beat costs a thirtieth of a millisecond. What fails in one ends where
every failure of the app ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context

BEAT = 0.5
"""Seconds between two signs of life; the stall guard takes twice as much for a freeze."""

LIVELY_BEATS, CALM_BEATS = 2, 4
"""Beats after which is shown what came though nothing asked for it: while somebody is at it or something is going on,
and while the screen hangs on a wall. Ages and the clock go on with it."""

GATHER = 0.2
"""Seconds between two showings that were asked for: what arrives meanwhile is shown together."""


class Heart:
    """Calls `beat` twice a second, and `show` every `pace` beats and soon after it was asked for."""

    def __init__(self, beat: Callable[[], None], show: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """`failed` is told what `beat` or `show` raised; the heart stands still then."""
        self._beat, self._show, self._failed = beat, show, failed
        self.pace = LIVELY_BEATS
        self._count = 0
        self._next: asyncio.TimerHandle | None = None
        self._gathering: asyncio.TimerHandle | None = None
        self._asked = False
        self._context: Context | None = None
        """Of whoever started it, so of the app: what a thread asks for is shown in it too, where widgets that do not
        stand yet still find their app."""

    def start(self) -> None:
        """Begin. In the loop, and the context, that it is to beat in."""
        self._context = copy_context()
        self._schedule()

    def stop(self) -> None:
        """Nothing is called any more."""
        for handle in (self._next, self._gathering):
            if handle is not None:
                handle.cancel()

    def soon(self) -> None:
        """Show now, unless that was asked for a moment ago: then when the moment is over."""
        self._asked = True
        if self._gathering is None:
            self._gathered()

    def _gathered(self) -> None:
        self._gathering = None
        if self._asked:
            self._asked = False
            self._gathering = asyncio.get_running_loop().call_later(GATHER, self._gathered, context=self._context)
            self._do(self._show)

    def _schedule(self) -> None:
        self._next = asyncio.get_running_loop().call_later(BEAT, self._beaten)

    def _beaten(self) -> None:
        self._schedule()
        self._count += 1
        self._do(self._beat)
        if self._count >= self.pace:
            self._count = 0
            self._do(self._show)

    def _do(self, what: Callable[[], None]) -> None:
        try:
            # A copy, because one context cannot be entered twice, and what is shown may ask for more.
            what() if self._context is None else self._context.copy().run(what)
        except Exception as error:
            # An edge: the event loop would print it over the screen and go on as if nothing had happened.
            self.stop()
            self._failed(error)
