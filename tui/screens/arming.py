"""When a confirmation begins to count: not before a person can have read what it confirms.

A key counts once the dialog has stood whole on the terminal, with every byte of it written, for 700 ms of machine time
(reliability.md 3.2). What breaks that (a resize that cuts the dialog, a terminal that stops reading) starts it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

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


class Sight(Protocol):
    """What is known of the terminal."""

    @property
    def picture(self) -> int:
        """The number of the first picture that holds all that was drawn by now."""

    def has_picture(self, number: int) -> bool:
        """Whether the terminal has taken that picture whole."""

    @property
    def terminal_frozen(self) -> bool:
        """Whether the terminal takes nothing."""


class Reached:
    """Whether a dialog in its present form has come to the terminal. That the terminal has taken everything else that
    was drawn since is not asked: on a slow line it never has, and nothing could ever be confirmed."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._picture: int | None = None
        """The first picture with the dialog on it; None: it has not been drawn."""

    def anew(self) -> None:
        """It has another form now."""
        self._picture = None

    def drawn(self) -> None:
        """It has been drawn; the terminal may not have it yet."""
        self._picture = self._sight.picture

    @property
    def shaped(self) -> bool:
        """Whether it has been laid out in that form: before, nothing can be said of its size."""
        return self._picture is not None

    def look(self) -> bool:
        """Whether it stands on a terminal that goes on reading."""
        return self._picture is not None and self._sight.has_picture(self._picture) and not self._sight.terminal_frozen
