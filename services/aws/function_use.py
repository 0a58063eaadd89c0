"""What a function's own log lines say of its memory, its timeout and its permissions (runbook 434-435, 510-515)."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.aws.function_memory import used_mb
from services.aws.logs import Search, filter_events
from services.aws.session import Account
from services.model.functions import Observed

WINDOW = timedelta(hours=1)

PATTERN = '?"Max Memory Used" ?maxMemoryUsedMB ?"Task timed out" ?AccessDenied'
"""Lambda's lines as text and as JSON, those of invocations that ran out of time, and of calls that IAM refused."""

LANE = "function use"

PAGES = 5


async def observed(account: Account, group: str, now: datetime, *, paced: bool = False) -> Observed:
    """The last hour's most memory, time-outs and refusals, newest lines first. Raises AccountError.

    `paced`: page by page in turn with all who read logs, so that looking into a function never holds the tail up;
    else its turns are taken in advance, as far as there are any: those behind wait longer, for a person waits for it.
    """
    start = round((now - WINDOW).timestamp() * 1000)
    search = Search(group, group, start, round(now.timestamp() * 1000), PATTERN, newest_first=True)
    most, timed_out, denied, token = 0, 0, 0, ""
    for _ in range(PAGES):
        if paced or not account.log_pace.ahead():
            await account.log_pace.turn(LANE)
        page = await filter_events(account, search, token)
        for line in page.lines:
            timed_out += "Task timed out" in line.text
            denied += "AccessDenied" in line.text
            most = max(most, *used_mb(line.text), 0)
        token = page.token
        if not token:
            break
    return Observed(most or None, timed_out, denied, whole=not token)
