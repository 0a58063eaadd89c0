"""A cursor among log lines: by lines, pages, hits and marks, to a moment, and with the youngest.

Cursor and bottom are pins: they keep naming the same lines, whatever comes before them or is dropped. While the view
follows, a key means what is on the screen and not what has come since it was painted, which no one has seen.
"""

from __future__ import annotations

from textual import events
from textual.message import Message

from services.line_search.query import Query
from services.model.logs import Level
from widgets.log_pane import WHEEL_ROWS, LogPane
from widgets.log_ring import LogRing
from widgets.log_ring import Row as LogRow


class LogCursor(LogPane):
    """Lines with one of them chosen; while none is, the view follows the youngest."""

    class Reached(Message):
        """The oldest (-1) or the youngest (1) line is at the edge and somebody wants to go on."""

        def __init__(self, way: int) -> None:
            super().__init__()
            self.way = way

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.query_shown: Query | None = None
        self.hides = True
        """What does not pass the filter is left out; otherwise what passes is marked."""
        self.said = ""
        """The title where it is not the live tail; empty: the tail's claim."""
        self._cursor = self._ring.pin()
        self._bottom = self._ring.pin()
        self._drawn = self._ring.pin()
        """The youngest line on the screen."""
        self._places: list[int] = []
        """Index of the line that each row belonged to when it was drawn; -1: none."""

    def _stand_on(self, ring: LogRing) -> None:
        """Take other lines, with a cursor of their own."""
        self._ring.unpin(self._cursor)
        self._ring.unpin(self._bottom)
        self._ring.unpin(self._drawn)
        self._ring = ring
        self._cursor, self._bottom, self._drawn = ring.pin(), ring.pin(), ring.pin()
        self._places = []

    @property
    def paused(self) -> bool:
        return self._cursor.index is not None

    @property
    def index(self) -> int | None:
        """The line at the cursor: while the view follows, the youngest on the screen."""
        if self._cursor.index is not None and self._cursor.index < len(self._ring):
            return self._cursor.index
        drawn = self._drawn.index
        if drawn is not None and self._flags[drawn : drawn + 1] == b"\x01":
            return drawn
        found = self._flags.rfind(1)
        return found if found >= 0 else None

    @property
    def line(self) -> LogRow | None:
        """The line at the cursor."""
        return self._ring[self.index] if self.index is not None else None

    @property
    def _flags(self) -> bytes:
        """One byte a line: 1 where it is shown."""
        return self._ring.shown(self._least, fitting=self.hides)

    @property
    def _hits(self) -> bytes:
        """One byte a line: 1 where it passes the filter."""
        return self._ring.shown(self._least, fitting=True)

    # ---- moving

    def move(self, by: int) -> None:
        """The cursor by lines; below the youngest the view follows again."""
        here = self.index
        if here is None:
            return
        flags, place = self._flags, here
        if self._cursor.index is None and by > 0:
            return
        for _ in range(abs(by)):
            following = flags.rfind(1, 0, place) if by < 0 else flags.find(1, place + 1)
            if following < 0:
                self._at_edge(by, place == here)
                if by > 0:
                    return
                break
            place = following
        self.hold(place)

    def _at_edge(self, by: int, stood: bool) -> None:
        if by > 0:
            if not self.said:
                self.follow()
            else:
                self.hold(self._flags.rfind(1))
        if stood:
            self.post_message(self.Reached(-1 if by < 0 else 1))

    def page(self, pages: int) -> None:
        """A page, less one line that stays in sight."""
        self.move(pages * max(1, self.size.height - 1))

    def oldest(self) -> None:
        """The cursor to the oldest line."""
        first = self._flags.find(1)
        if first >= 0:
            self.hold(first)

    def follow(self) -> None:
        """Go on with the youngest lines."""
        self._cursor.index = self._bottom.index = None
        self._new = 0
        self.paint()

    def toggle_pause(self) -> None:
        here = self.index
        if self.paused:
            self.follow()
        elif here is not None:
            self.hold(here)

    def hold(self, index: int) -> None:
        """The cursor at a line, the view where that can be seen."""
        self._cursor.index = index
        shown = self._on_screen()
        if self._bottom.index is None:
            self._bottom.index = max(len(self._ring) - 1, 0) if not shown else max(shown[-1], index)
            self._new = self._ring.matching(self._least).count(1, self._bottom.index + 1)
        if index > self._bottom.index or (shown and index > shown[-1]):
            self._bottom.index = index
        elif not shown or index < shown[0]:
            self._bottom.index = self._bottom_for(index)
        self.paint()

    def _on_screen(self) -> list[int]:
        """The lines on the screen, where they are now: lines may have fallen out since it was painted."""
        shown = [place for place in self._places if place >= 0]
        if not shown or self._drawn.index is None:
            return []
        moved = self._drawn.index - shown[-1]
        return [max(0, place + moved) for place in shown]

    def centre(self, index: int) -> None:
        """The cursor at a line in the middle of the view."""
        flags, place = self._flags, index
        for _ in range(self.size.height // 2):
            following = flags.find(1, place + 1)
            if following < 0:
                break
            place = following
        self._cursor.index, self._bottom.index = index, place
        self.paint()

    def _bottom_for(self, top: int) -> int:
        """The last line of the view that has `top` at its top."""
        raise NotImplementedError

    def jump(self, at: int) -> bool:
        """To the first shown line from `at` on, epoch milliseconds. False: none is so young, or all are younger."""
        if not len(self._ring) or at < self._ring.time(0) - 1_000:
            return False
        place = self._flags.find(1, self._ring.first_from(at))
        if place < 0:
            return False
        self.centre(place)
        return True

    def next_hit(self, way: int) -> bool:
        """To the next line that passes the filter, younger (1) or older (-1). False: there is none."""
        here = self.index
        if here is None:
            return False
        if self.query_shown is not None and not self.hides:
            flags = self._hits
        else:
            flags = self._ring.shown(Level.ERROR, fitting=self.hides)
        place = flags.find(1, here + 1) if way > 0 else flags.rfind(1, 0, here)
        if place < 0:
            return False
        self.centre(place)
        return True

    def next_mark(self) -> bool:
        """To the next marked line, from the last on to the first. False: nothing is marked."""
        marked = self._ring.marked()
        if not marked:
            return False
        here = self._cursor.index if self._cursor.index is not None else -1
        self.centre(next((index for index in marked if index > here), marked[0]))
        return True

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(WHEEL_ROWS)
