"""Suspects: which changes may have caused a breach, ranked, with what was measured before and after."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.changes import Change
from services.safe_text import SafeText


class Suspect(msgspec.Struct, frozen=True):
    """One earlier change."""

    change: Change
    lag_s: float
    """Seconds from the change to the start of the breach's first period; not above 0: within that period."""
    before: float | None = None
    """Error rate (percent) of the version that served before, while it served; None: not known."""
    after: float | None = None
    """The same of the version that the change brought."""
    sentence: SafeText = SafeText("")
    """`4 min after v42 went live (stack update 03:03): errors 0.1 % (v41) → 14.8 % (v42)`."""


class Suspicion(msgspec.Struct, frozen=True):
    """What one breach may come from."""

    key: str
    """The judgement's key."""
    since: datetime
    """Start of the breach."""
    ranked: tuple[Suspect, ...]
    """The nearest first; empty when nothing is known to have changed in reach."""
    sentence: SafeText
    """The first suspect's, `no change in the hour before`, or why changes are not known."""
