"""Logs Insights: a query is started once, looked after until it is over, and stopped when nobody waits any more.

A query is paid by the byte that it scans (aws.md 3.4): so it is never sent twice, its price is estimated before and
told after, and leaving it stops it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from services.aws.reply import garbled, need_text, number, rows, table, text
from services.aws.session import Account
from services.model.insights import Cell, InsightsPrice, InsightsQuery, InsightsResult, QueryStatus
from services.model.logs import LogGroup
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import SafeText, safe

GROUPS_MOST = 50
LOOK_S = 1.0
"""Seconds of the account's time between two looks at a running query."""

LOOKS_FAIL = 5
"""Looks in a row that may fail before the query is given up."""

PAGES_MOST = 20
GB = 1_000_000_000
DAY_MS = 86_400_000

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\Z")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\Z")
_WHY = {
    QueryStatus.FAILED: "AWS could not finish the query",
    QueryStatus.CANCELLED: "the query was cancelled",
    QueryStatus.TIMEOUT: "the query took longer than AWS lets one run",
}


def price(query: InsightsQuery, groups: Iterable[LogGroup], per_gb: float, now: int) -> InsightsPrice:
    """What `query` may cost: of each group's stored bytes the share that its window is of what the group keeps.

    An estimate: stored bytes are told with a day's delay, and lines do not come evenly. `now`: epoch milliseconds.
    """
    known = {str(group.name): group for group in groups}
    total = 0.0
    for name in query.groups:
        group = known.get(name)
        if group is not None:
            begins = _begins(group, now)
            covered = max(0, min(query.end, now) - max(query.start, begins))
            total += group.stored_bytes * min(1.0, covered / max(1, now - begins))
    unknown = tuple(name for name in query.groups if name not in known)
    return InsightsPrice(round(total), total / GB * per_gb, unknown)


async def run(
    account: Account, query: InsightsQuery, per_gb: float, told: Callable[[InsightsResult], None] = lambda result: None
) -> InsightsResult:
    """The query's result. `told` is called with each look at it. Raises AccountError.

    Cancelled, it stops the query: what is not waited for is not paid for any longer.
    """
    identity = await _started(account, query)
    over = False
    try:
        failures = 0
        while True:
            try:
                result = await _look(account, identity, per_gb)
            except AccountError as error:
                failures += 1
                if not error.problem.passing or failures >= LOOKS_FAIL:
                    raise
                await account.clock.sleep(LOOK_S * 2**failures)
                continue
            failures = 0
            told(result)
            over = result.status.over
            if result.status is QueryStatus.COMPLETE:
                return result
            if over:
                raise AccountError(_ended(result))
            await account.clock.sleep(LOOK_S)
    finally:
        if not over:
            with suppress(AccountError):
                await asyncio.shield(account.ask("logs", "StopQuery", {"queryId": identity}))


async def _started(account: Account, query: InsightsQuery) -> SafeText:
    if len(query.groups) > GROUPS_MOST:
        message = safe(f"Logs Insights takes {GROUPS_MOST} groups at most, not {len(query.groups)}")
        raise AccountError(Problem(ProblemKind.REFUSED, message, remedy="Name fewer groups."))
    asked = {
        "logGroupNames": list(query.groups),
        "queryString": query.text,
        "startTime": query.start // 1000,
        "endTime": -(-query.end // 1000),
        "limit": query.limit,
    }
    try:
        reply = await account.ask("logs", "StartQuery", asked, once=True)
    except AccountError as error:
        raise AccountError(_malformed(error)) from error
    return need_text(reply, "queryId")


def _malformed(error: AccountError) -> Problem:
    """A query that is not understood, with the place of it; any other problem as it is."""
    response = getattr(error.__cause__, "response", None)
    if error.problem.code != "MalformedQueryException" or not isinstance(response, Mapping):
        return error.problem
    about = table(response, "queryCompileError")
    place = table(about, "location")
    first, last = place.get("startCharOffset"), place.get("endCharOffset")
    where = f" at character {first + 1}" if isinstance(first, int) else ""
    if isinstance(first, int) and isinstance(last, int) and last > first + 1:
        where = f" at characters {first + 1} to {last}"
    what = text(about, "message") or error.problem.message
    return Problem(
        ProblemKind.REFUSED,
        safe(f"the query is not understood{where}: {what}", 600),
        operation=error.problem.operation,
        code=error.problem.code,
        remedy="Correct it there; nothing was scanned.",
    )


async def _look(account: Account, identity: SafeText, per_gb: float) -> InsightsResult:
    """The query as it stands, every page of its rows."""
    asked: dict[str, Any] = {"queryId": identity}
    found: list[Mapping[str, Any]] = []
    for _ in range(PAGES_MOST):
        reply = await account.ask("logs", "GetQueryResults", asked)
        if not isinstance(reply.get("results"), list):
            raise garbled("results")
        found += [_row(row) for row in reply["results"] if isinstance(row, list)]
        token = reply.get("nextToken")
        if not token or token == asked.get("nextToken"):
            break
        asked["nextToken"] = token
    fields = tuple(dict.fromkeys(SafeText(name) for row in found for name in row))
    told = table(reply, "statistics")
    scanned = number(told, "bytesScanned")
    return InsightsResult(
        id=identity,
        status=_status(need_text(reply, "status")),
        fields=fields,
        rows=tuple(tuple(row.get(name) for name in fields) for row in found),
        matched=number(told, "recordsMatched"),
        scanned=number(told, "recordsScanned"),
        bytes=scanned,
        dollars=scanned / GB * per_gb,
    )


def _row(cells: list[Any]) -> dict[str, Cell]:
    """One row by column. `@ptr`, a handle for GetLogRecord, is no value."""
    told = rows({"cells": cells}, "cells")
    return {text(one, "field"): cell(text(one, "value")) for one in told if one.get("field") != "@ptr"}


def cell(value: SafeText) -> Cell:
    """A value of Insights, which sends all of them as texts."""
    if _NUMBER.match(value) and len(value) < 16:
        return float(value)
    if _INSTANT.match(value):
        with suppress(ValueError):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def _status(word: str) -> QueryStatus:
    return QueryStatus(word) if word in set(QueryStatus) else QueryStatus.UNKNOWN


def _ended(result: InsightsResult) -> Problem:
    return Problem(
        ProblemKind.REFUSED if result.status is QueryStatus.CANCELLED else ProblemKind.FAILING,
        safe(f"{_WHY[result.status]}; {result.bytes:,} bytes were scanned"),
        operation="logs:GetQueryResults",
        remedy="Ask again with a shorter window or fewer groups.",
    )


def _begins(group: LogGroup, now: int) -> int:
    """Since when a group has lines: its creation, or what retention keeps, whichever is later."""
    kept = now - group.retention_days * DAY_MS if group.retention_days else 0
    return max(kept, group.created or 0)
