"""What a function's own log lines say of its memory and its timeout (runbook lines 434, 510-513)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from services.aws.logs import Search, filter_events
from services.aws.session import Account
from services.model.functions import Observed

WINDOW = timedelta(hours=1)

PATTERN = '?"Max Memory Used" ?maxMemoryUsedMB ?"Task timed out"'
"""Lambda's lines as text and as JSON, and those of invocations that ran out of time."""

PAGES = 5

_USED = re.compile(r'Max Memory Used: (\d+) MB|"maxMemoryUsedMB": ?(\d+)')


async def observed(account: Account, group: str, now: datetime) -> Observed:
    """The last hour's most memory and number of time-outs, newest lines first. Raises AccountError."""
    start = round((now - WINDOW).timestamp() * 1000)
    search = Search(group, group, start, round(now.timestamp() * 1000), PATTERN, newest_first=True)
    most, timed_out, token = 0, 0, ""
    for _ in range(PAGES):
        page = await filter_events(account, search, token)
        for line in page.lines:
            timed_out += "Task timed out" in line.text
            most = max(most, *(int(text or json) for text, json in _USED.findall(line.text)), 0)
        token = page.token
        if not token:
            break
    return Observed(most or None, timed_out, whole=not token)
