"""What callers change: groups, streams, retention, their own events."""

from __future__ import annotations

from typing import Any

from services.log_patterns.operands import PatternError
from services.log_patterns.patterns import compile_pattern
from services.simulated.logs.checks import NO_STREAM, group_of, invalid, not_found, now_ms
from services.simulated.logs.group import DAY_MS, Stream
from services.simulated.logs.groups import Groups
from services.simulated.logs.paging import EVENT_OVERHEAD
from services.simulated.protocol import AwsError, Context

RETENTIONS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
"""The only numbers of days that PutRetentionPolicy takes (aws.md 3.6)."""

BATCH_BYTES = 1_048_576
BATCH_EVENTS = 10_000
OLDEST_MS = 14 * DAY_MS
NEWEST_MS = 2 * 3_600_000


def create_log_group(groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
    name = str(parameters["logGroupName"])
    if groups.find(context.region, name) is not None:
        raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
    groups.create(context.region, name, context.now, str(parameters.get("logGroupClass", "STANDARD")))


def delete_log_group(groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
    groups.delete(context.region, group_of(groups, context, parameters).name)


def create_log_stream(groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
    group = group_of(groups, context, parameters)
    name = str(parameters["logStreamName"])
    if name in group.streams:
        raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
    group.streams[name] = Stream(name, now_ms(context))


def delete_log_stream(groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
    group = group_of(groups, context, parameters)
    name = str(parameters["logStreamName"])
    if group.streams.pop(name, None) is None:
        raise not_found(NO_STREAM)
    group.stored = [event for event in group.stored if event.stream != name]
    group.arrivals = None


def put_retention_policy(groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
    days = int(parameters["retentionInDays"])
    if days not in RETENTIONS:
        raise invalid(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {sorted(RETENTIONS)}"
        )
    group_of(groups, context, parameters).keep(days, now_ms(context))


def delete_retention_policy(groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
    group_of(groups, context, parameters).keep(None, now_ms(context))


def put_log_events(groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """A batch in chronological order; events too old or too far ahead are rejected and named, the rest is kept."""
    group = group_of(groups, context, parameters)
    stream = group.streams.get(str(parameters["logStreamName"]))
    if stream is None:
        raise not_found(NO_STREAM)
    events = parameters["logEvents"]
    _check_batch(events)
    now = now_ms(context)
    expired = group.oldest(now) if group.retention_days is not None else 0
    rejected: dict[str, int] = {}
    for index, event in enumerate(events):
        at = int(event["timestamp"])
        if at < now - OLDEST_MS:
            rejected["tooOldLogEventEndIndex"] = index + 1
        elif at < expired:
            rejected["expiredLogEventEndIndex"] = index + 1
        elif at > now + NEWEST_MS:
            rejected.setdefault("tooNewLogEventStartIndex", index)
        else:
            group.put(stream.name, at, _utf8(str(event["message"])), now)
    answer: dict[str, Any] = {"nextSequenceToken": f"{len(group.stored):056d}"}
    return answer | ({"rejectedLogEventsInfo": rejected} if rejected else {})


def _utf8(message: str) -> str:
    """The message with what is no character replaced, as whatever is no UTF-8 comes out of CloudWatch Logs."""
    return message.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_metric_filter(groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Which of the given messages a pattern matches."""
    try:
        matches = compile_pattern(str(parameters["filterPattern"]))
    except PatternError as error:
        raise invalid(str(error)) from None
    return {
        "matches": [
            {"eventNumber": number, "eventMessage": message, "extractedValues": {}}
            for number, message in enumerate(parameters["logEventMessages"], 1)
            if matches(message)
        ]
    }


def _check_batch(events: list[dict[str, Any]]) -> None:
    if not 1 <= len(events) <= BATCH_EVENTS:
        raise invalid(
            f"1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length "
            f"{'greater than or equal to 1' if not events else f'less than or equal to {BATCH_EVENTS}'}"
        )
    times = [int(event["timestamp"]) for event in events]
    if times != sorted(times):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if times[-1] - times[0] > DAY_MS:
        raise invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    sizes = [len(str(event["message"]).encode("utf-8", "replace")) + EVENT_OVERHEAD for event in events]
    if min(sizes) == EVENT_OVERHEAD:
        raise invalid("Log event message must not be empty.")
    if max(sizes) > BATCH_BYTES:
        raise invalid(f"Log event too large: {max(sizes)} bytes exceeds limit of {BATCH_BYTES}")
    if sum(sizes) > BATCH_BYTES:
        raise invalid(f"Upload too large: {sum(sizes)} bytes exceeds limit of {BATCH_BYTES}")
