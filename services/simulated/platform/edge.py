"""The account's distributions and their invalidations. A store on the clock."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_id
from services.simulated.world.controls import Controls, InvalidationState

LEAST_SECONDS, MOST_SECONDS = 30, 90
"""How long an invalidation takes, of the account's time."""

FILES_AT_ONCE, WILDCARDS_AT_ONCE = 3_000, 15
"""CloudFront's quotas for paths in progress on one distribution (aws.md 5.5)."""


CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""Id of CloudFront's own policy `Managed-CachingOptimized`."""


class Invalidation(msgspec.Struct, frozen=True):
    """One invalidation; its status is a matter of the clock."""

    id: str
    reference: str
    paths: tuple[str, ...]
    created: datetime
    completed: datetime

    def status(self, now: datetime) -> str:
        return "Completed" if now >= self.completed else "InProgress"


class DistributionStore:
    """One distribution. Not locked: callers hold the account's lock."""

    def __init__(self, environment: EnvironmentEstate, controls: Controls, seed: int, created: datetime) -> None:
        self.environment = environment
        self.id = environment.distribution
        self.modified = created
        self.etag = "E" + stable_id(seed, f"{environment.name}/etag/0", 12, string.ascii_uppercase + string.digits)
        self.enabled = True
        self.comment = f"EC2 Manager, {environment.name}"
        self.price_class = "PriceClass_100"
        self.extra_metrics = True
        self.cache_policy = CACHING_OPTIMIZED
        self.invalidations: dict[str, Invalidation] = {}
        self._controls = controls
        self._seed = seed
        self._changes = 0

    def by_reference(self, reference: str) -> Invalidation | None:
        return next((one for one in self.invalidations.values() if one.reference == reference), None)

    def in_progress(self, now: datetime) -> list[Invalidation]:
        return [one for one in self.invalidations.values() if one.status(now) == "InProgress"]

    def invalidate(self, reference: str, paths: tuple[str, ...], now: datetime) -> Invalidation:
        """Begin one, and tell the world what leaves the cache and when."""
        key = f"{self.id}/{reference}/{len(self.invalidations)}"
        drawn = int.from_bytes(hashlib.blake2b(f"{self._seed}/{key}".encode(), digest_size=4).digest()) / 2**32
        seconds = LEAST_SECONDS + drawn * (MOST_SECONDS - LEAST_SECONDS)
        made = Invalidation(
            id="I" + stable_id(self._seed, key, 13, string.ascii_uppercase + string.digits),
            reference=reference,
            paths=paths,
            created=now,
            completed=now + timedelta(seconds=seconds),
        )
        self.invalidations[made.id] = made
        self._controls.invalidate(
            self.environment.name, InvalidationState(created=now, completed=made.completed, paths=paths)
        )
        return made

    def configure(self, config: Mapping[str, Any], now: datetime) -> None:
        """Take from a DistributionConfig what the account keeps of one."""
        self.enabled = bool(config.get("Enabled", self.enabled))
        self.comment = str(config.get("Comment", self.comment))
        behavior = config.get("DefaultCacheBehavior") or {}
        self.cache_policy = str(behavior.get("CachePolicyId", self.cache_policy))
        self.changed(now)

    def changed(self, now: datetime) -> None:
        """The configuration has a new ETag."""
        self._changes += 1
        self.modified = now
        key = f"{self.environment.name}/etag/{self._changes}"
        self.etag = "E" + stable_id(self._seed, key, 12, string.ascii_uppercase + string.digits)
