"""One log event of the simulated account, and how its id is made."""

from __future__ import annotations

import zlib
from typing import NamedTuple


class Event(NamedTuple):
    """Sorts as FilterLogEvents does: by the producer's time, then ingestion, then order of arrival."""

    timestamp: int
    """Epoch milliseconds, the producer's."""
    ingestion: int
    """Epoch milliseconds: from then on a question finds it."""
    sequence: int
    """Unique within the account; up to 43 decimal digits."""
    stream: str
    message: str

    @property
    def id(self) -> str:
        """AWS's eventId: 56 decimal digits that grow with time."""
        return f"{self.timestamp:013d}{self.sequence:043d}"


SEQUENCE_LIMIT = 10**43


class Lag:
    """How long the events of one request take to be ingested: hashed, so the same at every question.

    Mostly 0.2 to 3 s; of one request in twenty 3 to 60 s. Source: issue of the log tail that loses such lines
    (reliability.md, anchors: awscli; table F, row 54).
    """

    __slots__ = ("_base", "_last", "_state")

    def __init__(self, key: str) -> None:
        self._state = zlib.crc32(key.encode())
        late = self._next() % 20 == 0
        draw = self._next() % 1000
        self._base = 3_000 + draw * 52 if late else 200 + draw * draw * 2_300 // 1_000_000
        self._last = 0

    def ingested(self, at: int) -> int:
        """Epoch milliseconds when the next event, produced at `at`, is found; the order within a request stays."""
        self._last = max(self._last + 1, at + self._base + self._next() % 400)
        return self._last

    def _next(self) -> int:
        self._state = (self._state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
        return self._state >> 4
