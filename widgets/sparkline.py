"""A curve in one row, for where a chart has no room. Same time buckets and colours as the canvas."""

from __future__ import annotations

from widgets.canvas import Plot, Window, columns, styles
from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span

_BLOCKS = "▁▂▃▄▅▆▇"
"""Never the full block: curves in neighbouring rows would run into each other."""

_PLAIN = "_.-~=*#"


def sparkline(plot: Plot, shown: Window, top: float, charset: Charset = UNICODE) -> Row:
    """Exactly `shown.width` cells: the highest value of each cell's stretch in seven steps; no data is a space."""
    blocks = _BLOCKS if charset.braille else _PLAIN
    found = columns(plot.points, plot.period, shown)
    row: list[Span] = []
    for cell, style in enumerate(styles(found, plot, shown)):
        highest = [column[1] for column in found[2 * cell : 2 * cell + 2] if column is not None]
        text = blocks[_step(max(highest), top)] if highest else " "
        if row and row[-1].style == style:
            row[-1] = Span(row[-1].text + text, style)
        else:
            row.append(Span(text, style))
    return tuple(row)


def _step(value: float, top: float) -> int:
    return max(0, min(6, int(value / top * 7))) if top > 0 else 0
