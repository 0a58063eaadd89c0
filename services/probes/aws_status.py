"""What AWS says of itself: its public list of current events, which needs no account (aws.md 6.3, decisions E13).

The runbook's page (line 961) is a script by now, in which nothing is found by grep: an empty answer there looks like
health. The list is JSON in UTF-16. Whatever cannot be read is unknown, and said with its reason.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from services.clock import Clock
from services.model.outage import AwsEvent, AwsStatus
from services.probes.asking import one_question
from services.probes.health import CONNECT_S, reason
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind

WHOLE_S = 10.0
"""Machine seconds for all of it."""

LIMIT = 8_000_000
"""Bytes of a list that are read; a longer one is none."""

USER_AGENT = "ec2-manager-cockpit (AWS status)"

RESOLVED = "0"

_REGION = re.compile(r"-([a-z]{2}(?:-[a-z]+)+-[0-9])$")


async def current(environment: Environment, clock: Clock, *, whole_s: float = WHOLE_S) -> AwsStatus:
    """Ask once. Never raises but for a cancellation. A sandbox's endpoint is asked in the place of the real host."""
    at, url = clock.now(), environment.aws_status_url
    if not url:
        return AwsStatus(at, problem=safe("no aws_status_url is configured"))
    parts = urlsplit(url)
    if environment.kind is EnvironmentKind.SANDBOX:
        url = f"{environment.endpoint_url.rstrip('/')}{parts.path or '/'}"
    headers = {
        "Host": parts.netloc,
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    try:
        async with (
            one_question(CONNECT_S, whole_s) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                return AwsStatus(at, problem=safe(f"{parts.netloc} answered HTTP {answer.status}"))
            body = b""
            async for piece in answer.content.iter_chunked(65_536):
                body += piece
                if len(body) > LIMIT:
                    return AwsStatus(at, problem=safe(f"the answer of {parts.netloc} is too long"))
        return AwsStatus(at, events(body))
    except ValueError as error:
        return AwsStatus(at, problem=safe(f"the answer of {parts.netloc} is not AWS's list: {error}", 200))
    except Exception as error:
        # The edge: whatever the network does is what is asked for here.
        return AwsStatus(at, problem=safe(f"{parts.netloc}: {reason(error, CONNECT_S, whole_s)}", 200))


def events(body: bytes) -> tuple[AwsEvent, ...]:
    """What is open, in the list's order. Raises ValueError for anything but a list of events."""
    rows = msgspec.json.decode(_text(body).encode())
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("no list of events")
    return tuple(_event(row) for row in rows if str(row.get("status", "")) != RESOLVED)


def _text(body: bytes) -> str:
    """By its byte order mark: UTF-16 of either order, else UTF-8."""
    if body.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return body.decode("utf-16")
    return body.decode("utf-8-sig")


def _event(row: Mapping[str, object]) -> AwsEvent:
    service = str(row.get("service") or row.get("service_name") or "a service")
    found = _REGION.search(service)
    return AwsEvent(
        service=safe(service[: found.start()] if found else service, 80),
        region=found.group(1) if found else "",
        summary=safe(row.get("summary") or "no summary", 300),
        since=_instant(row.get("date")),
    )


def _instant(value: object) -> datetime | None:
    """Epoch seconds, as a number or its digits."""
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
