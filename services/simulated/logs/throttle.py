"""What an account may ask of CloudWatch Logs in a second, region by region: a bucket for each operation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.simulated.errors import throttled

QUOTAS: Mapping[str, float] = {
    "FilterLogEvents": 5.0,
    "GetLogEvents": 10.0,
    "DescribeLogGroups": 10.0,
    "DescribeLogStreams": 25.0,
    "StartQuery": 5.0,
    "GetQueryResults": 5.0,
}
"""Transactions per second of an account and region, the lowest that AWS documents (aws.md 3.2)."""


class Throttle:
    """Off until told which quotas hold. Counted on the account's clock; the caller holds the groups' lock."""

    def __init__(self) -> None:
        self.quotas: dict[str, float] = {}
        """Operation → calls a second; one that is not named is free."""
        self._buckets: dict[tuple[str, str], tuple[datetime, float]] = {}

    def take(self, operation: str, region: str, now: datetime) -> None:
        """Count one call. Raises ThrottlingException when the second's calls are used up; that call does not count."""
        rate = self.quotas.get(operation)
        if rate is None:
            return
        most = max(1.0, rate)
        since, left = self._buckets.get((operation, region), (now, most))
        left = min(most, left + max(0.0, (now - since).total_seconds()) * rate)
        if left < 1:
            self._buckets[operation, region] = (now, left)
            raise throttled("logs", "json")
        self._buckets[operation, region] = (now, left - 1)
