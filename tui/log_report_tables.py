"""What a runbook's search has found, added up: the table that stands above its lines. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import zip_longest

from services.log_reports.invocations import invocations
from services.log_reports.security import refusals, sign_ins, trail_errors
from services.model.insights import Cell
from services.model.logs import LogLine
from services.safe_text import SafeText
from widgets.log_report import LogTable
from widgets.wording import grouped

Counted = tuple[tuple[SafeText, int], ...]


def report(preset: str, lines: Sequence[LogLine]) -> LogTable | None:
    """The table of a preset, by its id; None: it has none, or nothing was found."""
    made = _REPORTS.get(preset)
    return made(lines) if made is not None and lines else None


def _memory(lines: Sequence[LogLine]) -> LogTable | None:
    found = invocations(lines)
    if not found.count:
        return None
    row = (
        float(found.count), float(found.memory_mb), float(found.most_used_mb), found.median_used_mb,
        found.billed_ms, found.longest_ms, float(found.cold_starts), found.longest_init_ms,
    )  # fmt: skip
    fields = ("reports", "MB set", "most used", "median", "ms billed", "longest", "cold starts", "longest init")
    return LogTable(f"memory used: median {found.median_used_mb:.0f}, most {found.most_used_mb} of {found.memory_mb} MB"
                    f" · {found.headroom:.0%} never used", fields, (row,))  # fmt: skip


def _trail(lines: Sequence[LogLine]) -> LogTable:
    found = trail_errors(lines)
    rows = [(datetime.fromtimestamp(one.at / 1000, UTC), one.error, one.event, one.address, one.who) for one in found]
    return LogTable(f"{grouped(len(found))} calls with an error", ("time", "error", "event", "address", "who"), rows)


def _sign_ins(lines: Sequence[LogLine]) -> LogTable:
    found = sign_ins(lines)
    return LogTable(
        f"{grouped(found.failed)} failed sign-ins{_unparsed(found.unparsed)}",
        ("failed", "user", "failed", "address"),
        _beside(found.users, found.addresses),
    )


def _refused(lines: Sequence[LogLine]) -> LogTable:
    found = refusals(lines)
    refused, others = (sum(count for _, count in one) for one in (found.refused, found.others))
    return LogTable(
        f"{grouped(refused)} refused with 401 or 403, {grouped(others)} other 4xx{_unparsed(found.unparsed)}",
        ("401, 403", "address", "other 4xx", "address"),
        _beside(found.refused, found.others),
    )


def _beside(one: Counted, other: Counted) -> list[tuple[Cell, ...]]:
    """Two counts side by side."""
    nothing: tuple[SafeText, int] | tuple[None, None] = (None, None)
    return [(*_counted(*left), *_counted(*right)) for left, right in zip_longest(one, other, fillvalue=nothing)]


def _counted(name: SafeText | None, count: int | None) -> tuple[Cell, Cell]:
    return (float(count) if count is not None else None, name)


def _unparsed(count: int) -> str:
    return f" · {grouped(count)} not parsed" if count else ""


_REPORTS: dict[str, Callable[[Sequence[LogLine]], LogTable | None]] = {
    "reports": _memory,
    "trail": _trail,
    "sign-ins": _sign_ins,
    "unauthorised": _refused,
    "api": _refused,
}
