"""The log pane of the overview: a ring of lines, the newest at the bottom. Scrolling up holds it still and counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content

from services.model.logs import Level, LineBatch, TailStatus
from services.model.reading import Reading
from widgets import log_claim
from widgets.log_live import said
from widgets.log_painting import PacedPicture
from widgets.log_ring import LogRing
from widgets.log_row import GROUP_WIDEST, log_row
from widgets.spans import Row, cut_text
from widgets.wording import grouped

FILTERS = {
    Level.NONE: "routine lines hidden",
    Level.WARN: "warnings and errors",
    Level.ERROR: "errors only",
    Level.DEBUG: "all lines",
}
"""Least level shown → what that is called; a key goes through them. At first without debug lines, of which the platform
writes several for each request."""

WHEEL_ROWS = 3


class LogPane(PacedPicture, can_focus=True):
    """Shows log lines: `extend` adds them, `claim` says what they are worth."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "older", show=False),
        Binding("down,j", "move(1)", "newer", show=False),
        Binding("pageup", "page(-1)", "a page older", show=False),
        Binding("pagedown", "page(1)", "a page newer", show=False),
        Binding("g,home", "oldest", "the oldest line", show=False),
        Binding("G,end", "follow", "the newest line", show=False),
        Binding("space", "toggle_pause", "hold still", show=False),
        Binding("l", "cycle_level", "least level", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ring = LogRing()
        self._claim: Reading[TailStatus] = Reading()
        self._least = Level.NONE
        self._new = 0
        self._lost = 0

    # ---- what is shown

    def extend(self, batch: LineBatch) -> None:
        """Add lines; they are shown at once, or when the rest after the last paint is over."""
        self._ring.extend(batch.lines)
        self._recent += len(batch.lines)
        self._lost += batch.dropped
        if self.paused:
            self._new += self._ring.count(batch.lines, self._least)
        self._changed()

    def claim(self, reading: Reading[TailStatus]) -> None:
        """Show what the tail promises."""
        if reading is not self._claim:
            self._claim = reading
            self._changed()

    def clear(self) -> None:
        """Nothing of the lines so far stays."""
        self._ring = LogRing()
        self._claim = Reading()
        self._new = self._lost = 0
        self.paint()

    @property
    def ring(self) -> LogRing:
        """The lines."""
        return self._ring

    @property
    def paused(self) -> bool:
        """Whether the view is held still."""
        return self._ring.anchor is not None

    @property
    def waiting(self) -> int:
        """Lines that came while the view was held still."""
        return self._new

    @property
    def least(self) -> Level:
        """The least level that is shown; NONE: all but debug."""
        return self._least

    def __len__(self) -> int:
        return len(self._ring)

    def __bool__(self) -> bool:
        return True  # an empty pane is a pane all the same

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The rows from the bottom of the view upwards."""
        if not self._ring:
            return self._nothing(log_claim.empty(self._claim), width)
        end = len(self._ring) if self._ring.anchor is None else self._ring.anchor + 1
        indices = list(islice(self._ring.back(end, self._least), height))
        if len(indices) < height and self.paused:
            indices = list(islice(self._ring.forward(0, self._least), height))[::-1]
        if not indices:
            return self._nothing(
                f"no line of {grouped(len(self._ring))} is shown: {FILTERS[self._least]}; l changes it", width
            )
        group = min(GROUP_WIDEST, max((len(name) for name in self._ring.names), default=0))
        return [log_row(self._ring[index], width, group) for index in reversed(indices)]

    def needed_height(self, width: int) -> int:
        return max(1, len(self._ring))

    # ---- moving

    def action_move(self, rows: int) -> None:
        """Towards older lines (negative) or newer ones; at the newest the pane follows again."""
        self._move(rows)

    def action_page(self, pages: int) -> None:
        """A page, less one row that stays in sight."""
        self._move(pages * max(1, self.size.height - 1))

    def action_oldest(self) -> None:
        """Hold the view at the oldest line."""
        first = list(islice(self._ring.forward(0, self._least), max(1, self.size.height)))
        if first:
            self._hold(first[-1])

    def action_follow(self) -> None:
        """Go on with the newest lines."""
        self._ring.anchor = None
        self._new = 0
        self.paint()

    def action_toggle_pause(self) -> None:
        self.toggle_pause()

    def toggle_pause(self) -> None:
        """Hold the view still where it is, or follow."""
        if self.paused:
            self.action_follow()
        elif self._ring:
            self._hold(len(self._ring) - 1)

    def action_cycle_level(self) -> None:
        """Warnings and errors, errors, everything, everything but debug; the view stays at its moment."""
        order = list(FILTERS)
        self._least = order[(order.index(self._least) + 1) % len(order)]
        self.paint()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(WHEEL_ROWS)

    def _move(self, rows: int) -> None:
        if not self._ring:
            return
        bottom = len(self._ring) - 1 if self._ring.anchor is None else self._ring.anchor
        if rows < 0:
            upwards = list(islice(self._ring.back(bottom, self._least), -rows))
            if upwards:
                self._hold(max(upwards[-1], self._lowest_bottom()))
            return
        downwards = list(islice(self._ring.forward(bottom + 1, self._least), rows))
        if self.paused and (len(downwards) < rows or downwards[-1] == len(self._ring) - 1):
            self.action_follow()
        elif downwards and self.paused:
            self._hold(downwards[-1])

    def _lowest_bottom(self) -> int:
        """The bottom line of the view that shows the oldest line at its top."""
        first = list(islice(self._ring.forward(0, self._least), max(1, self.size.height)))
        return first[-1] if first else 0

    def _hold(self, bottom: int) -> None:
        self._ring.anchor = bottom
        self.paint()

    def _titles(self, width: int) -> tuple[Content, Content]:
        note, hidden = self._note(), self._hidden()
        if self.styles.border_bottom[0]:
            subtitle = Content(cut_text(note, width))
            if hidden:
                quiet = cut_text(f"{' · ' if note else ''}{hidden}", width - len(note))
                subtitle += Content.styled(quiet, "not bold $foreground 62%")
            return Content(log_claim.title(self._claim, width)), subtitle
        # No lower border to write on: what is held back has to be said all the same, and first.
        if note:
            return Content(f"{log_claim.NAME} · {note}"[:width]), Content()
        said = " · routine hidden" if hidden else ""
        return Content(log_claim.title(self._claim, width - len(said)) + said), Content()

    def _hidden(self) -> str:
        """How many lines of the platform's routine are left out."""
        if self._least is not Level.NONE or not (count := len(self._ring) - self._ring.matching(Level.NONE).count(1)):
            return ""
        return f"{about(count)} routine line{'s' if count > 1 else ''} hidden, l shows"

    def _note(self) -> str:
        """What is not in sight though it is there."""
        status = self._claim.value
        parts = [live] if (live := said(status.live if status is not None else None)) else []
        if self.paused:
            parts.append(f"held still · ▼ {grouped(self._new)} new")
        if self._least is not Level.NONE:
            parts.append(FILTERS[self._least])
        if self._lost:
            parts.append(f"{grouped(self._lost)} not shown")
        return " · ".join(parts)


def about(count: int) -> str:
    """A number that grows all the time, in few steps: `7`, `40+`, `300+`, `2 000+`."""
    if count < 10:
        return str(count)
    step = 10 ** (len(str(count)) - 1)
    return f"{grouped(count // step * step)}{'+' if count % step else ''}"
