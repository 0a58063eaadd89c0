"""The `metrics` array of a widget: rows, with the shorthand for "as in the row above".

A row is `[namespace, name, dimension, value, …, {options}]`. `"."` stands for what the row above has at this place,
a leading `"..."` for everything of it up to the values that are given. A row of options alone with an `expression` is
metric math; rows of metrics refer past it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.dashboards.fields import items, table, text, whole, word
from services.model.dashboards import Line
from services.model.series import MetricId
from services.safe_text import SafeText, safe

MOST_LINES = 500
"""Of one widget: as many as one call of GetMetricData takes."""

MOST_DIMENSIONS = 30
EXPRESSION_LIMIT = 2048

_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}\Z")
_STATISTIC = re.compile(r"[A-Za-z][A-Za-z0-9.:%()]{0,79}\Z")
_ACCOUNT = re.compile(r"\d{12}\Z")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d\Z")


class Defaults(msgspec.Struct, frozen=True):
    """What a widget says for all its rows."""

    region: str
    statistic: str = "Average"
    period: int = 0
    account: str = ""


def lines(given: object, defaults: Defaults) -> tuple[Line, ...]:
    """Every row; one that cannot be understood carries its fault."""
    found: list[Line] = []
    before: Sequence[str] = ()
    for row in items(given)[:MOST_LINES]:
        words, options = _split(row)
        if not words and options.get("expression") is not None:
            found.append(_expression(options, defaults))
            continue
        spelled = _spelled(words, before)
        if spelled is None:
            found.append(_faulty(options, defaults, f"a row that cannot be read: {safe(row, 120)}"))
            continue
        before = spelled
        found.append(_metric(spelled, options, defaults))
    return tuple(found)


def region_of(value: object, otherwise: str) -> str:
    """A region's name; `otherwise` when it is none."""
    return value if isinstance(value, str) and _REGION.match(value) else otherwise


def statistic_of(value: object, otherwise: str) -> str:
    """The spelling of a statistic; whether it exists AWS decides."""
    return value if isinstance(value, str) and _STATISTIC.match(value) else otherwise


def period_of(value: object, otherwise: int) -> int:
    """A period in seconds: a multiple of 60, or `otherwise`."""
    return max(60, whole(value, 1, 86_400 * 30, otherwise) // 60 * 60) if value is not None else otherwise


def _split(row: object) -> tuple[Sequence[object], Mapping[str, Any]]:
    """The words of a row and its options, which stand last."""
    if isinstance(row, dict):  # an expression that was not put into a list of its own
        return (), row
    cells = list(items(row))
    options = table(cells.pop()) if cells and isinstance(cells[-1], dict) else {}
    return cells, options


def _spelled(cells: Sequence[object], before: Sequence[str]) -> tuple[str, ...] | None:
    """The row without shorthand; None when it cannot be."""
    given = [word(cell) for cell in cells]
    if not all(given):
        return None
    if given and given[0] == "...":
        rest = given[1:]
        if not before or len(rest) > len(before):
            return None
        given = [*before[: len(before) - len(rest)], *rest]
    for place, cell in enumerate(given):
        if cell == ".":
            if place >= len(before):
                return None
            given[place] = before[place]
    usual = len(given) >= 2 and len(given) % 2 == 0 and len(given) <= 2 + 2 * MOST_DIMENSIONS
    return tuple(given) if usual and "..." not in given else None


def _metric(words: Sequence[str], options: Mapping[str, Any], defaults: Defaults) -> Line:
    region = region_of(options.get("region"), defaults.region)
    dimensions = tuple(sorted(zip(words[2::2], words[3::2], strict=True)))
    return _common(options, defaults, MetricId(region, words[0], words[1], dimensions), "")


def _expression(options: Mapping[str, Any], defaults: Defaults) -> Line:
    expression = options.get("expression")
    if not isinstance(expression, str) or not expression.strip():
        return _faulty(options, defaults, "an expression that is no text")
    if len(expression) > EXPRESSION_LIMIT:
        return _faulty(options, defaults, f"an expression longer than {EXPRESSION_LIMIT} characters")
    if safe(expression) != expression.replace("\t", "    "):
        return _faulty(options, defaults, f"an expression with control characters: {safe(expression, 120)}")
    return _common(options, defaults, None, expression)


def _common(options: Mapping[str, Any], defaults: Defaults, metric: MetricId | None, expression: str) -> Line:
    identity = options.get("id")
    valid = isinstance(identity, str) and _ID.match(identity) is not None
    account = options.get("accountId")
    return Line(
        id=str(identity) if valid else "",
        statistic=statistic_of(options.get("stat"), defaults.statistic),
        period=period_of(options.get("period"), defaults.period),
        metric=metric,
        expression=expression,
        region=region_of(options.get("region"), defaults.region),
        account=account if isinstance(account, str) and _ACCOUNT.match(account) else defaults.account,
        label=text(options.get("label")),
        right=options.get("yAxis") == "right",
        visible=options.get("visible") is not False,
        fault=SafeText("")
        if valid or identity is None
        else safe(f"an id that CloudWatch does not take: {identity}", 120),
    )


def _faulty(options: Mapping[str, Any], defaults: Defaults, fault: str) -> Line:
    line = _common(options, defaults, None, "")
    return msgspec.structs.replace(line, fault=safe(fault, 200), label=line.label or SafeText("a row"))
