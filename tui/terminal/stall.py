"""Is the person looking at what is true now? A terminal that stops reading shows the past; so does a frozen loop.

Keys that are typed meanwhile are answers to a picture that no longer holds: they are dropped where they are read, and
counted (reliability.md 0.2, rows 60 and 61). Three threads tell this guard what they see: the writer when a write
begins, moves and ends, the screen's loop that it is alive and what it draws, the reader when a key has come. Time is
machine time.

A freeze is over when the terminal has taken a whole picture that was drawn after it. That the terminal has taken
everything is not asked: on a slow line it never has, and no key would count any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from tui.terminal.pictures import Pictures

WRITE_LIMIT = 1.0
"""Seconds without a byte taken after which the terminal counts as not reading. A slow link takes them slowly, but goes
on."""

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
        self._taken_at = 0.0
        """When the terminal last took a byte of this write; its beginning before the first."""
        self._pictures = Pictures()
        self._fresh = 0
        """The number of the first picture that is drawn after the freeze."""
        self._beat: float | None = None
        self._frozen_since: float | None = None
        self._frozen_until = 0.0
        self._grace_until = 0.0
        self._keys = 0

    def writer_begins(self) -> None:
        """What was queued before has been written, or never will be."""
        with self._lock:
            self._writing_since = None
            self._pictures.forget()

    def write_queued(self) -> None:
        """Something is to be written, in its turn."""
        with self._lock:
            self._pictures.write_queued()

    def picture_drawn(self) -> None:
        """A picture that leaves nothing out has been queued to its end."""
        with self._lock:
            before = self._pictures.taken
            self._pictures.picture_drawn()
            self._look_at_fresh(before)

    @property
    def pictures_drawn(self) -> int:
        """How many there are; the number of the newest."""
        with self._lock:
            return self._pictures.drawn

    def has_picture(self, number: int) -> bool:
        """Whether the terminal has taken that picture whole."""
        with self._lock:
            return self._pictures.taken >= number

    def write_began(self) -> None:
        """The writer hands bytes to the terminal."""
        with self._lock:
            self._writing_since = self._taken_at = self._monotonic()

    def write_moved(self) -> None:
        """The terminal has taken some of them."""
        with self._lock:
            self._moved()

    def write_ended(self) -> None:
        """The terminal has taken them all."""
        with self._lock:
            self._moved()
            self._writing_since = None
            before = self._pictures.taken
            self._pictures.write_ended()
            self._look_at_fresh(before)

    @property
    def writing(self) -> bool:
        """Whether bytes are on their way at this moment."""
        with self._lock:
            return self._writing_since is not None

    @property
    def frozen(self) -> bool:
        """Whether the terminal has not taken a byte for longer than it should."""
        with self._lock:
            return self._blocked(self._monotonic())

    def beat(self, behind: bool) -> StallReport | None:
        """The loop is alive. `behind`: frames wait to be written. Returns the freeze that has just ended, if any."""
        with self._lock:
            now = self._monotonic()
            if self._beat is not None and now - self._beat > BEAT_LIMIT:
                self._froze(self._beat, now)
            self._beat = now
            if self._frozen_since is None or self._blocked(now):
                return None
            fresh = self._pictures.taken >= self._fresh
            if not fresh and (behind or self._writing_since is not None):
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
            elif self._blocked(now):
                self._froze(self._taken_at, now)
            if self._frozen_since is None:
                return True
            self._keys += 1
            return False

    def _moved(self) -> None:
        now = self._monotonic()
        if self._blocked(now):
            self._froze(self._taken_at, now)
        self._taken_at = now

    def _blocked(self, now: float) -> bool:
        return self._writing_since is not None and now - self._taken_at > WRITE_LIMIT

    def _froze(self, began: float, until: float) -> None:
        if self._frozen_since is None:
            self._frozen_since = began
        self._frozen_until = until
        self._grace_until = until + GRACE
        self._fresh = self._pictures.drawn + 1  # what was drawn before this is no longer fresh

    def _look_at_fresh(self, before: int) -> None:
        """A person has a moment to see the first fresh picture before keys count again."""
        if self._frozen_since is not None and before < self._fresh <= self._pictures.taken:
            self._grace_until = self._monotonic() + GRACE
