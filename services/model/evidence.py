"""What else tells whether a rollback helped, beside the error rate and the latency of the fresh window (aws.md 5.7)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from services.safe_text import SafeText, safe


class Bearing(StrEnum):
    """What a piece does to the verdict."""

    GOOD = "good"
    SAID = "said"
    """Said and not counted: there is nothing to compare with, nothing to ask, or it only warns."""
    DENIED = "denied"
    """It may not be read, so that waiting would not help: said at once, and judged on what can be read."""
    WAITS = "waits"
    """Not good yet: waited for until patience is over, then no verdict is possible."""
    UNREAD = "unread"
    """It could not be read. Never counts as good: waited for likewise."""
    BAD = "bad"
    """Not recovered."""


class Piece(msgspec.Struct, frozen=True):
    """One piece of evidence."""

    about: str
    """`latency`, `alarms`, `health`, `log`."""
    bearing: Bearing
    text: SafeText
    """`latency 118 ms, yesterday 121 ms`, `alarms OK`, `/health 200 JSON`, `no new error shape`."""


def as_data(pieces: tuple[Piece, ...]) -> list[dict[str, str]]:
    """For a record of the journal."""
    return [{"about": one.about, "bearing": one.bearing.value, "text": one.text} for one in pieces]


def pieces_in(data: Mapping[str, object]) -> tuple[Piece, ...]:
    """The evidence of a record; none in those that tell of none, or of what this program does not know."""
    told = data.get("evidence")
    found = [_piece(row) for row in told if isinstance(row, Mapping)] if isinstance(told, list) else []
    return tuple(one for one in found if one is not None)


def _piece(row: Mapping[str, object]) -> Piece | None:
    bearing = next((one for one in Bearing if one.value == row.get("bearing")), None)
    return Piece(str(row.get("about", "")), bearing, safe(row.get("text", ""), 400)) if bearing is not None else None
