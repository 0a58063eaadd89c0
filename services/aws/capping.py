"""What happens when our own questions would cost more than the cap: some are asked more seldom. Pure.

What explains gives way before what is judged, class by class (`Need`). Nothing is left out: every series is still asked
for, and each question reaches back to where the one before ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from services.model.spending import Need

MINUTE = 60.0
"""CloudWatch has a point a minute: pauses are stretched to whole ones."""

GIVES_WAY: tuple[tuple[Need, float], ...] = (
    (Need.DIAGNOSIS, 1800.0),
    (Need.QUIET, 1800.0),
    (Need.SCREEN, 600.0),
    (Need.JUDGED, 600.0),
)
"""Who gives way first, and to which pause before the next one has to; after the last all of them do, together."""

LEAST_SHARE = 0.1
"""Of the cap, what the watch may spend at least: a dashboard that is looked at does not blind it."""

_LONGEST_MIN = 10_000_000
"""The longest pause that is thought of: two decades, which every cap that can be set affords."""


class Standing(msgspec.Struct, frozen=True):
    """One question that is asked for ever."""

    dollars: float
    every: float
    """Seconds between two of it when nothing is capped."""
    need: Need | None = Need.JUDGED
    """None: it keeps its own pace whatever the cap (a dashboard that is looked at)."""


def per_hour(standing: Iterable[Standing]) -> float:
    """Dollars an hour; the same in whatever order they are told."""
    return math.fsum(one.dollars * 3600.0 / one.every for one in standing if one.every > 0)


def floors(standing: Sequence[Standing], cap: float) -> dict[Need, float]:
    """Need → the shortest pause that its questions may have, 0 for any, so that together the cap is kept.

    Never is a need's floor above that of one that gives way before it.
    """
    watched = [one for one in standing if one.need is not None]
    left = max(cap - per_hour(one for one in standing if one.need is None), LEAST_SHARE * cap)
    found = dict.fromkeys(Need, 0.0)
    for need, ceiling in GIVES_WAY:
        if _costs(watched, found) <= left:
            return found
        found[need] = _least(found, (need,), watched, left, ceiling)
    if _costs(watched, found) <= left:
        return found
    common = _least(found, tuple(Need), watched, left, MINUTE * _LONGEST_MIN)
    return _raised(found, tuple(Need), common)


def _least(
    floors: Mapping[Need, float], needs: Sequence[Need], watched: Sequence[Standing], left: float, ceiling: float
) -> float:
    """The shortest pause in whole minutes to which the floors of `needs` must be raised; the ceiling at most."""
    low, high = 1, int(ceiling // MINUTE)
    while low < high:
        middle = (low + high) // 2
        if _costs(watched, _raised(floors, needs, MINUTE * middle)) <= left:
            high = middle
        else:
            low = middle + 1
    return MINUTE * low


def _raised(floors: Mapping[Need, float], needs: Sequence[Need], pause: float) -> dict[Need, float]:
    return {need: max(pause, floor) if need in needs else floor for need, floor in floors.items()}


def paced(every: float, floor: float) -> float:
    """The pause of a question whose usual one is `every`."""
    return max(every, floor)


def stretched(standing: Iterable[Standing], floors: Mapping[Need, float]) -> list[Standing]:
    """The questions as they are asked with these floors."""
    return [
        one if one.need is None else msgspec.structs.replace(one, every=paced(one.every, floors[one.need]))
        for one in standing
    ]


def _costs(watched: Iterable[Standing], floors: Mapping[Need, float]) -> float:
    return per_hour(stretched(watched, floors))
