"""What is asked about alarms on demand: their set-up, the rules that mute them, their history.

DescribeAlarmHistory has a quota of 3 calls a second for the account and region (aws.md 2.1), so pages are asked for
one after the other with a pause between.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.aws.reply import Reply, garbled, instant, need, need_text, number, pages, rows, table, text, texts
from services.aws.session import Account
from services.model.alarm_detail import AlarmDetail, History, HistoryItem, HistoryKind
from services.model.alarms import Alarm
from services.model.series import MetricId
from services.safe_text import SafeText, safe

EDGE_REGION = "us-east-1"
"""Where CloudFront's alarms are."""

KEPT = timedelta(days=14)
"""How long AWS keeps the history of an alarm."""

TYPES = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]
"""Without AlarmTypes AWS tells of metric alarms alone (aws.md 2.2)."""

NAMES = 100
"""Names a call of DescribeAlarms."""

HISTORY_PAGES = 10
"""A hundred items a page."""

PAUSE_S = 0.4
"""Between two pages of history: a third of the quota is left to others."""

MUTES = 20
"""Active mute rules whose targets are read."""

_SIGNS = {
    "GreaterThanOrEqualToThreshold": "≥",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside of",
    "LessThanLowerThreshold": "below",
    "GreaterThanUpperThreshold": "above",
}
_MISSING = {"breaching": "breaching", "notBreaching": "not breaching", "ignore": "ignored", "missing": "missing"}


async def set_up(account: Account, names: Mapping[str, Sequence[str]]) -> tuple[AlarmDetail, ...]:
    """How the alarms with these names, by region, are set up, and what mutes them now. Raises AccountError."""
    found = await details(account, names)
    by: dict[tuple[str, str], tuple[SafeText, ...]] = {}
    for region in names:
        for name, rules in (await mutes(account, region)).items():
            by[region, name] = rules
    return muted(found, by)


def by_region(alarms: Iterable[Alarm]) -> Mapping[str, list[str]]:
    """The alarms' names, by region."""
    names: dict[str, list[str]] = {}
    for alarm in alarms:
        names.setdefault(alarm.region, []).append(alarm.name)
    return names


async def details(account: Account, names: Mapping[str, Sequence[str]]) -> tuple[AlarmDetail, ...]:
    """The set-up of the alarms with these names, by region. Raises AccountError."""
    found: list[AlarmDetail] = []
    for region, wanted in names.items():
        for first in range(0, len(wanted), NAMES):
            asked = {"AlarmNames": list(wanted[first : first + NAMES]), "AlarmTypes": TYPES, "MaxRecords": 100}
            async for page in pages(account, "cloudwatch", "DescribeAlarms", asked, region=region, limit=4):
                if not {"MetricAlarms", "CompositeAlarms", "LogAlarms"} & set(page):
                    raise garbled("MetricAlarms")
                for field, kind in (("MetricAlarms", "metric"), ("CompositeAlarms", "composite"), ("LogAlarms", "log")):
                    found.extend(_detail(row, region, kind) for row in rows(page, field))
    return tuple(found)


async def mutes(account: Account, region: str) -> Mapping[str, tuple[SafeText, ...]]:
    """Alarm name → the mute rules that are active on it in this region. Raises AccountError."""
    found: dict[str, tuple[SafeText, ...]] = {}
    asked = {"Statuses": ["ACTIVE"], "MaxRecords": 100}
    read = 0
    async for page in pages(account, "cloudwatch", "ListAlarmMuteRules", asked, region=region, limit=2):
        need(page, "AlarmMuteRuleSummaries", list)
        for summary in rows(page, "AlarmMuteRuleSummaries"):
            rule = str(summary.get("AlarmMuteRuleArn", "")).rsplit(":", 1)[-1]
            read += 1
            if not rule or read > MUTES:
                continue
            reply = await account.ask("cloudwatch", "GetAlarmMuteRule", {"AlarmMuteRuleName": rule}, region=region)
            for name in texts(table(reply, "MuteTargets"), "AlarmNames"):
                found[name] = (*found.get(name, ()), safe(rule, 200))
    return found


def muted(found: Sequence[AlarmDetail], by: Mapping[tuple[str, str], tuple[SafeText, ...]]) -> tuple[AlarmDetail, ...]:
    """`found` with the mute rules of each alarm, told by region and name."""
    return tuple(msgspec.structs.replace(one, muted_by=by[one.key]) if one.key in by else one for one in found)


async def history(account: Account, region: str, since: datetime, *, name: str = "") -> History:
    """What the alarms of a region, or one of them, did since then. Raises AccountError."""
    asked: dict[str, Any] = {
        "AlarmTypes": TYPES,
        "StartDate": since,
        "EndDate": account.clock.now(),
        "MaxRecords": 100,
        "ScanBy": "TimestampDescending",
    }
    if name:
        asked["AlarmName"] = name
    items: list[HistoryItem] = []
    whole, count = True, 0
    async for page in pages(account, "cloudwatch", "DescribeAlarmHistory", asked, region=region, limit=HISTORY_PAGES):
        need(page, "AlarmHistoryItems", list)
        items.extend(_item(row, region) for row in rows(page, "AlarmHistoryItems"))
        count += 1
        whole = not page.get("NextToken")
        if not whole and count < HISTORY_PAGES:
            await account.clock.sleep(PAUSE_S)
    return History(tuple(sorted(items, key=lambda item: item.at, reverse=True)), since, whole)


