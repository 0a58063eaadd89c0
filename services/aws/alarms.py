"""CloudWatch alarms, metric and composite, and which of them are about a stack."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from services.aws.reply import Reply, garbled, instant, need_text, pages, rows, text, texts
from services.aws.session import Account
from services.model.alarms import Alarm
from services.safe_text import SafeText

PAGES = 10
"""A hundred alarms a page."""


class ListedAlarm(msgspec.Struct, frozen=True):
    """An alarm with what tells whose it is."""

    alarm: Alarm
    touches: frozenset[str]
    """Every dimension value of its metrics."""
    rule: str = ""
    """A composite alarm's rule, which names other alarms."""


async def describe(account: Account, region: str) -> tuple[ListedAlarm, ...]:
    """All alarms of one region. Raises AccountError.

    Without AlarmTypes AWS leaves composite alarms out (aws.md 2.2).
    """
    found: list[ListedAlarm] = []
    parameters = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100}
    async for page in pages(account, "cloudwatch", "DescribeAlarms", parameters, region=region, limit=PAGES):
        if "MetricAlarms" not in page and "CompositeAlarms" not in page:
            raise garbled("MetricAlarms")
        found.extend(_listed(row, region, "metric") for row in rows(page, "MetricAlarms"))
        found.extend(_listed(row, region, "composite") for row in rows(page, "CompositeAlarms"))
    return tuple(found)


def of_stack(listed: Sequence[ListedAlarm], own: Collection[str], names: Collection[str]) -> tuple[Alarm, ...]:
    """The alarms of a stack: its resources (`own`), those on its resources' metrics (`names`), composites of these."""
    resources = frozenset(names)
    kept = {one.alarm.name: one for one in listed if one.alarm.name in own or one.touches & resources}
    for one in listed:
        if one.rule and any(f'"{name}"' in one.rule or f"({name})" in one.rule for name in kept):
            kept[one.alarm.name] = one
    return tuple(sorted((one.alarm for one in kept.values()), key=lambda alarm: (alarm.region, alarm.name)))


def _listed(row: Reply, region: str, kind: str) -> ListedAlarm:
    alarm = Alarm(
        name=need_text(row, "AlarmName"),
        region=region,
        state=need_text(row, "StateValue"),
        since=instant(row, "StateTransitionedTimestamp") or instant(row, "StateUpdatedTimestamp"),
        reason=text(row, "StateReason"),
        actions_enabled=bool(row.get("ActionsEnabled", True)),
        actions=texts(row, "AlarmActions"),
        kind=SafeText(kind),
    )
    return ListedAlarm(alarm=alarm, touches=frozenset(_dimensions(row)), rule=text(row, "AlarmRule"))


def _dimensions(row: Reply) -> list[str]:
    metrics: list[Any] = [row]
    metrics.extend((query.get("MetricStat") or {}).get("Metric") or {} for query in rows(row, "Metrics"))
    return [str(one.get("Value", "")) for metric in metrics for one in rows(metric, "Dimensions")]
