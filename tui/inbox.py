"""Between the watch's thread and the screen's loop: readings replace each other, log lines never do.

The watch puts, the app takes. However much arrives between two takes, the app is woken once and finds of each feed
only the newest reading, but every batch of lines. A loop that does not take for long (a stopped process) finds at
most `LINE_LIMIT` lines; what was left out is counted in `LineBatch.dropped`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from services.model.logs import LineBatch, LogLine
from services.model.reading import Reading
from services.model.spending import Spending
from services.watch.updates import FeedUpdate, LinesArrived, SpendingUpdate, Update

_at = attrgetter("at")

LINE_LIMIT = 100_000
"""Lines that wait at most; the log pane keeps no more either."""


class Arrivals(msgspec.Struct, frozen=True):
    """Everything that arrived since the last take."""

    readings: Mapping[str, Reading[Any]] = {}
    """Feed → its newest reading."""
    batch: LineBatch | None = None
    """All lines, ascending by time."""
    spending: Spending | None = None

    @property
    def empty(self) -> bool:
        return not self.readings and self.batch is None and self.spending is None


class Inbox:
    """One environment's updates on their way to the app."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._readings: dict[str, Reading[Any]] = {}
        self._lines: list[LogLine] = []
        self._batches = 0
        self._dropped = 0
        self._spending: Spending | None = None
        self._woken = False
        self._closed = False

    def put(self, update: Update) -> None:
        """Take an update in. Any thread; after `close` updates are ignored."""
        with self._lock:
            if self._closed:
                return
            match update:
                case FeedUpdate():
                    self._readings[update.feed] = update.reading
                case LinesArrived():
                    self._lines.extend(update.batch.lines)
                    self._batches += 1
                    self._dropped += update.batch.dropped
                    self._cap()
                case SpendingUpdate():
                    self._spending = update.spending
            wake, self._woken = not self._woken, True
        if wake:
            self._wake()

    def take(self) -> Arrivals:
        """Everything since the last take; the app's loop only."""
        with self._lock:
            if self._batches > 1:
                # A later batch may begin before an earlier one ends: late lines, Live Tail beside the tail.
                self._lines.sort(key=_at)
            batch = LineBatch(tuple(self._lines), self._dropped) if self._lines or self._dropped else None
            arrivals = Arrivals(self._readings, batch, self._spending)
            self._readings, self._lines, self._dropped, self._spending = {}, [], 0, None
            self._batches, self._woken = 0, False
        return arrivals

    def close(self) -> None:
        """Ignore everything from now on: the environment has been left."""
        with self._lock:
            self._closed = True

    def _cap(self) -> None:
        over = len(self._lines) - LINE_LIMIT
        if over > 0:
            del self._lines[:over]
            self._dropped += over
