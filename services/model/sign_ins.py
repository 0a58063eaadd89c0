"""Failed sign-ins as the user pools' own logs tell them, where they deliver any (runbook line 135, decisions A14)."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class FailedSignIn(msgspec.Struct, frozen=True):
    """One attempt that failed."""

    at: int
    """Epoch milliseconds."""
    id: str
    """AWS's eventId."""
    user: SafeText
    address: SafeText


class SignInLog(msgspec.Struct, frozen=True):
    """What was read of the last while."""

    groups: tuple[SafeText, ...] = ()
    """Log groups that the pools deliver to; without one nothing is told, and nothing is known."""
    failed: tuple[FailedSignIn, ...] = ()
    """Ascending by time."""
    until: int = 0
    """Epoch milliseconds up to which every group was read; 0: none was yet."""
