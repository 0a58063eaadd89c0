"""Runs: for how long a condition has held without a break, up to the newest settled window.

Windows, not single periods, make a run, so that one lucky minute in a noisy breach does not restart it. They move by
one period: nothing hides between two windows of a fixed grid. A window without data breaks the run.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from services.rules.windows import Track, Window


class Run(msgspec.Struct, frozen=True):
    """An unbroken run of windows in which a condition held."""

    since: int
    """Start of the first period in it for which the condition held by itself, epoch seconds."""
    until: int
    """End of the newest window, epoch seconds."""

    @property
    def seconds(self) -> int:
        return self.until - self.since


def run(
    track: Track,
    window: Window,
    holds: Callable[[float, Window], bool],
    alone: Callable[[float], bool] | None = None,
) -> Run | None:
    """The run that ends with `window`; None when the condition does not hold there.

    `holds` is asked of each window's value, `alone` of a single period's (the first of the run begins it); without
    `alone` both are the same question.
    """
    first = None
    earliest = min(track.amounts, default=window.start)
    current = window
    while current.end > earliest:
        value = track.value(current)
        if value is None or not holds(value, current):
            break
        first, current = current, current.moved(-1)
    if first is None:
        return None
    for start in first.starts:
        value = track.value(Window(start, start + first.period, first.period))
        if value is not None and (alone(value) if alone is not None else holds(value, first)):
            return Run(start, window.end)
    return Run(first.start, window.end)
