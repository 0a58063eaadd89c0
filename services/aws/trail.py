"""CloudTrail's event history: who changed what, also past the stack and past us (aws.md 3.6).

LookupEvents is free, works without a trail, keeps 90 days, tells of an event about five and up to fifteen minutes
late, and allows two calls a second to everybody in the account and region.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.aws.reply import Reply, garbled, instant, need, need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.witness import RecordedWrite
from services.safe_text import SafeText, safe

PAGES = 10
"""Fifty events a page: a look at the start follows no more of them."""

_ATTRIBUTES = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
"""The one filter that a call may have (aws.md 3.6): events that changed something, or meant to."""


async def writes(
    account: Account, region: str, since: datetime, until: datetime
) -> tuple[tuple[RecordedWrite, ...], bool]:
    """The mutating events of [since, until] in one region, newest first, and whether these are all of them.

    Raises AccountError.
    """
    found: list[RecordedWrite] = []
    asked = {"LookupAttributes": _ATTRIBUTES, "StartTime": since, "EndTime": until, "MaxResults": 50}
    whole = True
    async for page in pages(account, "cloudtrail", "LookupEvents", asked, region=region, limit=PAGES):
        need(page, "Events", list)
        found.extend(_write(row) for row in rows(page, "Events") if str(row.get("ReadOnly", "false")) != "true")
        whole = not page.get("NextToken")
    return tuple(found), whole


def _write(row: Reply) -> RecordedWrite:
    at = instant(row, "EventTime")
    if at is None:
        raise garbled("the EventTime of a trail's event")
    told = _record(row)
    by = table(told, "userIdentity")
    named = rows(row, "Resources")
    return RecordedWrite(
        at=at,
        service=safe(need_text(row, "EventSource").removesuffix(".amazonaws.com"), 60),
        operation=safe(need_text(row, "EventName"), 120),
        who=safe(text(row, "Username") or text(by, "arn").rpartition("/")[2] or text(by, "type"), 120),
        resource=_short(text(named[0], "ResourceName")) if named else SafeText(""),
        by_service=text(by, "invokedBy"),
        error=text(told, "errorCode"),
        id=str(text(row, "EventId")),
    )


def _short(name: SafeText) -> SafeText:
    """An ARN's last part: the name that a person knows it by."""
    return safe(name.rpartition(":")[2] if name.startswith("arn:") else name, 120)


def _record(row: Reply) -> Mapping[str, Any]:
    """CloudTrailEvent, JSON in a text; whatever else it is says nothing."""
    try:
        found = json.loads(str(row.get("CloudTrailEvent") or "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
