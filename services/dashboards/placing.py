"""Where widgets stand: as the body says, the next free place where it does not, nothing over anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.dashboards.fields import number, whole
from services.model.dashboards import COLUMNS, Place, Widget

HIGHEST = 1000
FARTHEST = 10**9
DEFAULT = 6
"""Width and height where the body says nothing, as in CloudWatch."""

GAP = 1
"""Empty units left standing between widgets; more is only a way to get lost in a terminal."""


def wanted(given: Mapping[str, Any]) -> tuple[Place, bool]:
    """What a widget asks for, within bounds, and whether it says where it wants to be."""
    width = whole(given.get("width"), 1, COLUMNS, DEFAULT)
    height = whole(given.get("height"), 1, HIGHEST, DEFAULT)
    x = whole(given.get("x"), 0, COLUMNS - width, 0)
    y = whole(given.get("y"), 0, FARTHEST, 0)
    said = number(given.get("x")) is not None and number(given.get("y")) is not None
    return Place(x, y, width, height), said


def placed(widgets: Sequence[tuple[Widget, bool]]) -> tuple[Widget, ...]:
    """The widgets in reading order, each at a place of its own; those without one follow, row by row."""
    ground = [0] * COLUMNS
    said = sorted((one for one, sure in widgets if sure), key=lambda one: (one.place.y, one.place.x))
    found = [_lowered(widget, ground) for widget in said]
    x = COLUMNS
    top = 0
    for widget in (one for one, sure in widgets if not sure):
        place = widget.place
        if x + place.width > COLUMNS:
            x, top = 0, max(ground)
        at = msgspec.structs.replace(place, x=x, y=top)
        found.append(_lowered(msgspec.structs.replace(widget, place=at), ground))
        x += place.width
    found.sort(key=lambda one: (one.place.y, one.place.x))
    return _closed(found)


def _lowered(widget: Widget, ground: list[int]) -> Widget:
    """At its place, or below what stands there already."""
    place = widget.place
    columns = range(place.x, place.x + place.width)
    y = max(place.y, *(ground[column] for column in columns))
    for column in columns:
        ground[column] = y + place.height
    return msgspec.structs.replace(widget, place=msgspec.structs.replace(place, y=y))


def _closed(widgets: Sequence[Widget]) -> tuple[Widget, ...]:
    """Without empty stretches over the whole width; at the top there is none at all."""
    found: list[Widget] = []
    bottom = shift = 0
    for widget in widgets:
        place = widget.place
        y = place.y - shift
        allowed = bottom + (GAP if found else 0)
        if y > allowed:
            shift += y - allowed
            y = allowed
        bottom = max(bottom, y + place.height)
        found.append(msgspec.structs.replace(widget, place=msgspec.structs.replace(place, y=y)))
    return tuple(found)
