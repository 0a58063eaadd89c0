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
    holds: Callable[[float, float], bool],
    alone: Callable[[float], bool],
) -> Run | None:
    """The run that ends with `window`; None when the condition does not hold there.

    `holds` is asked of each window's value and weight, `alone` of a single period's value: the first such one in the
    oldest window begins the run.
    """
    newest = track.value(window)
    if newest is None or not holds(newest, track.weight(window)):
        return None
    steps = 0
    for value, weight in track.rolled(window):
        if value is None or not holds(value, weight):
            break
        steps += 1
    first = window.moved(1 - max(1, steps))
    for start in first.starts:
        value = track.value(Window(start, start + first.period, first.period))
        if value is not None and alone(value):
            return Run(start, window.end)
    return Run(first.start, window.end)
