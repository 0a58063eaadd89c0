"""CloudWatch Logs Insights: what is asked, what it may cost, what came back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.safe_text import SafeText

Cell = SafeText | float | datetime | None
"""One value of a row: a number, an instant or a text; None where the row lacks the field."""


class InsightsQuery(msgspec.Struct, frozen=True):
    """One query over a window."""

    groups: tuple[str, ...]
    """Names; fifty at most."""
    text: str
    start: int
    end: int
    """Epoch milliseconds, both included; Insights itself counts whole seconds."""
    limit: int = 1_000
    """Most rows that come back."""


class InsightsPrice(msgspec.Struct, frozen=True):
    """What a query may cost, before it is started. An estimate: AWS bills the bytes that it scans."""

    bytes: int
    dollars: float
    unknown: tuple[str, ...] = ()
    """Groups whose size is not known: they come on top."""


class QueryStatus(StrEnum):
    """As AWS calls it."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"
    UNKNOWN = "Unknown"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self not in (QueryStatus.SCHEDULED, QueryStatus.RUNNING, QueryStatus.UNKNOWN)


class InsightsResult(msgspec.Struct, frozen=True):
    """What a query has brought so far; all of it once `status` is over."""

    id: SafeText
    status: QueryStatus
    fields: tuple[SafeText, ...] = ()
    """Columns, in the order in which they came."""
    rows: tuple[tuple[Cell, ...], ...] = ()
    matched: int = 0
    scanned: int = 0
    """Records."""
    bytes: int = 0
    """Scanned, which is what is paid for."""
    dollars: float = 0.0
