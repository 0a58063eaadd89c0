"""What screen 2 shows as an SVG: sharp at any size, for a report."""

from __future__ import annotations

from html import escape

from tui.metric_figure import HEIGHT, SHEET, WIDTH, Label, Path, figure
from widgets.metric_view import MetricPage


def svg_text(page: MetricPage) -> str:
    """The figure as a document of its own."""
    marks = "".join(_path(one) if isinstance(one, Path) else _label(one) for one in figure(page))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="monospace" '
        f'font-size="14"><rect width="100%" height="100%" fill="{SHEET}"/>{marks}</svg>\n'
    )


def _path(one: Path) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in one.places)
    looks = ' stroke-width="1.5" stroke-linecap="round"' if one.curve else ""
    looks += f' stroke-dasharray="{one.dash} {one.dash}"' if one.dash else ""
    if len(one.places) == 1:
        ((x, y),) = one.places
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.5" fill="{one.colour}"/>'
    return f'<polyline fill="none" stroke="{one.colour}"{looks} points="{steps}"/>'


def _label(one: Label) -> str:
    looks = ' font-weight="bold"' if one.bold else ""
    looks += ' text-anchor="end"' if one.ends else ""
    return f'<text x="{one.x:.1f}" y="{one.y:.1f}" fill="{one.colour}"{looks}>{escape(one.text)}</text>'
