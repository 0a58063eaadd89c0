"""From one line to what belongs to it: linked request ids, the function's version, the change before it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from services.line_search.fields import document
from services.model.changes import Change, ChangeKind
from services.model.logs import LogLine
from widgets.log_alike import shape_of
from widgets.log_ring import LogRing

AROUND_MS = 15 * 60_000
"""How far around a line its request is looked for: an invocation takes at most that long."""

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_GATEWAY = re.compile(rf"\(({_UUID})\) AWS Integration Endpoint RequestId : ({_UUID})")
_START = re.compile(r"START RequestId: (\S+) Version: (\S+)")
_LINKS = ("requestId", "integrationRequestId", "request_id")

CODE = (ChangeKind.ALIAS, ChangeKind.VERSION, ChangeKind.ROLLBACK)
DEPLOYS = (ChangeKind.STACK, ChangeKind.STAGE, ChangeKind.CONFIGURATION, ChangeKind.CONTENT)


def linked(texts: Iterable[str], ids: set[str]) -> set[str]:
    """Other ids of the same request: API Gateway and the function each have one, and some lines hold both."""
    found: set[str] = set()
    for text in texts:
        if not any(one in text for one in ids):
            continue
        pair = _GATEWAY.search(text)
        if pair is not None:
            found |= {pair[1], pair[2]}
        fields: Mapping[str, object] = document(text) or {} if text.startswith("{") else {}
        found |= {value for name in _LINKS if isinstance(value := fields.get(name), str) and re.fullmatch(_UUID, value)}
    return found - ids


def any_of(ids: Iterable[str]) -> str:
    """A filter pattern for lines with one of these ids or more."""
    quoted = [f'"{one}"' for one in sorted(ids)]
    return quoted[0] if len(quoted) == 1 else " ".join(f"?{one}" for one in quoted)


def taken(ring: LogRing, places: Iterable[int]) -> list[LogLine]:
    """Lines of a ring as the watch hands them over."""
    rows = (ring[place] for place in places)
    return [LogLine(row.at, row.group, row.level, row.text, "", row.request, row.late) for row in rows]


def of_request(ring: LogRing, ids: set[str]) -> list[LogLine]:
    """The lines of a ring that hold one of these ids."""
    return taken(ring, sorted({place for one in ids for place in ring.holding(one)}))


def merged(one: Sequence[LogLine], other: Sequence[LogLine]) -> list[LogLine]:
    """Both, in order of time; a line that is in both is there once, as often as in the one that has it more often."""
    counts: dict[tuple[int, str, str], int] = {}
    found = list(one)
    for line in one:
        key = (line.at, line.group, line.text)
        counts[key] = counts.get(key, 0) + 1
    for line in other:
        key = (line.at, line.group, line.text)
        if counts.get(key, 0):
            counts[key] -= 1
        else:
            found.append(line)
    return sorted(found, key=lambda line: line.at)


def version_of(texts: Iterable[str], request: str) -> str:
    """The function version that answered a request, from its START line or its JSON; empty: not told."""
    for text in texts:
        start = _START.search(text)
        if start is not None and start[1] == request:
            return start[2]
    for text in texts:
        if request in text:
            fields: Mapping[str, object] = document(text) or {}
            version = fields.get("version", fields.get("function_version", fields.get("functionVersion")))
            if isinstance(version, int | str) and str(version):
                return str(version)[:40]
    return ""


def newest_deploy(changes: Sequence[Change], now: datetime) -> Change | None:
    """The newest change of what runs: other code before anything else that a deployment did. None: none is known."""
    done = [change for change in changes if change.at <= now]
    for kinds in (CODE, DEPLOYS):
        found = [change for change in done if change.kind in kinds]
        if found:
            return max(found, key=lambda change: change.at)
    return None


def count_alike(lines: Iterable[LogLine], shape: str, start: int, end: int) -> int:
    """Lines of one shape from `start` up to, not including, `end`; epoch milliseconds."""
    return sum(start <= line.at < end and shape_of(line.text) == shape for line in lines)


def instant(text: str, now: datetime) -> datetime | None:
    """The time that somebody typed: `03:07`, `03:07:12`, `2026-11-22 03:07`, `15m`, `2h`, `1d` ago; None: no time.

    A time of day is the newest such moment that is not in the future. Times are UTC.
    """
    text = text.strip().lower().removesuffix("z").replace("t", " ", 1) if ":" in text else text.strip().lower()
    ago = re.fullmatch(r"-?(\d{1,5})\s*([smhd])", text)
    if ago is not None:
        seconds = int(ago[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[ago[2]]
        return now - timedelta(seconds=seconds) if seconds <= 400 * 86_400 * 10 else None
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M:%S", "%H:%M"):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if form.startswith("%Y"):
            return found
        today = now.astimezone(UTC).replace(hour=found.hour, minute=found.minute, second=found.second, microsecond=0)
        return today if today <= now else today - timedelta(days=1)
    return None
