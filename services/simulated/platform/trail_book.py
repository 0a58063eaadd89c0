"""Every change that the account knows of, whoever tells of it: CloudTrail's API and its log group read one book."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterable
from datetime import datetime

from services.simulated.platform.trail_events import TrailEvent, is_management_write, of_call
from services.simulated.recording import RecordedCall
from services.simulated.state import SimulatedState


class TrailBook:
    """Management events, ascending: those of the scenario, known beforehand, and those of callers. Thread-safe."""

    def __init__(self, state: SimulatedState, history: Iterable[TrailEvent]) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._events = sorted(history, key=_moment)

    def observe(self, call: RecordedCall) -> None:
        """Keep a call that changed something, or tried to."""
        if is_management_write(call):
            with self._lock:
                bisect.insort(self._events, of_call(call, self._state), key=_moment)

    def forget(self, ids: Iterable[str], after: datetime) -> None:
        """What was planned for later than `after` did not come about."""
        gone = set(ids)
        with self._lock:
            self._events = [one for one in self._events if one.at <= after or one.id not in gone]

    def between(self, first: datetime, last: datetime) -> list[TrailEvent]:
        """The events of [first, last], ascending. Of what is to come only what the scenario has planned is known."""
        with self._lock:
            low = bisect.bisect_left(self._events, first, key=_moment)
            return self._events[low : bisect.bisect_right(self._events, last, key=_moment)]


def _moment(event: TrailEvent) -> datetime:
    return event.at
