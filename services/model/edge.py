"""CloudFront: the distribution and its invalidations."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Invalidation(msgspec.Struct, frozen=True):
    """One invalidation."""

    id: SafeText
    status: SafeText
    """`InProgress` or `Completed`."""
    created: datetime | None = None
    paths: tuple[SafeText, ...] = ()
    """Empty when only listed, not opened."""
    reference: SafeText = SafeText("")

    @property
    def done(self) -> bool:
        return self.status == "Completed"


class Distribution(msgspec.Struct, frozen=True):
    """cloudfront:GetDistribution."""

    id: SafeText
    domain: SafeText
    status: SafeText
    """`Deployed` says that the configuration has spread, nothing about health (aws.md 5.5)."""
    enabled: bool
    aliases: tuple[SafeText, ...] = ()
    in_progress: int = 0
    """Invalidations under way."""
    extra_metrics: bool | None = None
    """Whether the paid metrics (CacheHitRate …) are on; None when it could not be read."""
    modified: datetime | None = None
    """LastModifiedTime: known at once, while CloudTrail takes up to a quarter of an hour to say by whom."""