async def account_history(account: Account, since: datetime) -> History:
    """What every alarm did since then, CloudFront's too. Raises AccountError."""
    regions = dict.fromkeys((account.environment.region, EDGE_REGION))
    return merged(await asyncio.gather(*(history(account, region, since) for region in regions)))


def merged(histories: Sequence[History]) -> History:
    """Those of several regions as one."""
    items = sorted((item for one in histories for item in one.items), key=lambda item: item.at, reverse=True)
    return History(tuple(items), min(one.since for one in histories), all(one.whole for one in histories))


def _detail(row: Reply, region: str, kind: str) -> AlarmDetail:
    metrics = _metrics(row, region)
    return AlarmDetail(
        name=need_text(row, "AlarmName"),
        region=region,
        kind=SafeText(kind),
        description=text(row, "AlarmDescription"),
        condition=safe(_condition(row, kind), 600),
        metrics=metrics,
        plain=kind == "metric" and "Metrics" not in row and len(metrics) == 1,
        ok_actions=texts(row, "OKActions"),
        evaluation=text(row, "EvaluationState"),
        suppressed=_suppressed(row),
    )


def _suppressed(row: Reply) -> SafeText:
    by = text(row, "ActionsSuppressedBy")
    if not by:
        return by
    reason = text(row, "ActionsSuppressedReason")
    return safe(f"{by}: {reason}" if reason else by, 400)


def _metrics(row: Reply, region: str) -> tuple[MetricId, ...]:
    own = [row] if row.get("MetricName") else []
    queried = [table(table(query, "MetricStat"), "Metric") for query in rows(row, "Metrics")]
    return tuple(_metric(one, region) for one in (*own, *queried) if one.get("MetricName"))


def _metric(row: Reply, region: str) -> MetricId:
    pairs = [(str(text(one, "Name")), str(text(one, "Value"))) for one in rows(row, "Dimensions")]
    return MetricId(region, str(text(row, "Namespace")), str(text(row, "MetricName")), tuple(sorted(pairs)))


def _condition(row: Reply, kind: str) -> str:
    """What has to hold for the alarm to ring, in words."""
    if kind == "composite":
        return str(row.get("AlarmRule", ""))
    sign = _SIGNS.get(str(row.get("ComparisonOperator")), str(row.get("ComparisonOperator", "")))
    threshold = row.get("Threshold")
    limit = f"{sign} {threshold:g}" if isinstance(threshold, int | float) else f"{sign} {row.get('ThresholdMetricId')}"
    if kind == "log":
        return (
            f"a scheduled query's result {limit} in {number(row, 'QueryResultsToAlarm')} of "
            f"{number(row, 'QueryResultsToEvaluate')} results"
        )
    periods, period = number(row, "EvaluationPeriods"), number(row, "Period") or _period(row)
    needed = number(row, "DatapointsToAlarm") or periods
    missing = _MISSING.get(str(row.get("TreatMissingData") or "missing"), str(row.get("TreatMissingData")))
    often = f" in {needed} of {periods} periods" if periods else ""
    return f"{_what(row)} {limit}{often}{f' of {_time(period)}' if period else ''}; missing data: {missing}"


def _what(row: Reply) -> str:
    if row.get("MetricName"):
        return f"{row.get('Statistic') or row.get('ExtendedStatistic') or ''} of {row['MetricName']}".strip()
    shown = [one for one in rows(row, "Metrics") if one.get("ReturnData", True)]
    for one in (*shown, *rows(row, "Metrics")):
        if one.get("Expression"):
            return str(one["Expression"])
    return "an expression"


def _period(row: Reply) -> int:
    """The longest period of an expression's metrics."""
    return max((number(table(one, "MetricStat"), "Period") for one in rows(row, "Metrics")), default=0)


def _time(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


_KINDS = {
    "StateUpdate": HistoryKind.STATE,
    "AlarmContributorStateUpdate": HistoryKind.STATE,
    "Action": HistoryKind.ACTION,
    "AlarmContributorAction": HistoryKind.ACTION,
}


def _item(row: Reply, region: str) -> HistoryItem:
    at = instant(row, "Timestamp")
    if at is None:
        raise garbled("the Timestamp of an alarm's history")
    kind = _KINDS.get(str(row.get("HistoryItemType")), HistoryKind.CONFIGURATION)
    data = _data(row)
    new, old = table(data, "newState"), table(data, "oldState")
    summary = text(row, "HistorySummary")
    done = data.get("actionState")
    return HistoryItem(
        at=at,
        alarm=need_text(row, "AlarmName"),
        region=region,
        kind=kind,
        summary=summary,
        old=text(old, "stateValue"),
        new=text(new, "stateValue"),
        reason=text(new, "stateReason"),
        failed=kind is HistoryKind.ACTION and (done not in (None, "Succeeded") or summary.startswith("Failed")),
    )


def _data(row: Reply) -> Reply:
    """HistoryData, JSON in a text; whatever else it is says nothing."""
    try:
        found = json.loads(str(row.get("HistoryData") or "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
