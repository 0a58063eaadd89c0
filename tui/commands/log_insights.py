"""`cockpit logs --insights`: a query of Logs Insights, its price on standard error, its rows on standard output."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from services.aws.insights import price, run
from services.aws.session import Account
from services.model.insights import Cell, InsightsPrice, InsightsQuery, InsightsResult
from services.model.log_sources import LogSources
from services.plural import several
from services.problems import AccountError, ConfigurationError
from services.settings.values import Prices
from services.watch.log_choice import LogChoice
from tui.commands.log_output import Output
from tui.commands.output import table
from tui.insights_line import dollars, size

VERSION = 1
"""Of a row's JSON."""

OK = 0


async def queried(
    account: Account,
    wanted: InsightsQuery,
    there: LogSources,
    prices: Prices,
    output: Output,
    say: Callable[[str], None],
    *,
    as_json: bool,
) -> int:
    """Run the query and print its rows; the exit code. Raises AccountError."""
    now = int(account.clock.now().timestamp() * 1000)
    say(estimate(price(wanted, there.groups, prices.insights_gb, now)))
    try:
        found = await run(account, wanted, prices.insights_gb)
    except AccountError as error:
        if error.problem.code == "MalformedQueryException":
            raise ConfigurationError(f"--insights: {error.problem.message}") from error
        raise
    output.put(_json(found) if as_json else _text(found))
    say(
        f"{several(len(found.rows), 'row')} of {several(found.scanned, 'line')}; "
        f"{size(found.bytes)} scanned, {dollars(found.dollars)} by the list price"
    )
    return OK


def named(chosen: LogChoice) -> tuple[str, ...]:
    """The groups to query: those that cannot be tailed, too."""
    return (*(group.name for group in chosen.groups), *chosen.unreadable)


def estimate(found: InsightsPrice) -> str:
    """`about 1.2 GB to scan, $0.006: an estimate from …`."""
    rest = f"; {several(len(found.unknown), 'group')} of unknown size on top" if found.unknown else ""
    share = "an estimate: each group's stored bytes by the window's share of what it keeps"
    return f"about {size(found.bytes)} to scan, {dollars(found.dollars)} ({share}{rest})"


def _json(found: InsightsResult) -> bytes:
    rows = [dict(zip(found.fields, row, strict=True)) for row in found.rows]
    return b"".join(msgspec.json.encode({"version": VERSION, "row": row}) + b"\n" for row in rows)


def _text(found: InsightsResult) -> bytes:
    if not found.rows:
        return b""
    lines = table(found.fields, [[_shown(value) for value in row] for row in found.rows], False)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _shown(value: Cell) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e15 and value != int(value) else _whole(value)


def _whole(value: str | float) -> str:
    return f"{int(value)}" if isinstance(value, float) else value
