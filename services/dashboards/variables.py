"""Dashboard variables: a body is drawn with the value each of them starts with.

A `pattern` variable replaces its text wherever it stands in the body; a `property` variable replaces the value of
every field, and of every dimension, of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from services.dashboards.fields import items, table, text
from services.model.dashboards import Variable

MOST = 25
DEPTH = 40
"""Levels of a body that are looked through; real ones have six."""

TEXT_LIMIT = 65_536


class _Given(msgspec.Struct, frozen=True):
    pattern: str
    property: str
    value: str


def applied(widgets: Sequence[Any], given: object) -> tuple[list[Any], tuple[Variable, ...]]:
    """The widgets with every variable's default in its places, and the variables as they are told of."""
    known: list[Variable] = []
    found: list[Any] = list(widgets)
    for one in map(table, items(given)[:MOST]):
        value = one.get("defaultValue")
        name = text(one.get("label")) or text(one.get("id")) or text(one.get("property")) or text(one.get("pattern"))
        known.append(Variable(name, text(value)))
        pattern, field = one.get("pattern"), one.get("property")
        if not isinstance(value, str) or not value:
            continue
        change = _Given(
            pattern if isinstance(pattern, str) and one.get("type") == "pattern" else "",
            field if isinstance(field, str) and one.get("type") == "property" else "",
            value,
        )
        if change.pattern or change.property:
            found = [_replaced(widget, change, 0) for widget in found]
    return found, tuple(known)


def _replaced(node: Any, change: _Given, depth: int) -> Any:
    if depth > DEPTH:
        return node
    if isinstance(node, str):
        if not change.pattern or change.pattern not in node:
            return node
        return node.replace(change.pattern, change.value)[:TEXT_LIMIT]
    if isinstance(node, dict):
        return {
            key: change.value
            if key == change.property and isinstance(value, str)
            else _replaced(value, change, depth + 1)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return _row(node, change, depth)
    return node


def _row(node: list[Any], change: _Given, depth: int) -> list[Any]:
    """A list; in a row of a metric the word after a dimension's name is its value."""
    found = [_replaced(one, change, depth + 1) for one in node]
    if change.property:
        for place in range(2, len(node) - 1, 2):
            if node[place] == change.property and isinstance(node[place + 1], str):
                found[place + 1] = change.value
    return found
