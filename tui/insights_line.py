"""The line that a Logs Insights query is typed in: how far back, which groups, and the query itself. Pure.

`6h group:api stats count(*) by status`: what stands before the query and looks like a span or a group is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

import msgspec

from services.model.insights import InsightsPrice, InsightsQuery, InsightsResult
from services.plural import several
from tui.log_presets import Group

HOUR = timedelta(hours=1)
"""The window of a line that names none."""

EXAMPLES = (
    ("stats count(*) by bin(5m)", "lines in every five minutes"),
    ("6h filter @message like /ERROR/ | stats count(*) by @log", "errors of six hours by group"),
    ("fields @timestamp, @message | filter status >= 500 | sort @timestamp desc | limit 20", "the newest 5xx"),
    ('1d group:lambda* filter @type = "REPORT" | stats max(@maxMemoryUsed / 1000000) by bin(1h)', "memory by the hour"),
)
"""What can be typed, and what it answers."""

_SPAN = re.compile(r"(?P<count>\d{1,4})(?P<unit>[mhdw])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class InsightsLine(msgspec.Struct, frozen=True):
    """A line that was understood."""

    text: str
    """The query; empty: none was typed yet."""
    window: timedelta = HOUR
    groups: tuple[str, ...] = ()
    """Names and short names, wildcards allowed; none: those that are shown."""

    def chosen(self, followed: Sequence[Group], hidden: Iterable[str], listed: Iterable[str]) -> tuple[str, ...]:
        """Names of the groups that are asked."""
        if not self.groups:
            left_out = frozenset(hidden)
            return tuple(name for name, short in followed if short not in left_out)
        known = dict.fromkeys((*(name for name, _ in followed), *listed))
        short = dict(followed)
        return tuple(
            name
            for name in known
            if any(fnmatchcase(name, one) or fnmatchcase(short.get(name, ""), one) for one in self.groups)
        )

    def query(self, groups: tuple[str, ...], now: int) -> InsightsQuery:
        """What is sent, for a window that ends `now`, epoch milliseconds."""
        return InsightsQuery(groups, self.text, now - round(self.window.total_seconds() * 1000), now)


def read(line: str) -> InsightsLine:
    """The line in its parts. Total: what is no span and no group is the query, which the service judges."""
    window, groups, rest = HOUR, [], line.strip()
    while rest:
        word, _, behind = rest.partition(" ")
        span = _SPAN.match(word)
        if span:
            window = timedelta(**{_UNITS[span["unit"]]: max(1, int(span["count"]))})
        elif word.startswith("group:") and len(word) > len("group:"):
            groups.append(word.removeprefix("group:"))
        else:
            break
        rest = behind.strip()
    return InsightsLine(rest, window, tuple(groups))


def estimate(found: InsightsPrice) -> str:
    """`at most about $0.0060 for 1.2 GB`: what is stored, by the window's share of what is kept."""
    rest = f", {several(len(found.unknown), 'group')} of unknown size on top" if found.unknown else ""
    return f"at most about {dollars(found.dollars).removeprefix('less than ')} for {size(found.bytes)}{rest}"


def scanned(found: InsightsResult) -> str:
    """`1.2 MB of 12,345 lines scanned, $0.0001`, by the list price."""
    return f"{size(found.bytes)} of {several(found.scanned, 'line')} scanned, {dollars(found.dollars)}"


def size(count: int) -> str:
    """`1.2 GB`, decimal as AWS bills."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def dollars(amount: float) -> str:
    """`$0.02`; small amounts in full."""
    return "less than $0.0001" if 0 < amount < 0.0001 else f"${amount:.4f}"
