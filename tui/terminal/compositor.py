"""Updates of the screen that cost what has changed, in time and in bytes.

For a partial update Textual renders every widget that lies between the first changed cell and the last, and sends each
changed row from the left edge of its widget. Here only widgets with changed cells are rendered, and only changed cells
are sent: a second that passes in the header is ten bytes and not two hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Piece(NamedTuple):
    """Changed cells in one row."""

    y: int
    x: int
    strip: Strip


class Pieces(ChopsUpdate):
    """An update of a few cells, in the place of Textual's."""

    def __init__(self, pieces: list[Piece]) -> None:
        super().__init__([], [], [])
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal: for each piece where it stands, and its cells."""
        written: list[str] = []
        at = (-1, -1)
        for y, x, strip in self.pieces:
            if at != (y, x):
                written.append(f"\x1b[{y + 1};{x + 1}H")
            written.append(strip.render(console))
            at = (y, x + strip.cell_length)
        return "".join(written)


class SparingCompositor(Compositor):
    """Textual's compositor with a partial update of its own."""

    def render_partial_update(self) -> Pieces | None:
        """The changed cells; None when there are none."""
        screen = self.size.region
        regions = [region.intersection(screen) for region in self._dirty_regions]
        self._dirty_regions.clear()
        pieces = list(self._pieces(self._regions_to_spans(region for region in regions if region)))
        return Pieces(sorted(pieces, key=lambda one: one[:2])) if pieces else None

    def _pieces(self, spans: Iterable[tuple[int, int, int]]) -> Iterator[Piece]:
        wanted: dict[Widget, tuple[Region, list[Region]]] = {}
        for widget, region, cells in self._seen(spans):
            wanted.setdefault(widget, (region, []))[1].append(cells)
        for widget, (region, parts) in wanted.items():
            box = Region.from_union(parts)
            strips = widget.render_lines(box.translate((-region.x, -region.y)))
            for part in parts:
                strip = strips[part.y - box.y]
                yield Piece(part.y, part.x, strip.crop(part.x - box.x, part.right - box.x))

    def _seen(self, spans: Iterable[tuple[int, int, int]]) -> Iterator[tuple[Widget, Region, Region]]:
        """Who is seen in the cells of each span: the widget, where it lies, and the cells."""
        layers = self.layers_visible
        for y, first, last in spans:
            open_parts = [(first, last)]
            for widget, visible, region in layers[y]:  # from the front
                left, right = visible.column_span
                hidden: list[tuple[int, int]] = []
                for start, end in open_parts:
                    begin, stop = max(start, left), min(end, right)
                    if begin >= stop:
                        hidden.append((start, end))
                        continue
                    yield widget, region, Region(begin, y, stop - begin, 1)
                    hidden += [(a, b) for a, b in ((start, begin), (stop, end)) if a < b]
                open_parts = hidden
                if not open_parts:
                    break
