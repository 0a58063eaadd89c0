"""How much memory a function's invocations have used over the last hours: small samples of its REPORT lines.

Lambda publishes no such metric without a paid extension; its log says it of every invocation (runbook line 434). One
minute of lines three hours ago and one each turn from now on is enough to see memory that only grows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.aws.logs import Search, filter_events
from services.aws.session import Account
from services.model.functions import MemorySample

PATTERN = '?"Max Memory Used" ?maxMemoryUsedMB'
"""Lambda's lines as text and as JSON."""

BACK = (timedelta(hours=3), timedelta(0))
"""How long ago the first samples are of. Few: the account's five questions a second are everybody's (aws.md 3.2)."""

SAMPLE = timedelta(seconds=60)
SETTLED = timedelta(seconds=30)
"""How old the youngest line of a sample is: lines take a while to arrive."""

KEPT = timedelta(hours=6)

_USED = re.compile(r'Max Memory Used: (\d+) MB|"maxMemoryUsedMB": ?(\d+)')


def used_mb(text: str) -> list[int]:
    """The megabytes that a line tells of: one figure, or none."""
    return [int(plain or json) for plain, json in _USED.findall(text)]


async def sampled(
    account: Account, group: str, known: Sequence[MemorySample], now: datetime
) -> tuple[MemorySample, ...]:
    """`known` with one more sample, or the first ones; oldest first. Raises AccountError.

    Each is a turn of the one pace of all who read logs, taken in advance: a feed's turn never waits for the tail's.
    Where there is none to take, a sample is left out and the next turn takes its own.
    """
    found = [one for one in known if now - one.at <= KEPT]
    for back in BACK if not known else BACK[-1:]:
        sample = await _sample(account, group, now - back - SETTLED)
        found += [] if sample is None else [sample]
    return tuple(found)


async def _sample(account: Account, group: str, until: datetime) -> MemorySample | None:
    """The most memory that the first page of a minute's lines tells of; None: none does, or it was not asked for."""
    if not account.log_pace.ahead():
        return None
    first, last = (round(at.timestamp() * 1000) for at in (until - SAMPLE, until))
    page = await filter_events(account, Search(group, group, first, last, PATTERN, newest_first=True))
    used = [found for line in page.lines for found in used_mb(line.text)]
    return MemorySample(until, max(used)) if used else None
