"""The 24 columns of a dashboard on a terminal: where each widget stands, in cells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region

from services.model.dashboards import COLUMNS, Widget

ONE_COLUMN = 100
"""Below this width widgets stand under each other."""

LEAST_ROWS = 7 / 6
MOST_ROWS = 2.0
"""Terminal rows for a grid unit where all of the dashboard is to be seen at once: six units are a common chart."""

USUAL_ROWS = 1.5
"""Where it cannot be."""


def layout(
    widgets: Sequence[Widget], width: int, height: int, needed: Callable[[Widget, int], int]
) -> tuple[Region, ...]:
    """One region a widget, in its order; regions never overlap. `needed`: rows of a widget that has a row's width."""
    if width < ONE_COLUMN:
        return _stacked(widgets, width, needed)
    units = max((widget.place.bottom for widget in widgets), default=1)
    scale = rows_a_unit(units, height)
    return tuple(_scaled(widget, width, scale) for widget in widgets)


def rows_a_unit(units: int, height: int) -> float:
    """Rows for a grid unit: so that everything fits into `height` if charts stay readable, else the usual."""
    fitting = height / max(1, units)
    return USUAL_ROWS if fitting < LEAST_ROWS else min(MOST_ROWS, fitting)


def _scaled(widget: Widget, width: int, scale: float) -> Region:
    place = widget.place
    left, right = (edge * width // COLUMNS for edge in (place.x, place.x + place.width))
    top, bottom = (int(edge * scale) for edge in (place.y, place.bottom))
    return Region(left, top, right - left, bottom - top)


def _stacked(widgets: Sequence[Widget], width: int, needed: Callable[[Widget, int], int]) -> tuple[Region, ...]:
    regions = []
    y = 0
    for widget in widgets:
        rows = max(1, needed(widget, width))
        regions.append(Region(0, y, width, rows))
        y += rows
    return tuple(regions)
