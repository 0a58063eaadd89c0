"""What screen 2 asks CloudWatch for one picture: every statistic of each metric in it, and of another day's."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from services.model.metric_query import signal_of
from tui.metric_page import Answer, Asked
from tui.metric_views import MOST_LINES

if TYPE_CHECKING:
    from services.aws.session import Account


async def learn(account: Account, asked: Asked, now: datetime) -> Answer:
    """The answer as of `now`. Raises AccountError."""
    from services.aws import metrics

    where, choice = asked.window.range(now.timestamp()), asked.choice
    wanted = [metric for _, metric in choice.members[:MOST_LINES]] or [choice.metric]
    signals = [signal_of(one, where.period, settle=choice.settle, sparse=choice.sparse) for one in wanted]
    back = asked.window.compared.back
    ranges = [where, where.shifted(back)] if back else [where]
    found = await asyncio.gather(*(metrics.fetch(account, signals, one.start, one.end) for one in ranges))
    series = [{signal.metric: one[signal.id] for signal in signals} for one in found]
    return Answer(asked, where, series[0], series[1] if back else None)
