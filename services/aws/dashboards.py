"""CloudWatch dashboards: which there are, what one of them consists of, and the alarms it names."""

from __future__ import annotations

from collections.abc import Sequence

from services.aws.reply import Reply, instant, need, need_text, number, pages, rows, text, texts
from services.aws.session import Account
from services.model.alarms import Alarm
from services.model.dashboards import ListedDashboard
from services.safe_text import SafeText

PAGES = 20
"""A thousand dashboards a page."""

ALARMS_A_CALL = 100


async def listed(account: Account) -> tuple[ListedDashboard, ...]:
    """Every dashboard of the account, by name; they belong to no region. Raises AccountError."""
    found: list[ListedDashboard] = []
    async for page in pages(account, "cloudwatch", "ListDashboards", {}, limit=PAGES):
        need(page, "DashboardEntries", list)
        for row in rows(page, "DashboardEntries"):
            name = need_text(row, "DashboardName")
            found.append(ListedDashboard(name, instant(row, "LastModified"), number(row, "Size")))
    return tuple(sorted(found, key=lambda one: one.name))


async def body(account: Account, name: str) -> str:
    """The body of one dashboard as it was put: JSON, and nobody has looked at it. Raises AccountError."""
    reply = await account.ask("cloudwatch", "GetDashboard", {"DashboardName": name})
    return need(reply, "DashboardBody", str)


async def alarms(account: Account, region: str, names: Sequence[str]) -> tuple[Alarm, ...]:
    """Those of the named alarms that exist. Raises AccountError."""
    found: list[Alarm] = []
    for first in range(0, len(names), ALARMS_A_CALL):
        parameters = {
            "AlarmNames": list(names[first : first + ALARMS_A_CALL]),
            "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        }
        async for page in pages(account, "cloudwatch", "DescribeAlarms", parameters, region=region, limit=4):
            found += [_alarm(row, region, "metric") for row in rows(page, "MetricAlarms")]
            found += [_alarm(row, region, "composite") for row in rows(page, "CompositeAlarms")]
    return tuple(found)


def _alarm(row: Reply, region: str, kind: str) -> Alarm:
    return Alarm(
        name=need_text(row, "AlarmName"),
        region=region,
        state=need_text(row, "StateValue"),
        since=instant(row, "StateTransitionedTimestamp") or instant(row, "StateUpdatedTimestamp"),
        reason=text(row, "StateReason"),
        actions_enabled=row.get("ActionsEnabled") is not False,
        actions=texts(row, "AlarmActions"),
        kind=SafeText(kind),
    )
