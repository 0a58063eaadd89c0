"""Costs below the row that asked for them: the sum, each service with its share, each day."""

from __future__ import annotations

from collections.abc import Iterator

from services.model.costs import Costs
from services.rules.costs import by_service, days, head, money, total
from widgets.spans import Row, Span, columns, row

SHOWN = 12
"""Services of a line each; the others are one line."""


def cost_rows(costs: Costs) -> tuple[Row, ...]:
    """Paragraphs, the dearest service first."""
    return (row(Span(head(costs), "strong")), *_services(costs), *_days(costs), *_remarks(costs))


def _services(costs: Costs) -> Iterator[Row]:
    found, unit, whole = by_service(costs), str(costs.unit), total(costs)
    shown, rest = found[:SHOWN], found[SHOWN:]
    lines = [(str(one.service), one.amount) for one in shown]
    if rest:
        lines.append((f"{len(rest)} others", sum(one.amount for one in rest)))
    name, figure = columns(text for text, _ in lines), columns(money(amount, unit) for _, amount in lines)
    for text, amount in lines:
        share = f"{amount / whole:4.0%}" if whole > 0 and amount > 0 else ""
        yield row(Span(f"{money(amount, unit):>{figure}}  "), Span(f"{text:<{name}}  "), Span(share, "muted"))


def _days(costs: Costs) -> Iterator[Row]:
    found = days(costs)
    if len(found) > 1:
        told = ", ".join(f"{day:%a} {money(amount, str(costs.unit))}" for day, amount in found)
        yield row(Span("by day: ", "muted"), Span(told))


def _remarks(costs: Costs) -> Iterator[Row]:
    if any(one.estimated for one in costs.periods):
        text = "Estimated: a day takes AWS up to a day to come in, and a month is billed after its end."
        yield row(Span(text, "muted"))
