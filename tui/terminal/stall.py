"""Is the person looking at what is true now? A terminal that stops reading shows the past; so does a frozen loop.

Keys that are typed meanwhile are answers to a picture that no longer holds: they are dropped where they are read, and
counted (reliability.md 0.2, rows 60 and 61). Three threads tell this guard what they see: the writer when a write
begins and ends, the screen's loop that it is alive, the reader when a key has come. Time is machine time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

WRITE_LIMIT = 1.0
"""Seconds one write may take before the terminal counts as not reading. A slow link writes slowly but goes on."""

LAG_LIMIT = 0.25
"""Seconds one write may take before what the terminal shows counts as possibly old."""

BEAT_LIMIT = 1.0
"""Seconds without a beat of the loop after which it counts as frozen."""

GRACE = 0.3
"""Seconds after the first fresh frame during which keys still belong to the old picture."""


class StallReport(msgspec.Struct, frozen=True):
    """One freeze that is over."""

    seconds: float
    keys: int
    """Keys that were dropped."""


class StallGuard:
    """Decides which keys count. Safe to use from several threads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._writing_since: float | None = None
        self._beat: float | None = None
        self._frozen_since: float | None = None
        self._frozen_until = 0.0
        self._grace_until = 0.0
        self._keys = 0

    def write_began(self) -> None:
        """The writer hands bytes to the terminal."""
        with self._lock:
            self._writing_since = self._monotonic()

    def write_ended(self) -> None:
        """The terminal has taken them."""
        with self._lock:
            began, self._writing_since = self._writing_since, None
            now = self._monotonic()
            if began is not None and now - began > WRITE_LIMIT:
                self._froze(began, now)

    @property
    def writing(self) -> bool:
        """Whether bytes are on their way at this moment."""
        with self._lock:
            return self._writing_since is not None

    @property
    def lagging(self) -> bool:
        """Whether the terminal takes its time over a write: what it shows may be old."""
        with self._lock:
            return self._writing_since is not None and self._monotonic() - self._writing_since > LAG_LIMIT

    @property
    def frozen(self) -> bool:
        """Whether the terminal has not taken a write for longer than it should."""
        with self._lock:
            return self._blocked(self._monotonic())

    def beat(self, behind: bool) -> StallReport | None:
        """The loop is alive. `behind`: frames wait to be written. Returns the freeze that has just ended, if any."""
        with self._lock:
            now = self._monotonic()
            if self._beat is not None and now - self._beat > BEAT_LIMIT:
                self._froze(self._beat, now)
            self._beat = now
            if self._frozen_since is None:
                return None
            if behind or self._writing_since is not None:
                self._grace_until = now + GRACE
                return None
            if now < self._grace_until:
                return None
            report = StallReport(self._frozen_until - self._frozen_since, self._keys)
            self._frozen_since, self._keys = None, 0
            return report

    def accepts_key(self) -> bool:
        """Whether a key that was read just now counts. A key that does not is counted as dropped."""
        with self._lock:
            now = self._monotonic()
            late = self._beat is not None and now - self._beat > BEAT_LIMIT
            if late and self._beat is not None:
                self._froze(self._beat, now)
            elif self._blocked(now) and self._writing_since is not None:
                self._froze(self._writing_since, now)
            if self._frozen_since is None:
                return True
            self._keys += 1
            return False

    def _blocked(self, now: float) -> bool:
        return self._writing_since is not None and now - self._writing_since > WRITE_LIMIT

    def _froze(self, began: float, until: float) -> None:
        if self._frozen_since is None:
            self._frozen_since = began
        self._frozen_until = until
        self._grace_until = until + GRACE
