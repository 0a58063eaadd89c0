"""Cognito."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class UserPool(msgspec.Struct, frozen=True):
    """cognito-idp:DescribeUserPool. Client secrets are never read."""

    id: SafeText
    name: SafeText
    status: SafeText
    """As AWS says; `Enabled` or empty on current pools."""
    users: int = 0


class PoolUser(msgspec.Struct, frozen=True):
    """One user of a pool."""

    name: SafeText
    """The user name, whatever was asked for."""
    status: SafeText
    """`CONFIRMED`, `FORCE_CHANGE_PASSWORD` …; `disabled` for one that may not sign in."""


class SignOutGround(msgspec.Struct, frozen=True):
    """What a sign-out rests on, as it was just read."""

    pool: SafeText
    user: PoolUser | None
    """None: the pool has no such user."""
    minutes: int | None
    """The longest that an access or ID token of the pool's clients is valid; None: not known."""
