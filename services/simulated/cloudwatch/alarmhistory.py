"""DescribeAlarmHistory: made from the course of an alarm's states, for the two weeks that AWS keeps it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import msgspec

from services.simulated.cloudwatch import checks
from services.simulated.cloudwatch.alarmbook import AlarmBook
from services.simulated.cloudwatch.alarms import Alarm, history_data
from services.simulated.cloudwatch.checks import moment
from services.simulated.protocol import Context

_KEPT = 14 * 86_400
_PAGE = 50
_MOST = 100


class _Item(msgspec.Struct, frozen=True):
    at: float
    alarm: str
    type: str
    kind: str
    summary: str
    data: str


def describe_alarm_history(book: AlarmBook, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """The operation: newest first unless ScanBy says otherwise; metric alarms only unless AlarmTypes asks for more."""
    now = context.now.timestamp()
    types = parameters.get("AlarmTypes") or ["MetricAlarm"]
    wanted, kind = parameters.get("AlarmName"), parameters.get("HistoryItemType")
    since = checks.epoch(parameters["StartDate"]) if parameters.get("StartDate") is not None else now - _KEPT
    until = checks.epoch(parameters["EndDate"]) if parameters.get("EndDate") is not None else now
    size = int(parameters.get("MaxRecords") or _PAGE)
    if not 1 <= size <= _MOST:
        raise checks.validation(f"The parameter MaxRecords must be between 1 and {_MOST}.")
    items = [
        item
        for alarm in book.all(context.region, now)
        if wanted in (None, alarm.name) and alarm.type in types
        for item in _items(alarm)
        if kind in (None, item.kind) and max(since, now - _KEPT) <= item.at <= until
    ]
    items.sort(key=lambda item: item.at, reverse=parameters.get("ScanBy") != "TimestampAscending")
    page, token = checks.page_of(items, parameters.get("NextToken"), size)
    answer: dict[str, Any] = {"AlarmHistoryItems": [_shape(item) for item in page]}
    return answer | ({"NextToken": token} if token else {})


def _items(alarm: Alarm) -> list[_Item]:
    created = json.dumps({"version": "1.0", "type": "Create"})
    found = [_item(alarm, alarm.created, "ConfigurationUpdate", f'Alarm "{alarm.name}" created', created)]
    if alarm.configured != alarm.created:
        updated = json.dumps({"version": "1.0", "type": "Update"})
        found.append(_item(alarm, alarm.configured, "ConfigurationUpdate", f'Alarm "{alarm.name}" updated', updated))
    for old, new in pairwise(alarm.changes):
        summary = f"Alarm updated from {old.state} to {new.state}"
        found.append(_item(alarm, new.at, "StateUpdate", summary, history_data(old, new)))
        for action in alarm.actions(new.state) if alarm.enabled else ():
            data = json.dumps({"actionState": "Succeeded", "notificationResource": action})
            found.append(_item(alarm, new.at, "Action", f"Successfully executed action {action}", data))
    return found


def _item(alarm: Alarm, at: float, kind: str, summary: str, data: str) -> _Item:
    return _Item(at, alarm.name, alarm.type, kind, summary, data)


def _shape(item: _Item) -> dict[str, Any]:
    return {
        "AlarmName": item.alarm,
        "AlarmType": item.type,
        "Timestamp": moment(item.at),
        "HistoryItemType": item.kind,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    }
