"""The log screen's lines: a filter that hides or highlights, lines that unfold, marks, gaps as rows.

It shares the ring with the overview's pane and paints as that does. Only what can be seen is made into rows. A filter
looks at the lines a few thousand at a time, the youngest first, and lets keys through between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from services.line_search.query import Query
from services.model.logs import Gap, Level, LineBatch
from widgets import log_claim
from widgets.log_cursor import LogCursor
from widgets.log_lines import Look, between, gap_row, line_rows
from widgets.log_live import said
from widgets.log_pane import FILTERS, about
from widgets.log_ring import LogRing
from widgets.log_ring import Row as LogRow
from widgets.log_row import GROUP_FROM, GROUP_WIDEST
from widgets.log_times import Times
from widgets.spans import Row, cut_text
from widgets.wording import grouped


class LogView(LogCursor, can_focus=False, inherit_bindings=False):
    """Shows a ring. Keys are the screen's; every one of its actions is a method here."""

    BINDINGS: ClassVar[list[BindingType]] = []

    DEFAULT_CSS = """
    LogView { height: 1fr; }
    """

    class Looked(Message):
        """The filter has been over all lines."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.times = Times.UTC
        self.wrap = False
        self.now = 0
        """Epoch milliseconds, for ages."""
        self.gaps: tuple[Gap, ...] = ()
        self.why_empty = ""

    # ---- what is shown

    def show_ring(self, ring: LogRing, said: str = "", why_empty: str = "", gaps: tuple[Gap, ...] = ()) -> None:
        """Show other lines; the filter goes along, the cursor begins at the youngest."""
        self._stand_on(ring)
        self.said, self.why_empty, self.gaps = said, why_empty, gaps
        self._new = 0
        ring.filter_by(self.query_shown)
        self._search()
        self.paint()

    def arrived(self, batch: LineBatch) -> None:
        """The ring has been given lines."""
        self._recent += len(batch.lines)
        self._lost += batch.dropped
        if self.paused:
            self._new += self._ring.count(batch.lines, self._least)
        if self._ring.looking:
            self._search()
        self._changed()

    def resume(self) -> None:
        """It can be seen again: lines came meanwhile, and others may have sieved them by another filter."""
        if self._ring.query is not self.query_shown:
            self.filter_by(self.query_shown)
        elif self._ring.looking:
            self._search()
        self.paint()

    def changed(self) -> None:
        """Something about the lines is different: paint, at once or when the rest is over."""
        self._changed()

    def clear(self) -> None:
        self._least = Level.NONE
        self.query_shown = None
        self.hides, self.wrap, self.times = True, False, Times.UTC
        self._claim = type(self._claim)()
        self._lost = 0
        self.show_ring(LogRing())

    def filter_by(self, query: Query | None) -> None:
        """Show what passes, or everything again."""
        self.query_shown = query
        self._ring.filter_by(query)
        if self._ring.looking:
            self._ring.look()
        self.paint()
        self._search()

    def _search(self) -> None:
        """Go on looking for what passes, in pieces between which keys are heard."""
        if not self._ring.looking:
            self.post_message(self.Looked())
            return
        ring = self._ring
        more = ring.look()
        self._changed()
        if more:
            self.call_later(self._go_on, ring, self.query_shown)
        else:
            self.post_message(self.Looked())

    def _go_on(self, ring: LogRing, query: Query | None) -> None:
        if ring is self._ring and query is self.query_shown:
            self._search()

    @property
    def level(self) -> Level:
        """The least level that is shown."""
        return self._least

    @level.setter
    def level(self, least: Level) -> None:
        self._least = least
        self.paint()

    def shown_lines(self) -> list[LogRow]:
        """Every line that passes what is chosen, the oldest first; for files."""
        flags = self._flags
        return [self._ring[index] for index in range(len(flags)) if flags[index]]

    @property
    def matches(self) -> int:
        """Lines that pass the filter, as far as it has looked."""
        return self._hits.count(1)

    # ---- drawing

    def draw(self, width: int, height: int) -> Sequence[Row]:
        flags, look = self._flags, self._look_of(width)
        bottom = self._bottom.index if self._bottom.index is not None else len(flags) - 1
        rows: list[Row] = []
        places: list[int] = []
        index = flags.rfind(1, 0, bottom + 1)
        if index < 0 and (index := flags.find(1)) < 0:
            self._places, self._drawn.index = [], None
            return [*self._trailing(None, width, look), *self._nothing(self._emptiness(), width)]
        if self._bottom.index is None:
            rows = self._trailing(index, width, look)
            places = [-1] * len(rows)
        start = index
        while index >= 0 and len(rows) < height:
            older = flags.rfind(1, 0, index)
            above, own = self._rows_of(index, older, width, height, look)
            rows[:0] = [*above, *own]
            places[:0] = [-1] * len(above) + [index] * len(own)
            index = older
        rows, places = rows[-height:], places[-height:]
        index = flags.find(1, start + 1)
        while index >= 0 and len(rows) < height:
            above, own = self._rows_of(index, flags.rfind(1, 0, index), width, height, look)
            rows += [*above, *own]
            places += [-1] * len(above) + [index] * len(own)
            index = flags.find(1, index + 1)
        self._places = places[:height]
        self._drawn.index = next((place for place in reversed(self._places) if place >= 0), None)
        return rows[:height]

    def _rows_of(self, index: int, older: int, width: int, height: int, look: Look) -> tuple[list[Row], list[Row]]:
        """What stands above a line, and its own rows."""
        line = self._ring[index]
        before = self._ring.time(older) if older >= 0 else None
        at_cursor = self._cursor.index == index
        own = line_rows(line, width, look, at_cursor=at_cursor, most=max(3, height - 1))
        return between(before, line.at, self.gaps, width, look), own

    def _trailing(self, newest: int | None, width: int, look: Look) -> list[Row]:
        """Gaps that no line has come after yet."""
        after = self._ring.time(newest) if newest is not None else 0
        return [gap_row(gap, width, look) for gap in self.gaps if gap.end > after and gap.start > after - 1]

    def _bottom_for(self, top: int) -> int:
        flags, look, height = self._flags, self._look_of(self.size.width), max(1, self.size.height)
        index, used, last = top, 0, top
        while index >= 0:
            older = flags.rfind(1, 0, index) if index != top else index - 1
            above, own = self._rows_of(index, older if index != top else -1, self.size.width, height, look)
            used += len(own) + (len(above) if index != top else 0)
            if used > height:
                break
            last, index = index, flags.find(1, index + 1)
        return last

    def _look_of(self, width: int) -> Look:
        widest = min(GROUP_WIDEST, max((len(name) for name in self._ring.names), default=0))
        return Look(
            self.times, self.now, self.wrap, self.query_shown, widest if width >= GROUP_FROM else 0, self.charset.busy
        )

    def _emptiness(self) -> str:
        if not len(self._ring):
            return self.why_empty or log_claim.empty(self._claim)
        if self._ring.looking:
            return "looking …"
        count = grouped(len(self._ring))
        if self.query_shown is not None:
            return f"no line of {count} is like {self.query_shown.text}; esc clears the filter"
        return f"no line of {count} is shown: {FILTERS[self._least]}; l changes it"

    # ---- what a person does to lines

    def toggle_open(self) -> None:
        """Unfold the line at the cursor, or fold it."""
        here = self.index
        if here is not None:
            self._ring.toggle_open(here)
            self.hold(here)

    def toggle_mark(self) -> None:
        here = self.index
        if here is not None:
            self._ring.toggle_mark(here)
            self.hold(here)

    def show_clock(self, now: datetime) -> None:
        """The account's time; ages are painted anew."""
        self.now = round(now.timestamp() * 1000)
        if self.times is Times.AGE:
            self._changed()

    def cycle_times(self) -> None:
        order = list(Times)
        self.times = order[(order.index(self.times) + 1) % len(order)]
        self.paint()

    def toggle_wrap(self) -> None:
        self.wrap = not self.wrap
        self.paint()

    def toggle_hides(self) -> None:
        """Leave out what does not pass, or mark what passes."""
        self.hides = not self.hides
        here = self._cursor.index
        if here is not None:
            self.centre(here)
        self.paint()

    def on_click(self, event: events.Click) -> None:
        """The cursor to the line that is clicked; a second click unfolds it."""
        place = self._places[event.y] if 0 <= event.y < len(self._places) else -1
        if place < 0:
            return
        if place == self._cursor.index:
            self.toggle_open()
        else:
            self.hold(place)

    # ---- titles

    def _titles(self, width: int) -> tuple[Content, Content]:
        title = cut_text(self.said, width) if self.said else log_claim.title(self._claim, width)
        note, quiet = self._note(), self._hidden()
        subtitle = Content(cut_text(note, width))
        if quiet:
            said = cut_text(f"{' · ' if note else ''}{quiet}", width - len(note))
            subtitle += Content.styled(said, "not bold $foreground 62%")
        return Content(title), subtitle

    def _note(self) -> str:
        status = self._claim.value
        parts = [live] if (live := said(status.live if status is not None else None)) else []
        if self.paused and not self.said:
            parts.append(f"held still · ▼ {grouped(self._new)} new")
        if self.query_shown is not None:
            looking = " so far" if self._ring.looking else ""
            what = "" if self.hides else " marked"
            if self.query_shown.groups:
                parts.append(f"only {', '.join(self.query_shown.groups)}")
            parts.append(f"{grouped(self.matches)} of {grouped(len(self._ring))} lines{what}{looking}")
        if self._least is not Level.NONE:
            parts.append(FILTERS[self._least])
        if self._lost:
            parts.append(f"{grouped(self._lost)} not shown")
        if self.times is not Times.UTC:
            parts.append("local time" if self.times is Times.LOCAL else "age")
        return " · ".join(parts)

    def _hidden(self) -> str:
        if self._least is not Level.NONE:
            return ""
        count = len(self._ring) - self._ring.shown(Level.NONE, fitting=False).count(1)
        return f"{about(count)} routine line{'s' if count > 1 else ''} hidden, l shows" if count else ""
