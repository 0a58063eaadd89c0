"""One environment as a row among all of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.assessment import State
from services.model.changes import Change
from services.safe_text import SafeText


class FleetRow(msgspec.Struct, frozen=True):
    """What is known of one environment at one moment. Empty or None: not known, or not so."""

    name: str
    stack: str
    region: str
    production: bool = False
    read_only: bool = False
    here: bool = False
    """It is the one on the screen."""
    simulated: bool = False
    account: SafeText = SafeText("")
    who: SafeText = SafeText("")
    state: State = State.WAITING
    """The worst that the rules say of it; STALE when its account cannot be asked at all."""
    sentence: SafeText = SafeText("")
    """Its verdict, or why there is none."""
    since: datetime | None = None
    changed: Change | None = None
    """What changed last."""
    alerts: tuple[str, ...] = ()
    """Titles of alerts and triggers that fire and that nobody has acknowledged."""
    operation: SafeText = SafeText("")
    """What of ours is under way, or has just ended."""
    operation_state: State = State.WAITING
    now: datetime | None = None
    """The time of its account; None until that is known."""
    age: float | None = None
    """Seconds since its newest series were read."""
    per_hour: float | None = None
    """Dollars per hour that watching it costs."""


def worst_first(rows: tuple[FleetRow, ...]) -> tuple[FleetRow, ...]:
    """In the order of urgency: the worst, of these production, the rest as they stand in the settings."""
    return tuple(sorted(rows, key=lambda row: (-row.state.severity, not row.production)))
