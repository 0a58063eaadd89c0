"""When a confirmation begins to count: not before a person can have read what it confirms.

A key counts once the dialog has stood whole on the terminal, with every byte of it written, for 700 ms of machine time
(reliability.md 3.2). Whatever breaks that (a resize that cuts the dialog, a terminal that falls behind) starts it anew.
"""

from __future__ import annotations

from collections.abc import Callable

DELAY = 0.7
"""Seconds of machine time."""


class Arming:
    """Counts how long the dialog has really been seen."""

    def __init__(self, monotonic: Callable[[], float], delay: float = DELAY) -> None:
        self._monotonic = monotonic
        self._delay = delay
        self._seen_since: float | None = None

    def look(self, seen: bool) -> None:
        """Say whether the whole dialog is on the terminal now."""
        if not seen:
            self._seen_since = None
        elif self._seen_since is None:
            self._seen_since = self._monotonic()

    @property
    def seen(self) -> bool:
        """Whether the dialog is being seen now."""
        return self._seen_since is not None

    @property
    def armed(self) -> bool:
        """Whether a confirmation counts."""
        return self._seen_since is not None and self._monotonic() - self._seen_since >= self._delay


class Reached:
    """Whether a dialog in its present form has come to the terminal: drawn, written, and nothing dropped since."""

    def __init__(self, written: Callable[[], bool], lagging: Callable[[], bool]) -> None:
        """`written`: whether the terminal has taken everything that was drawn. `lagging`: whether what it shows may be
        old."""
        self._written, self._lagging = written, lagging
        self._drawn = self._there = False

    def anew(self) -> None:
        """It has another form now."""
        self._drawn = self._there = False

    def drawn(self) -> None:
        """It has been drawn; the terminal may not have it yet."""
        self._drawn = True

    @property
    def shaped(self) -> bool:
        """Whether it has been laid out in that form: before, nothing can be said of its size."""
        return self._drawn

    def look(self) -> bool:
        """Whether the terminal has it."""
        self._there = (self._there or (self._drawn and self._written())) and not self._lagging()
        return self._there
