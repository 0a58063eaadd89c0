"""One look through all functions of a region: a Metrics Insights query that lists the worst of them first.

It is billed by the metrics it looks at, as asking each of them would be, so it saves no money; it saves calls, bytes
and the time to read thousands of series of which hardly any says something. Its limits: one statistic, no percentiles,
10,000 metrics looked at, 500 series returned, two weeks back (aws.md 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.aws.reply import garbled, need, need_text, pages, rows
from services.aws.session import Account
from services.model.series import MetricId

MOST_LOOKED_AT = 10_000
LISTED = 100
"""Series that are asked for: no on-call engineer reads on beyond them, and that there are more is said."""

_PAGES = 40
_PERIOD = 60


class Listing(msgspec.Struct, frozen=True):
    """What a look found: function → minute (epoch seconds) → count, of each that had any."""

    counts: Mapping[str, Mapping[int, float]]
    whole: bool
    """Whether every function that is not listed had none. False: the list was cut where there still were some."""


async def worst(account: Account, metric: MetricId, start: int, end: int) -> Listing:
    """The functions of the metric's region with the highest sums of it in [start, end), epoch seconds on minutes.

    `metric` is one of AWS/Lambda; its dimensions are not looked at. Raises AccountError.
    """
    expression = (
        f'SELECT SUM({metric.name}) FROM SCHEMA("{metric.namespace}", FunctionName) '  # noqa: S608 - CloudWatch's, of names of ours
        f"GROUP BY FunctionName ORDER BY SUM() DESC LIMIT {LISTED}"
    )
    asked = {
        "MetricDataQueries": [{"Id": "worst", "Expression": expression, "Period": _PERIOD}],
        "StartTime": datetime.fromtimestamp(start, UTC),
        "EndTime": datetime.fromtimestamp(end, UTC),
        "ScanBy": "TimestampAscending",
    }
    counts: dict[str, dict[int, float]] = {}
    whole, listed = True, 0
    async for page in pages(account, "cloudwatch", "GetMetricData", asked, region=metric.region, limit=_PAGES):
        need(page, "MetricDataResults", list)
        for result in rows(page, "MetricDataResults"):
            listed += 1
            whole = result.get("StatusCode", "Complete") == "Complete"
            found = {at: value for at, value in _points(result).items() if value > 0}
            if found:
                counts.setdefault(str(need_text(result, "Label")), {}).update(found)
    # Worst first: a list that is full and still counts something at its end was cut.
    return Listing(counts, whole and not (listed >= LISTED and len(counts) >= LISTED))


def _points(result: Mapping[str, Any]) -> dict[int, float]:
    times, values = result.get("Timestamps") or [], result.get("Values") or []
    if len(times) != len(values):
        raise garbled("a value for each timestamp")
    found: dict[int, float] = {}
    for at, value in zip(times, values, strict=True):
        if not isinstance(at, datetime) or not isinstance(value, int | float):
            raise garbled("timestamps and values")
        moment = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        found[int(moment.timestamp())] = float(value)
    return found


async def looked_at(account: Account, metric: MetricId) -> int:
    """How many metrics such a look goes through: one of each function of the region, also of other stacks.

    More than MOST_LOOKED_AT: at least so many. Raises AccountError.
    """
    asked = {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": "FunctionName"}],
    }
    found, read = 0, 0
    async for page in pages(account, "cloudwatch", "ListMetrics", asked, region=metric.region, limit=_PAGES):
        need(page, "Metrics", list)
        read += 1
        found += sum(1 for row in rows(page, "Metrics") if len(rows(row, "Dimensions")) == 1)
    return found if read < _PAGES else MOST_LOOKED_AT + 1
