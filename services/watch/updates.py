"""What the watch tells: readings, which may replace each other, and log lines, which never do."""

from __future__ import annotations

from typing import Any

import msgspec

from services.model.logs import LineBatch
from services.model.reading import Reading
from services.model.spending import Spending


class FeedUpdate(msgspec.Struct, frozen=True):
    """A feed's newest reading. A younger one of the same feed may replace it."""

    feed: str
    """A field of Situation."""
    reading: Reading[Any]


class LinesArrived(msgspec.Struct, frozen=True):
    """Log lines. Each batch counts."""

    batch: LineBatch


class SpendingUpdate(msgspec.Struct, frozen=True):
    """What our questions have cost so far."""

    spending: Spending


Update = FeedUpdate | LinesArrived | SpendingUpdate
