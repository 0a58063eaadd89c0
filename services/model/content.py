"""The web bucket."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Bucket(msgspec.Struct, frozen=True):
    """s3:HeadBucket and s3:GetBucketVersioning."""

    name: SafeText
    reachable: bool
    versioning: SafeText = SafeText("")
    """`Enabled`, `Suspended`, or empty: never enabled."""


class ObjectVersion(msgspec.Struct, frozen=True):
    """One entry of s3:ListObjectVersions."""

    key: SafeText
    id: SafeText
    at: datetime | None
    latest: bool
    deleted: bool
    """A delete marker."""
    size: int = 0
