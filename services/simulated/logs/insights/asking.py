"""What StartQuery asks: which groups, and which stretch of time."""

from __future__ import annotations

from typing import Any

from services.simulated.logs.checks import allowed, group_of, invalid, name_in, now_ms
from services.simulated.logs.group import Group
from services.simulated.logs.groups import Groups
from services.simulated.logs.insights.running import Span
from services.simulated.logs.insights.tokens import malformed
from services.simulated.protocol import Context

GROUPS = 50
"""Log groups of one query (the service's model)."""


def groups_of(groups: Groups, context: Context, parameters: dict[str, Any]) -> tuple[Group, ...]:
    """The groups that are named, each once. Refused in AWS's words."""
    given = [name for name in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if parameters.get(name)]
    if len(given) != 1:
        raise invalid("Exactly one of logGroupName, logGroupNames, or logGroupIdentifiers must be specified.")
    named = parameters[given[0]]
    names = [named] if isinstance(named, str) else [name_in(str(one)) for one in named]
    if len(names) > GROUPS:
        raise invalid(f"At most {GROUPS} log groups can be queried at once.")
    chosen = tuple(group_of(groups, context, {"logGroupName": name}) for name in dict.fromkeys(names))
    for group in chosen:
        allowed(group, context)
        if group.kind == "DELIVERY":
            raise invalid("Log groups in the DELIVERY log class cannot be queried.")
    return chosen


def span_of(chosen: tuple[Group, ...], context: Context, parameters: dict[str, Any]) -> Span:
    """From whole seconds to the milliseconds that are read. Refused when nothing of it is kept any more."""
    start, end = int(parameters["startTime"]) * 1000, int(parameters["endTime"]) * 1000 + 999
    if start > end:
        raise invalid("startTime must not be later than endTime.")
    now = now_ms(context)
    kept = min(max(group.created, now - (group.retention_days or 36_500) * 86_400_000) for group in chosen)
    if end < kept:
        retentions = ",".join(str(group.retention_days or 0) for group in chosen)
        raise malformed(
            "Query's end date and time is either before the log groups creation time or exceeds the log groups log "
            f"retention settings ([{retentions}])",
            0,
            len(str(parameters["queryString"])),
        )
    oldest = min(group.oldest(now) for group in chosen)
    newest = max([now, *(group.newest_stored() for group in chosen)])
    return Span(chosen, max(start, oldest), min(end, newest), now, context.account)
