"""How lines of logs are painted: in a frame with two titles, at most eight times a second.

What comes after a rest is painted at once; what comes during one waits for its end: an eighth of a second, a quarter
while more than a thousand lines a second come in, a half when nobody could read any of them. What a key changes is
painted at once. Nothing runs while nothing comes, and only rows that look different are painted. So the cost of a key
does not depend on the rate of lines (facts/performance.md 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region

from widgets.charset import charset_of
from widgets.picture import Picture
from widgets.spans import Row, Span, cut

REST_S = 0.125
"""Seconds between two paints."""
BUSY_REST_S = 0.25
"""The same while many lines come."""
BUSY_LINES = 125
"""Lines during a rest from which on they are many: a thousand a second."""
FLOOD_REST_S = 0.5
"""The same while each paint shows other lines than the one before, several times over."""
FLOOD_LINES = 1_000
"""Lines during a rest from which on they are a flood: four thousand a second, two while it lasts."""
FLOOD_SCREENS = 10
"""The same in screenfuls: on a very high terminal a thousand lines are not yet one."""


class PacedPicture(Picture):
    """A picture in a frame that rests between two paints. A subclass says the titles too."""

    DEFAULT_CSS = """
    PacedPicture {
        height: 1fr;
        border: round $foreground 22%;
        border-title-color: $foreground 82%;
        border-title-style: none;
        border-subtitle-color: $accent;
        border-subtitle-style: bold;
    }
    PacedPicture.-ascii { border: ascii $foreground 22%; }
    PacedPicture:focus { border: round $accent 60%; }
    PacedPicture.-ascii:focus { border: ascii $accent 60%; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._dirty = False
        self._recent = 0
        """Lines since a rest was last measured."""
        self._seconds = REST_S
        """How long a rest is now."""
        self._rest: asyncio.TimerHandle | None = None
        """Runs after a paint: until it is over nothing more is painted."""
        self._told: tuple[Content, Content] = (Content(), Content())

    def _titles(self, width: int) -> tuple[Content, Content]:
        """What stands in the upper and in the lower border, within `width` cells."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """A border in the signs of this terminal."""
        self.set_class(not charset_of(self.app).braille, "-ascii")

    def on_unmount(self) -> None:
        if self._rest is not None:
            self._rest.cancel()

    def on_resize(self) -> None:
        self._tell()

    def redraw(self) -> None:
        """Draw again; repaint the rows that look different. A row is all or nothing: a log scrolls as a whole."""
        if not self.is_mounted or not self.size:
            return
        before, size = self._rows, self._drawn_for
        self._draw_now()
        if size != self.size:
            self.refresh()
            return
        after = self._rows
        rows = [y for y in range(max(len(before), len(after))) if before[y : y + 1] != after[y : y + 1]]
        for y in rows:
            self._strips.pop(y, None)
        if rows:
            self.refresh(*_regions(rows, self.size.width))

    def _changed(self) -> None:
        if not self._dirty and self._rest is None:
            self.call_next(self.paint)  # lines and claim of one moment are one paint
        self._dirty = True

    def paint(self) -> None:
        """Paint what has changed, now; after a key, say."""
        if not self.is_mounted or not self._seen():
            return  # it stays dirty, and is painted when its screen comes back
        self._dirty = False
        self._begin_rest()
        self._tell()
        self.redraw()

    def _seen(self) -> bool:
        """Whether the pane's screen is on top, or below a dialog: nothing is drawn under another whole screen."""
        top = self.app.screen
        return top is self.screen or top.is_modal

    def _begin_rest(self) -> None:
        if self._rest is None:
            self._seconds, self._recent = _rest_after(self._recent, self.size.height), 0
        else:  # a key's paint in the middle of a rest: what has come so far says nothing of how much comes
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(self._seconds, self.rested)

    def rested(self) -> None:
        """The rest after a paint is over."""
        self._rest = None
        if self._dirty:
            self.call_next(self.paint)

    def _tell(self) -> None:
        """Title and subtitle, each painted alone and only when it reads differently."""
        width = self.outer_size.width - 6
        if width <= 0:
            return
        title, subtitle = self._titles(width)
        before, self._told = self._told, (title, subtitle)
        # Set past Textual's descriptor: that paints the whole pane, twenty times what one row of border takes.
        if title != before[0]:
            self._border_title = title
            self.refresh(Region(0, -1, self.size.width, 1))
        if subtitle != before[1]:
            self._border_subtitle = subtitle
            self.refresh(Region(0, self.size.height, self.size.width, 1))

    def _nothing(self, sentence: str, width: int) -> Sequence[Row]:
        return [cut([Span(f" {sentence}", "silent")], width)]


def _rest_after(lines: int, height: int) -> float:
    """How long to rest when so many lines came during the last one; `height`: how many can be seen at once."""
    if lines > max(FLOOD_LINES, FLOOD_SCREENS * height):
        return FLOOD_REST_S
    return BUSY_REST_S if lines > BUSY_LINES else REST_S


def _regions(rows: Sequence[int], width: int) -> list[Region]:
    """Neighbouring rows as one region."""
    regions: list[Region] = []
    for y in rows:
        if regions and regions[-1].bottom == y:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, y, width, 1))
    return regions
