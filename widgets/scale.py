"""Where the top of a chart is. Nice numbers, and steady: a scale that jumps lies about what changed.

Scales start at zero always: a chart that does not hides how large a change is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from services.model.assessment import Threshold, Unit

_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_FLOORS = {
    Unit.MILLISECONDS: 10.0,
    Unit.PERCENT: 1.0,
    Unit.COUNT: 4.0,
    Unit.PER_MINUTE: 4.0,
    Unit.UNITS_PER_SECOND: 1.0,
}
_HEADROOM = 1.05
_SLACK = 0.9
"""The scale comes down only when one with this much room to spare would still be smaller."""


def nice(number: float) -> float:
    """The smallest round number that is at least `number`: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten."""
    if number <= 0 or not math.isfinite(number):
        return 1.0
    power = 10.0 ** math.floor(math.log10(number))
    for step in _STEPS:
        if step * power >= number * (1 - 1e-9):
            return step * power
    return 10.0 * power


def top(peak: float, unit: Unit, thresholds: Sequence[Threshold] = (), before: float | None = None) -> float:
    """The top of the scale for values up to `peak`.

    A threshold is on the chart as soon as the peak has come half way to it: until then the line would only squeeze
    the curve flat. `before` is the top that was shown last: it grows at once and shrinks with slack.
    """
    wanted = max(peak * _HEADROOM, _FLOORS[unit])
    near = [threshold.value for threshold in thresholds if 0 < threshold.value <= 2 * peak]
    if near:
        wanted = max(wanted, *near)
    chosen = nice(wanted)
    if unit is Unit.PERCENT and peak <= 100:
        chosen = min(chosen, 100.0)
    if before is None or chosen >= before:
        return chosen
    return chosen if nice(peak * _HEADROOM / _SLACK) < before else before
