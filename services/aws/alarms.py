"""CloudWatch alarms of every type there is, and which of them are about a stack."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from services.aws.reply import Reply, garbled, instant, need_text, pages, rows, table, text, texts
from services.aws.session import Account
from services.model.alarms import Alarm
from services.safe_text import SafeText

TYPES = {"MetricAlarm": "metric", "CompositeAlarm": "composite", "LogAlarm": "log"}
"""AWS's name of each type → ours. A type is told in the list that has its name and an s."""

PAGES = 10
"""A hundred alarms a page."""


class ListedAlarm(msgspec.Struct, frozen=True):
    """An alarm with what tells whose it is."""

    alarm: Alarm
    touches: frozenset[str]
    """Every dimension value of its metrics, every log group of its query and the last part of the group's name."""
    rule: str = ""
    """A composite alarm's rule, which names other alarms."""
    broad: bool = False
    """On a query over all resources of a kind: the stack's are among them."""


async def describe(account: Account, region: str) -> tuple[ListedAlarm, ...]:
    """All alarms of one region. Raises AccountError.

    Without AlarmTypes AWS tells of metric alarms alone (aws.md 2.2).
    """
    found: list[ListedAlarm] = []
    parameters = {"AlarmTypes": list(TYPES), "MaxRecords": 100}
    async for page in pages(account, "cloudwatch", "DescribeAlarms", parameters, region=region, limit=PAGES):
        if not {f"{name}s" for name in TYPES} & set(page):
            raise garbled("MetricAlarms")
        for name, kind in TYPES.items():
            found.extend(_listed(row, region, kind) for row in rows(page, f"{name}s"))
    return tuple(found)


def of_stack(listed: Sequence[ListedAlarm], own: Collection[str], names: Collection[str]) -> tuple[Alarm, ...]:
    """The alarms of a stack: its resources (`own`), those on its resources' metrics (`names`), composites of these."""
    resources = frozenset(names)
    kept = {_place(one): one for one in listed if one.alarm.name in own or one.broad or one.touches & resources}
    for one in listed:
        if one.rule and any(f'"{name}"' in one.rule or f"({name})" in one.rule for _, name in kept):
            kept[_place(one)] = one
    return tuple(sorted((one.alarm for one in kept.values()), key=lambda alarm: (alarm.region, alarm.name)))


def _place(one: ListedAlarm) -> tuple[str, str]:
    """A name is one alarm's in its region alone."""
    return one.alarm.region, one.alarm.name


def _listed(row: Reply, region: str, kind: str) -> ListedAlarm:
    alarm = Alarm(
        name=need_text(row, "AlarmName"),
        region=region,
        state=need_text(row, "StateValue"),
        since=instant(row, "StateTransitionedTimestamp") or instant(row, "StateUpdatedTimestamp"),
        reason=text(row, "StateReason"),
        actions_enabled=bool(row.get("ActionsEnabled", True)),
        actions=texts(row, "AlarmActions"),
        kind=SafeText(_kind(row, kind)),
        evaluation=text(row, "EvaluationState"),
    )
    return ListedAlarm(
        alarm=alarm,
        touches=frozenset([*_dimensions(row), *_groups(row), *_quoted(row)]),
        rule=text(row, "AlarmRule"),
        broad=alarm.kind == "insights" and not _quoted(row),
    )


def _kind(row: Reply, kind: str) -> str:
    """What a metric alarm stands on, where that is no threshold on a metric: a band, a query."""
    if kind != "metric":
        return kind
    if row.get("ThresholdMetricId"):
        return "anomaly"
    if row.get("EvaluationCriteria"):
        return "query"
    return "insights" if _queries(row) else kind


def _queries(row: Reply) -> list[str]:
    """Metrics Insights queries among the alarm's expressions."""
    found = [str(query.get("Expression") or "").strip() for query in rows(row, "Metrics")]
    return [one for one in found if one[:7].upper() == "SELECT "]


def _quoted(row: Reply) -> list[str]:
    """Values that a query restricts itself to: `WHERE FunctionName = 'manager'`."""
    return [value for query in _queries(row) for value in re.findall(r"'([^']*)'", query)]


def _groups(row: Reply) -> list[str]:
    """Log groups of a log alarm's query, by name (of an ARN the part after `log-group:`), and by the name's end."""
    named = texts(table(row, "ScheduledQueryConfiguration"), "LogGroupIdentifiers")
    names = [one.partition(":log-group:")[2].removesuffix(":*") or str(one) for one in named]
    return [*names, *(name.rpartition("/")[2] for name in names)]


def _dimensions(row: Reply) -> list[str]:
    metrics: list[Any] = [row]
    metrics.extend((query.get("MetricStat") or {}).get("Metric") or {} for query in rows(row, "Metrics"))
    return [str(one.get("Value", "")) for metric in metrics for one in rows(metric, "Dimensions")]
