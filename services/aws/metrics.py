"""CloudWatch metrics: raw series for whole windows, and whether an identity is published at all.

Arithmetic is done here at home and not by AWS: raw series cost the same, page, and keep "missing" apart from 0
(aws.md 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.aws.failures import REMEDIES
from services.aws.reply import Reply, garbled, need, pages, rows
from services.aws.session import Account
from services.model.series import MetricId, Series, Signal
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import SafeText, safe

QUERIES = 500
"""Queries a call (aws.md 2.1)."""

_PAGES = 40
Points = dict[str, dict[int, float]]


async def fetch(account: Account, signals: Sequence[Signal], start: int, end: int) -> dict[str, Series]:
    """Signal id → its series in [start, end), epoch seconds on period boundaries.

    All signals are of one region and one period. Raises AccountError, also when AWS says of one series that it
    could not be read: half an answer would look like silence.
    """
    if not signals:
        return {}
    region, period = signals[0].metric.region, signals[0].period
    if any(signal.metric.region != region or signal.period != period for signal in signals):
        raise ValueError("one call of fetch is for one region and one period")
    points: dict[str, Points] = {signal.id: {name: {} for name in signal.statistics} for signal in signals}
    for queries in _calls(signals):
        await _fetch(account, queries, region, start, end, points)
    return {
        signal.id: Series(
            signal=signal,
            points={name: dict(sorted(values.items())) for name, values in points[signal.id].items()},
            asked_from=start,
            asked_until=end,
        )
        for signal in signals
    }


def _calls(signals: Sequence[Signal]) -> list[list[tuple[Signal, str]]]:
    """The questions of each call; those of one signal stay together: in two calls they would be billed as two."""
    found: list[list[tuple[Signal, str]]] = [[]]
    for signal in signals:
        if len(found[-1]) + len(signal.statistics) > QUERIES:
            found.append([])
        found[-1] += [(signal, statistic) for statistic in signal.statistics]
    return found


async def _fetch(
    account: Account,
    queries: Sequence[tuple[Signal, str]],
    region: str,
    start: int,
    end: int,
    points: dict[str, Points],
) -> None:
    parameters = {
        "MetricDataQueries": [_query(place, signal, name) for place, (signal, name) in enumerate(queries)],
        "StartTime": datetime.fromtimestamp(start, UTC),
        "EndTime": datetime.fromtimestamp(end, UTC),
        "ScanBy": "TimestampAscending",
    }
    async for page in pages(account, "cloudwatch", "GetMetricData", parameters, region=region, limit=_PAGES):
        need(page, "MetricDataResults", list)
        for result in rows(page, "MetricDataResults"):
            _merge(result, queries, points)


def _query(place: int, signal: Signal, statistic: str) -> dict[str, Any]:
    metric = signal.metric
    return {
        "Id": f"q{place}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            },
            "Period": signal.period,
            "Stat": statistic,
        },
        "ReturnData": True,
    }


def _merge(result: Reply, queries: Sequence[tuple[Signal, str]], points: dict[str, Points]) -> None:
    word = need(result, "Id", str)
    if not (word[:1] == "q" and word[1:].isdigit() and int(word[1:]) < len(queries)):
        raise garbled("the Id of a question")
    signal, statistic = queries[int(word[1:])]
    status = result.get("StatusCode", "Complete")
    if status not in ("Complete", "PartialData"):
        raise _unread(signal, str(status))
    times, values = result.get("Timestamps") or [], result.get("Values") or []
    if len(times) != len(values):
        raise garbled("a value for each timestamp")
    into = points[signal.id][statistic]
    for at, value in zip(times, values, strict=True):
        if not isinstance(at, datetime) or not isinstance(value, int | float):
            raise garbled("timestamps and values")
        moment = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        if value == value and abs(value) != float("inf"):  # NaN is no point
            into[int(moment.timestamp())] = float(value)


def _unread(signal: Signal, status: str) -> AccountError:
    kind = ProblemKind.DENIED if status == "Forbidden" else ProblemKind.FAILING
    message = f"CloudWatch could not read {signal.metric.namespace} {signal.metric.name}: {status}"
    action = "cloudwatch:GetMetricData"
    remedy = REMEDIES.get(kind, "It is asked again by itself.").format(action=action)
    return AccountError(Problem(kind, safe(message, 300), operation=action, code=safe(status), remedy=remedy))


async def published(account: Account, metric: MetricId) -> tuple[bool, str]:
    """Whether ListMetrics knows the metric with exactly these dimensions; if not, the nearest set that it knows.

    It lists what had data in the last two weeks, new metrics after up to fifteen minutes (aws.md 1.2). Raises
    AccountError.
    """
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    if any(found == metric.dimensions for found in await _listed(account, metric, dimensions)):
        return True, ""
    sets = await _listed(account, metric, [])
    nearest = max(sets, key=lambda found: _likeness(found, metric.dimensions), default=None)
    return False, "" if nearest is None else ", ".join(f"{name}={value}" for name, value in nearest)


PER_OPERATION = ("SuccessfulRequestLatency", "ThrottledRequests")
"""What DynamoDB publishes by table and operation alone (aws.md 1.1): of requests that succeed, of those that do not."""


async def operations(account: Account, table: str) -> tuple[SafeText, ...]:
    """The operations of a table that were used in the last two weeks, also those that never got through.

    Raises AccountError.
    """
    found: set[SafeText] = set()
    for name in PER_OPERATION:
        metric = MetricId(account.environment.region, "AWS/DynamoDB", name, ())
        listed = await _listed(account, metric, [{"Name": "TableName", "Value": table}])
        found |= {safe(value) for pairs in listed for dimension, value in pairs if dimension == "Operation"}
    return tuple(sorted(found))


async def _listed(
    account: Account, metric: MetricId, dimensions: list[dict[str, str]]
) -> list[tuple[tuple[str, str], ...]]:
    parameters = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    found: list[tuple[tuple[str, str], ...]] = []
    async for page in pages(account, "cloudwatch", "ListMetrics", parameters, region=metric.region, limit=4):
        need(page, "Metrics", list)
        for row in rows(page, "Metrics"):
            pairs = [
                (str(safe(one.get("Name", ""))), str(safe(one.get("Value", "")))) for one in rows(row, "Dimensions")
            ]
            found.append(tuple(sorted(pairs)))
    return found


def _likeness(found: tuple[tuple[str, str], ...], wanted: tuple[tuple[str, str], ...]) -> tuple[int, int, int, int]:
    """More equal pairs first, then more equal names, then fewer strangers, then values that begin alike."""
    names = dict(wanted)
    alike = [_shared(value, names[name]) for name, value in found if name in names]
    return len(set(found) & set(wanted)), len(alike), -len(found), sum(alike)


def _shared(one: str, other: str) -> int:
    """With how many same characters both begin."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
