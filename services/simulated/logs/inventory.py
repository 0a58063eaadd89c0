"""What there is: DescribeLogGroups and DescribeLogStreams."""

from __future__ import annotations

import zlib
from typing import Any

from services.simulated.logs.checks import BAD_TOKEN, arn_of, group_of, invalid, limit_of, now_ms
from services.simulated.logs.group import DAY_MS, Group, minutes
from services.simulated.logs.groups import Groups
from services.simulated.logs.paging import weight
from services.simulated.protocol import Context

LOOKED_BACK_MS = 30 * 60_000
"""How far back generated streams are listed."""

MOST_BEHIND_MS = 20 * 60_000
"""A third of the streams tell of their newest event only after up to so long."""

PAGE = 50


def describe_log_groups(groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Sorted by name; by prefix or by a case-sensitive part of the name, never both."""
    prefix, part = parameters.get("logGroupNamePrefix"), parameters.get("logGroupNamePattern")
    if prefix and part:
        raise invalid("logGroupNamePrefix and logGroupNamePattern cannot be used together.")
    limit = limit_of(parameters, PAGE, PAGE)
    wanted = parameters.get("logGroupClass")
    identifiers = {str(item).split(":log-group:", 1)[-1] for item in parameters.get("logGroupIdentifiers", ())}
    names = [
        group
        for group in groups.all(context.region)
        if group.name.startswith(prefix or "")
        and (part or "") in group.name
        and (not wanted or group.kind == wanted)
        and (not identifiers or group.name in identifiers)
    ]
    chosen, token = _page(names, [group.name for group in names], parameters, limit)
    answer: dict[str, Any] = {"logGroups": [_described(group, context, brief=bool(part)) for group in chosen]}
    return answer | token


def describe_log_streams(groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Streams that callers created, and those that wrote in the last half hour."""
    group = group_of(groups, context, parameters)
    limit = limit_of(parameters, PAGE, PAGE)
    prefix = str(parameters.get("logStreamNamePrefix", ""))
    by_time = parameters.get("orderBy", "LogStreamName") == "LastEventTime"
    if by_time and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    entries = [entry for entry in streams_of(group, now_ms(context)) if entry["logStreamName"].startswith(prefix)]
    entries.sort(key=lambda entry: _order(entry, by_time), reverse=bool(parameters.get("descending")))
    for entry in entries:
        entry["arn"] = f"{arn_of(group, context)}:log-stream:{entry['logStreamName']}"
    chosen, token = _page(entries, [entry["logStreamName"] for entry in entries], parameters, limit)
    return {"logStreams": chosen} | token


def streams_of(group: Group, now: int) -> list[dict[str, Any]]:
    """Stream entries without their ARN."""
    found: dict[str, dict[str, Any]] = {
        stream.name: {"logStreamName": stream.name, "creationTime": stream.created, "storedBytes": 0}
        for stream in group.streams.values()
    }
    oldest = group.oldest(now)
    events = [event for event in group.stored if oldest <= event.timestamp and event.ingestion <= now]
    if group.source is not None:
        for minute in minutes(max(now - LOOKED_BACK_MS, group.created), now):
            events += [one for one in group.source.minute(minute) if one.ingestion <= now and one.timestamp >= oldest]
    for event in events:
        entry = found.setdefault(
            event.stream, {"logStreamName": event.stream, "creationTime": event.timestamp, "storedBytes": 0}
        )
        entry["firstEventTimestamp"] = min(event.timestamp, entry.get("firstEventTimestamp", event.timestamp))
        if event.ingestion > now - _behind(event.stream) and "lastEventTimestamp" in entry:
            continue
        entry["lastEventTimestamp"] = max(event.timestamp, entry.get("lastEventTimestamp", 0))
        entry["lastIngestionTime"] = max(event.ingestion, entry.get("lastIngestionTime", 0))
    for log in group.floods:
        flood = log.flood
        if flood.begins * 1000 < now:
            last = min(now, flood.ends * 1000)
            for name in log.streams:
                begun = {"logStreamName": name, "creationTime": flood.begins * 1000, "storedBytes": 0}
                found[name] = begun | {"firstEventTimestamp": flood.begins * 1000, "lastEventTimestamp": last}
                found[name]["lastIngestionTime"] = last
    return list(found.values())


def _behind(stream: str) -> int:
    """Milliseconds by which a stream's last times are behind: AWS updates them "typically in less than an hour"."""
    draw = zlib.crc32(stream.encode())
    return draw // 3 % MOST_BEHIND_MS if draw % 3 == 0 else 0


def _described(group: Group, context: Context, *, brief: bool) -> dict[str, Any]:
    """All fields, or the three that a search by pattern answers with (aws.md 3.1)."""
    arn = arn_of(group, context)
    answer: dict[str, Any] = {"logGroupName": group.name, "creationTime": group.created, "arn": f"{arn}:*"}
    if brief:
        return answer
    answer |= {
        "metricFilterCount": 0,
        "storedBytes": _stored_bytes(group, now_ms(context)),
        "logGroupClass": group.kind,
        "logGroupArn": arn,
    }
    if group.retention_days is not None:
        answer["retentionInDays"] = group.retention_days
    return answer


def _stored_bytes(group: Group, now: int) -> int:
    """What callers put, and for a generated group a day's worth as the last full minute suggests, times its days."""
    own = sum(weight(event) for event in group.stored)
    # A line of a flood is about 150 bytes long; nobody counts them.
    own += sum(176 * log.count(log.flood.begins, now // 1000) for log in group.floods)
    if group.source is None:
        return own
    minute = (now // 60_000 - 5) * 60
    size = sum(weight(event) for event in group.source.minute(minute))
    return own + size * 1_440 * max(1, (now - group.oldest(now)) // DAY_MS)


def _order(entry: dict[str, Any], by_time: bool) -> tuple[int, str]:
    return (int(entry.get("lastEventTimestamp", 0)) if by_time else 0, str(entry["logStreamName"]))


def _page(
    items: list[Any], names: list[str], parameters: dict[str, Any], limit: int
) -> tuple[list[Any], dict[str, str]]:
    """The items behind the one that the token names, and the token for the rest."""
    token = parameters.get("nextToken")
    begin = 0
    if token:
        if token not in names:
            raise invalid(BAD_TOKEN)
        begin = names.index(token) + 1
    chosen = items[begin : begin + limit]
    more = begin + limit < len(items)
    return chosen, {"nextToken": names[begin + limit - 1]} if more else {}
