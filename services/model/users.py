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
