"""Asking for log lines that are not on the screen: older ones, those around an instant, those with a pattern."""

from __future__ import annotations

import msgspec

from services.model.logs import Gap, LogLine
from services.problems import Problem
from services.safe_text import SafeText


class LogAsk(msgspec.Struct, frozen=True):
    """What is wanted of some groups. Times are epoch milliseconds, both included."""

    groups: tuple[tuple[str, str], ...]
    """(name, short name in the lines that come back)."""
    start: int
    end: int
    pattern: str = ""
    """A filter pattern of CloudWatch Logs; empty: every line."""
    patterns: tuple[tuple[str, str], ...] = ()
    """(name, pattern) of groups that have one of their own, instead of `pattern`."""
    most: int = 10_000
    """Lines after which the answer ends, whole in itself: ask again from `LogAnswer.reached` on."""
    newest_first: bool = True
    retention: tuple[tuple[str, int], ...] = ()
    """(name, days) of groups that do not keep their lines for ever."""


class LogProgress(msgspec.Struct, frozen=True):
    """How far the asking has come."""

    covered_ms: int
    asked_ms: int
    """Time that has been read of the time that was asked for, all groups together."""
    lines: int
    calls: int
    reached: int
    """Everything between here and the end at which the asking began has been read, in every group."""
    waiting: str = ""
    """Why it does not go on at the moment; empty: it does."""

    @property
    def share(self) -> float:
        """0..1."""
        return min(1.0, self.covered_ms / self.asked_ms) if self.asked_ms > 0 else 1.0


class LogAnswer(msgspec.Struct, frozen=True):
    """What was found."""

    lines: tuple[LogLine, ...]
    """Ascending by time."""
    reached: int
    """Every line from here to the end of the window (oldest first: from its start to here) is in `lines`."""
    whole: bool
    """Whether that is all that was asked for."""
    gaps: tuple[Gap, ...] = ()
    """What could not be read, and why."""
    problems: tuple[tuple[str, Problem], ...] = ()
    """(name, why) of the groups that the gaps are of."""
    notes: tuple[SafeText, ...] = ()
    """What limits the answer without being a fault: retention."""
    calls: int = 0
