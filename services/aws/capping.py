"""What happens when our own questions would cost more than the cap: they are asked more seldom, all alike. Pure.

Nothing is left out: every series is still asked for, and each question reaches back to where the one before ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

Standing = tuple[float, float]
"""(dollars a question, seconds between two questions) of one feed."""

LEAST_SHARE = 0.1
"""Of the cap, what the watch may spend at least: a dashboard that is looked at does not blind it."""


def per_hour(standing: Iterable[Standing]) -> float:
    """Dollars an hour."""
    return sum(dollars * 3600.0 / every for dollars, every in standing if every > 0)


def stretch(watched: Iterable[Standing], besides: Iterable[Standing], cap: float) -> float:
    """By how much the pauses of what is watched have to grow, 1 or more, so that together with what is asked
    `besides` (a dashboard, at its own pace) the cap is kept."""
    wanted = per_hour(watched)
    left = max(cap - per_hour(besides), LEAST_SHARE * cap)
    return max(1.0, wanted / left)


def stretched(every: float, factor: float) -> float:
    """The pause of one feed: whole minutes, rounded up, once it is stretched; CloudWatch has a point a minute."""
    return every if factor <= 1.0 else math.ceil(every * factor / 60.0 - 1e-9) * 60.0
