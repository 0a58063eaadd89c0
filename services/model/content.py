"""The web bucket."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class Bucket(msgspec.Struct, frozen=True):
    """s3:HeadBucket and s3:GetBucketVersioning."""

    name: SafeText
    reachable: bool
    versioning: SafeText = SafeText("")
    """`Enabled`, `Suspended`, or empty: never enabled."""
