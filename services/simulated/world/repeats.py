"""The far past repeats itself: what is older than four days has the figures of one of three days after it.

Two weeks of points then cost four days of work and of memory. A minute repeats another only when the same would
have come of it: one good version served in both, no cache was being filled, and nothing of the scenario touched
either. Any other minute has figures of its own, as every minute of the last four days has.
"""

from __future__ import annotations

import msgspec

from services.simulated.world import draws
from services.simulated.world.columns import Row
from services.simulated.world.sign_ins import SignIn
from services.simulated.world.traffic import DAY
from services.simulated.world.values import Minute

OWN_DAYS, CYCLE_DAYS = 4, 3
_SETTLED_S = 120.0


def model(started: float, start: int) -> int | None:
    """The minute whose figures the one from `start` may repeat; None for the last four days. Epoch seconds."""
    opened = int(started) // 60 * 60
    first = opened - OWN_DAYS * DAY
    if start >= first:
        return None
    return first + (start - first) % (CYCLE_DAYS * DAY)


def last_model(started: float) -> float:
    """The end of the last minute that any other repeats."""
    return int(started) // 60 * 60 - (OWN_DAYS - CYCLE_DAYS) * DAY


def minute(of: Minute, start: int, version: int) -> Minute:
    """The same figures at another time, when `version` served."""
    versions = dict(zip((version,), of.versions.values(), strict=False))  # empty when nothing ran
    return msgspec.structs.replace(of, start=start, versions=versions)


def rows(of: list[Row], shift: int, version: int) -> list[Row]:
    """The same requests `shift` seconds later (negative: earlier), when `version` served."""
    return [
        msgspec.structs.replace(row, at_ms=row.at_ms + 1000 * shift, version=version if row.version else 0)
        for row in of
    ]


def sign_ins(of: tuple[SignIn, ...], shift: int, *parts: object) -> tuple[SignIn, ...]:
    """The same sign-ins at another time, each with an id of its own, drawn for `parts`."""
    return tuple(
        msgspec.structs.replace(one, at_ms=one.at_ms + 1000 * shift, id=draws.uuid(*parts, "sign-in again", number))
        for number, one in enumerate(of)
    )


def steady(seconds_since_move: float, emptied: float) -> bool:
    """Whether the alias has long been still and the cache is full."""
    return seconds_since_move >= _SETTLED_S and not emptied
