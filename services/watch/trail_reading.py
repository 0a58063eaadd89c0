"""What CloudTrail has recorded: the last hours once, later only what may be new."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from services.aws import trail
from services.aws.session import GLOBAL_REGION, Account
from services.model.witness import RecordedWrite, Trail

WRITES_KEPT = 2_000
TRAIL_S = 3 * 3600.0
"""How far back the first look into the trail goes: a breach on the charts and the hour before it."""

TRAIL_LATE_S = 1200.0
"""How far back each later one goes again: events arrive up to a quarter of an hour late, in any order (aws.md 3.6)."""


class TrailReader:
    """Reads the trails of an environment's region and of us-east-1, where global services' events are."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._trails: dict[str, Trail] = {}
        self._asked: dict[str, datetime] = {}
        """Region → until when its trail was asked for."""

    async def read(self) -> Trail:
        """Both trails as one, newest first, with what was known before. Raises AccountError."""
        regions = dict.fromkeys((self._account.environment.region, GLOBAL_REGION))
        await asyncio.gather(*(self._read(region) for region in regions))
        told = [self._trails[region] for region in regions]
        found = sorted((write for one in told for write in one.writes), key=lambda write: write.at, reverse=True)
        return Trail(tuple(found), max(one.since for one in told))

    async def _read(self, region: str) -> None:
        now = self._account.clock.now()
        known = self._trails.get(region)
        back = TRAIL_S if known is None else TRAIL_LATE_S + (now - self._asked[region]).total_seconds()
        since = now - timedelta(seconds=back)
        fresh, whole = await trail.writes(self._account, region, since, now)
        self._asked[region] = now
        self._trails[region] = joined(known, fresh, since if whole or not fresh else fresh[-1].at, whole)


def joined(known: Trail | None, fresh: tuple[RecordedWrite, ...], since: datetime, whole: bool) -> Trail:
    """`known` with what was read from `since` on; not `whole`: what lies between the two is missing."""
    ids = {write.id for write in fresh}
    old = () if known is None else tuple(write for write in known.writes if write.id not in ids)
    writes = tuple(sorted((*fresh, *old), key=lambda write: write.at, reverse=True))
    start = since if known is None or not whole else known.since
    if len(writes) > WRITES_KEPT:
        writes = writes[:WRITES_KEPT]
        start = max(start, writes[-1].at)
    return Trail(writes, start)
