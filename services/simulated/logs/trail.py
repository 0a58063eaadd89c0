"""The trail's log group: CloudTrail's record of every change, the same that its API tells (aws.md 3.5, 3.6).

CloudTrail delivers some minutes late (about 5, up to 15); so do these events.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from services.simulated.logs.events import SEQUENCE_LIMIT, Event
from services.simulated.platform.trail_events import TrailEvent, record
from services.simulated.state import SimulatedState

_ALMOST_A_MINUTE = timedelta(seconds=59, microseconds=999_999)


class TrailEvents(Protocol):
    """Who knows the changes of the account."""

    def between(self, first: datetime, last: datetime) -> Sequence[TrailEvent]: ...


class TrailLog:
    """The changes of all environments and regions, as CloudTrail writes them into its log."""

    def __init__(self, state: SimulatedState, told: TrailEvents | None) -> None:
        self._estate = state.estate
        self._told = told

    def minute(self, start: int) -> list[Event]:
        """The records of calls made in the minute that starts at epoch second `start`, sorted."""
        if self._told is None:
            return []
        first = datetime.fromtimestamp(start, UTC)
        return sorted(self._event(event) for event in self._told.between(first, first + _ALMOST_A_MINUTE))

    def _event(self, event: TrailEvent) -> Event:
        timestamp = int(event.at.timestamp() * 1000)
        late = 120_000 + zlib.crc32(event.id.encode()) % 300_000
        sequence = int.from_bytes(hashlib.blake2b(event.id.encode(), digest_size=16).digest()) % SEQUENCE_LIMIT
        stream = f"{self._estate.account}_CloudTrail_{self._estate.region}"
        message = msgspec.json.encode(record(event, self._estate.account)).decode()
        return Event(timestamp, timestamp + late, sequence, stream, message)
