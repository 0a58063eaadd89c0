"""The health score (runbook line 111): the account's own, else one that is made of the tiles (decisions A16)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.assessment import State
from services.safe_text import SafeText


class ScorePart(msgspec.Struct, frozen=True):
    """What one tile takes off."""

    title: str
    state: State
    cost: int
    """Points, 0 or more."""


class Score(msgspec.Struct, frozen=True):
    """The score of this moment, wherever it comes from."""

    value: float
    """0 to 100; the account's own may be anything."""
    own: bool
    """The account's dashboard says so; else it is made of the tiles."""


class Computed(msgspec.Struct, frozen=True):
    """A score of the tiles."""

    value: int | None
    """0 to 100; None: nothing has been judged yet."""
    parts: tuple[ScorePart, ...]


class Defined(msgspec.Struct, frozen=True):
    """What the account's dashboard says."""

    dashboard: SafeText
    title: SafeText = SafeText("")
    """Of the widget that defines it."""
    value: float | None = None
    """The newest; None: there is none, `why` says why."""
    at: datetime | None = None
    """Start of the newest period with a value."""
    why: SafeText = SafeText("")
