"""The log screen's frame: histogram and lines; which lines are shown, and which of them pass the filter."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from services.line_search.query import Query, QueryRefused, parse
from services.model.log_pick import LogPick
from services.model.logs import Gap, Level, LineBatch, TailStatus
from services.settings.values import Environment
from tui.picture import Picture
from tui.screens.cockpit import cockpit
from tui.screens.logs_typing import LogsTyping, Typing
from widgets.log_choices import LogChoices
from widgets.log_histogram import LogHistogram
from widgets.log_ring import LogRing
from widgets.log_view import LogView


class Source(StrEnum):
    """Which lines are shown."""

    LIVE = "live"
    HISTORY = "history"
    FOUND = "found"


class LogsLines(LogsTyping):
    """Shows lines and filters them."""

    DEFAULT_CSS = """
    LogsLines #log-panel { display: none; height: 1fr; border: round $accent 60%; }
    LogsLines.-panel #log-panel { display: block; }
    LogsLines.-panel #log-view { display: none; }
    LogsLines #log-panel-title { height: auto; max-height: 3; padding: 0 1; color: $foreground 82%; }
    """

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._environment = environment
        self._histogram = LogHistogram(id="log-histogram")
        self._view = LogView(id="log-view")
        self._panel_title = Static(id="log-panel-title", markup=False)
        self._choices = LogChoices(id="log-choices")
        self._reset()

    def _reset(self) -> None:
        self._source = Source.LIVE
        self._typing = Typing.NOTHING
        self._query: Query | None = None
        self._filter_text = ""
        self._extra: Query | None = None
        """A condition beside the filter that a person typed: one kind of error."""
        self._hidden: frozenset[str] = frozenset()
        """Short names of groups that are not shown."""
        self._only: tuple[str, ...] = ()
        """Short names of the groups that this screen is about; empty: of all."""
        self._level_before: Level | None = None
        self._time_before: int | None = None

    # ---- the frame

    def body(self) -> ComposeResult:
        yield self._histogram
        yield self._view
        with Vertical(id="log-panel"):
            yield self._panel_title
            yield self._choices
        yield self._answer
        with Horizontal(id="log-typing"):
            yield self._prompt
            yield self._words

    def show(self, picture: Picture) -> None:
        self._environment = picture.environment
        if self._source is Source.LIVE and self._view.ring is not self._live:
            self._view.show_ring(self._live)
        if picture.situation is not None:
            self._view.claim(picture.situation.tail)
            self.told()
            if self._source is Source.LIVE:
                self._set_gaps(_named(self.status) if self.status is not None else ())
        self._view.show_clock(picture.now)
        self._draw_histogram()

    def forget(self) -> None:
        self._reset()
        self.remove_class("-panel", "-typing", "-answer", "-refused")
        self._words.value = ""
        self._view.clear()
        self._draw_histogram()

    def seen(self, yes: bool) -> None:
        if yes:
            self._view.resume()
        if yes and self.picture is not None:
            self.present(self.picture)

    def lines_arrived(self, batch: LineBatch) -> None:
        if self._source is Source.LIVE and self._stands and self._view.ring is self._live:
            self._view.arrived(batch)

    @property
    def _live(self) -> LogRing:
        """The tail's lines, which the overview keeps."""
        return cockpit(self).overview.ring

    @property
    def now_ms(self) -> int:
        """The account's time, epoch milliseconds."""
        return round(self.picture.now.timestamp() * 1000) if self.picture is not None else 0

    @property
    def status(self) -> TailStatus | None:
        """What the tail says; None: nothing yet."""
        situation = self.picture.situation if self.picture is not None else None
        return situation.tail.value if situation is not None else None

    @property
    def pick(self) -> LogPick:
        """Which log groups are followed."""
        session = cockpit(self).session
        return session.log_pick if session is not None else LogPick()

    def told(self) -> None:
        """The tail has said something new of its groups."""
        self._hide()

    def _hide(self) -> None:
        """Leave out the lines of groups that are not asked for any more."""
        claims = self.status.claims if self.status is not None else ()
        hidden = frozenset(claim.short for claim in claims if claim.name in self.pick.hidden)
        if hidden != self._hidden:
            self._hidden = hidden
            self.apply_filter()

    def _set_gaps(self, gaps: tuple[Gap, ...]) -> None:
        if gaps != self._view.gaps:
            self._view.gaps = gaps
            self._view.changed()

    def _draw_histogram(self) -> None:
        assessment = self.picture.assessment if self.picture is not None else None
        line = self._view.line if self._view.paused else None
        self._histogram.show(
            self._view.ring,
            assessment.changes if assessment is not None else (),
            line.at if line is not None else None,
            self._view.times,
            fitting=self._view.hides,
        )

    def _point(self) -> None:
        """The cursor has moved: its place in the histogram, which counts once a second and not for each key."""
        line = self._view.line if self._view.paused else None
        self._histogram.point(line.at if line is not None else None)

    # ---- the filter

    def typed(self, what: Typing, text: str) -> None:
        if what is Typing.FILTER:
            self._filter(text)

    def submitted(self, what: Typing, text: str) -> None:
        if what is Typing.FILTER:
            self.stop_typing()

    def do_filter(self) -> None:
        self.type_for(Typing.FILTER, self._filter_text)

    def _filter(self, text: str) -> None:
        """Filter by what is typed so far; what is not understood yet changes nothing and is said."""
        try:
            query = parse(text)
        except QueryRefused as error:
            self.answer(str(error), refused=True)
            return
        self.answer("")
        self._filter_text, self._query = text, query
        self.apply_filter()

    def apply_filter(self) -> None:
        """Filter by everything that is chosen: what was typed, the kind of error, the groups."""
        parts = [one for one in (self._query, self._extra) if one is not None]
        if not parts and not self._hidden and not self._only:
            self._view.filter_by(None)
            self._draw_histogram()
            return
        first = parts[0] if parts else Query("the chosen groups")
        joint = msgspec.structs.replace(
            first,
            terms=tuple(term for one in parts for term in one.terms),
            groups=first.groups or self._only,
            no_groups=(*first.no_groups, *sorted(self._hidden)),
        )
        self._view.filter_by(joint)
        self._draw_histogram()

    def clear_filter(self) -> bool:
        """Show everything again. False: nothing was left out."""
        if self._query is None and self._extra is None:
            return False
        self._query = self._extra = None
        self._filter_text = ""
        self.apply_filter()
        return True

    def on_log_view_looked(self, message: LogView.Looked) -> None:
        message.stop()
        self._draw_histogram()

    # ---- which lines

    def show_lines(self, source: Source, ring: LogRing, said: str, empty: str = "", gaps: tuple[Gap, ...] = ()) -> None:
        """Show other lines than the tail's."""
        if self._source is Source.LIVE:
            line = self._view.line
            self._time_before = line.at if self._view.paused and line is not None else None
        self._source = source
        self._view.show_ring(ring, said, empty, gaps)
        self._draw_histogram()

    def back_to_live(self) -> bool:
        """The tail's lines again, where they were left. False: they are shown."""
        if self._source is Source.LIVE:
            return False
        self.app.workers.cancel_group(self, "asking")
        self._source = Source.LIVE
        if self._level_before is not None:
            self._view.level, self._level_before = self._level_before, None
        self._view.show_ring(self._live)
        if self._time_before is not None:
            self._view.jump(self._time_before)
            self._time_before = None
        self._again()
        return True

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)

    def step_back(self) -> bool:
        """What is open closes, the newest first: the row, a list, other lines, the filter, the standstill."""
        if self._typing is not Typing.NOTHING and not self.has_class("-panel"):
            filtering = self._typing is Typing.FILTER
            self.stop_typing()
            self.answer("")
            if filtering:
                self.clear_filter()
            return True
        if self.has_class("-panel"):
            self.close_panel()
            return True
        if self.has_class("-answer"):
            self.answer("")
            return True
        if self.clear_filter() or self.back_to_live():
            return True
        if self._view.paused:
            self._view.follow()
            self._point()
            return True
        return False

    def close_panel(self) -> None:
        """Show the lines again instead of a list."""
        self.remove_class("-panel")
        self.answer("")
        self.stop_typing()
        self._view.paint()


def _named(status: TailStatus) -> tuple[Gap, ...]:
    """The tail's gaps, each with its group: what is missing of one may be there of the others."""
    named = [
        msgspec.structs.replace(gap, why=f"{claim.short}: {gap.why}")
        for claim in status.claims
        if claim.shown
        for gap in claim.gaps
    ]
    return tuple(sorted(named, key=lambda gap: gap.start)) if status.claims else status.gaps
