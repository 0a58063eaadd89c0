"""The log screen's frame: histogram, lines, the row to type in, the answer row; which lines are shown."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from services.line_search.query import Query, QueryRefused, parse
from services.model.logs import Gap, Level, LineBatch
from services.settings.values import Environment
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from widgets.log_choices import LogChoices
from widgets.log_histogram import LogHistogram
from widgets.log_ring import LogRing
from widgets.log_view import LogView


class Source(StrEnum):
    """Which lines are shown."""

    LIVE = "live"
    HISTORY = "history"
    FOUND = "found"


class Typing(StrEnum):
    """What the row to type in is for."""

    NOTHING = ""
    FILTER = "filter"
    TIME = "time"
    GROUPS = "groups"
    PATTERN = "pattern"
    NAME = "name"


PROMPTS = {
    Typing.FILTER: "words  !word  /expression/  .status>=500  level:warn  group:api",
    Typing.TIME: "03:07  2026-11-22 03:07  15m  2h  (UTC)",
    Typing.GROUPS: "words or wildcards; enter shows or hides, or searches the last hour of another group",
    Typing.PATTERN: "a filter pattern; enter without one takes the selected search",
    Typing.NAME: "a name for the search",
}


class LogsLines(FrameScreen):
    """Shows lines and filters them."""

    IDENTITY = "logs"

    DEFAULT_CSS = """
    LogsLines #log-panel { display: none; height: 1fr; border: round $accent 60%; }
    LogsLines.-panel #log-panel { display: block; }
    LogsLines.-panel #log-view { display: none; }
    LogsLines #log-panel-title { height: 1; padding: 0 1; color: $foreground 82%; }
    LogsLines #log-typing { display: none; height: 1; }
    LogsLines.-typing #log-typing { display: block; }
    LogsLines #log-prompt { width: auto; padding: 0 1; color: $accent; text-style: bold; }
    LogsLines #log-words { width: 1fr; height: 1; background: $boost; border: none; padding: 0 1; }
    LogsLines #log-answer { display: none; height: auto; max-height: 3; padding: 0 1; color: $foreground; }
    LogsLines.-answer #log-answer { display: block; }
    LogsLines.-refused #log-answer { color: $state-warn; text-style: bold; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._environment = environment
        self._histogram = LogHistogram(id="log-histogram")
        self._view = LogView(id="log-view")
        self._panel_title = Static(id="log-panel-title", markup=False)
        self._choices = LogChoices(id="log-choices")
        self._prompt = Static(id="log-prompt", markup=False)
        self._words = Input(id="log-words", compact=True, max_length=1_024)
        self._answer = Static(id="log-answer", markup=False)
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
            if self._source is Source.LIVE:
                status = picture.situation.tail.value
                self._set_gaps(status.gaps if status is not None else ())
        self._view.show_clock(picture.now)
        self._draw_histogram()

    def forget(self) -> None:
        self._reset()
        self.remove_class("-panel", "-typing", "-answer", "-refused")
        self._words.value = ""
        self._view.clear()
        self._draw_histogram()

    def seen(self, yes: bool) -> None:
        if yes and self.picture is not None:
            self.present(self.picture)
        if yes:
            self._view.paint()

    def lines_arrived(self, batch: LineBatch) -> None:
        if self._source is Source.LIVE and self._stands and self._view.ring is self._live:
            self._view.arrived(batch)

    @property
    def _live(self) -> LogRing:
        """The tail's lines, which the overview keeps."""
        ring: LogRing = self.app.overview.ring  # type: ignore[attr-defined]
        return ring

    @property
    def now_ms(self) -> int:
        """The account's time, epoch milliseconds."""
        return round(self.picture.now.timestamp() * 1000) if self.picture is not None else 0

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

    # ---- the answer row

    def answer(self, text: str, *, refused: bool = False) -> None:
        """Say something under the lines until `esc` or the next answer; nothing: say nothing."""
        self.set_class(bool(text), "-answer")
        self.set_class(refused, "-refused")
        self._answer.update(Content(text))

    # ---- the row to type in

    def type_for(self, what: Typing, text: str = "") -> None:
        """Open the row to type in."""
        self._typing = what
        self._prompt.update(Content(what.value))
        self._words.placeholder = PROMPTS[what]
        with self.prevent(Input.Changed):
            self._words.value = text
        self._words.cursor_position = len(text)
        self.add_class("-typing")
        self._words.focus()

    def stop_typing(self) -> None:
        self._typing = Typing.NOTHING
        self.remove_class("-typing")
        self.set_focus(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is Typing.FILTER:
            self._filter(event.value)
        elif self._typing is not Typing.NOTHING:
            self.typed(self._typing, event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        what = self._typing
        if what is Typing.FILTER:
            self.stop_typing()
        elif what is not Typing.NOTHING:
            self.submitted(what, event.value)

    def typed(self, what: Typing, text: str) -> None:
        """A letter more or less in the row."""

    def submitted(self, what: Typing, text: str) -> None:
        """`enter` in the row."""

    # ---- the filter

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
        if not parts and not self._hidden:
            self._view.filter_by(None)
            self._draw_histogram()
            return
        first = parts[0] if parts else Query("the chosen groups")
        joint = msgspec.structs.replace(
            first,
            terms=tuple(term for one in parts for term in one.terms),
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
            self._draw_histogram()
            return True
        return False

    def close_panel(self) -> None:
        """Show the lines again instead of a list."""
        self.remove_class("-panel")
        self.answer("")
        self.stop_typing()
        self._view.paint()

    # ---- keys of the lines

    def _moved(self, by: int, *, page: bool = False) -> None:
        if self.has_class("-panel"):
            self._choices.page(by) if page else self._choices.move(by)
            return
        self._view.page(by) if page else self._view.move(by)
        self._draw_histogram()

    def do_down(self) -> None:
        self._moved(1)

    def do_up(self) -> None:
        self._moved(-1)

    def do_page_down(self) -> None:
        self._moved(1, page=True)

    def do_page_up(self) -> None:
        self._moved(-1, page=True)

    def do_first(self) -> None:
        if self.has_class("-panel"):
            self._choices.to(0)
        else:
            self._view.oldest()
            self._draw_histogram()

    def do_last(self) -> None:
        if self.has_class("-panel"):
            self._choices.end()
        elif not self.back_to_live():
            self._view.follow()
            self._draw_histogram()

    def do_follow(self) -> None:
        self._view.toggle_pause()
        self._draw_histogram()

    def do_unfold(self) -> None:
        if self.has_class("-panel"):
            self.opened()
        else:
            self._view.toggle_open()

    def opened(self) -> None:
        """`enter` on the selected entry of a list."""

    def do_hide(self) -> None:
        self._view.toggle_hides()
        self._draw_histogram()

    def do_next(self) -> None:
        self._next(1)

    def do_previous(self) -> None:
        self._next(-1)

    def _next(self, way: int) -> None:
        if not self._view.next_hit(way):
            what = "line that passes" if self._query is not None and not self._view.hides else "error"
            self.answer(f"no {'younger' if way > 0 else 'older'} {what}")
        self._draw_histogram()

    def do_least(self) -> None:
        self._view.action_cycle_level()
        self._draw_histogram()

    def do_mark(self) -> None:
        self._view.toggle_mark()

    def do_next_mark(self) -> None:
        if not self._view.next_mark():
            self.answer("no line is marked; m marks one")
        self._draw_histogram()

    def do_wrap(self) -> None:
        self._view.toggle_wrap()

    def do_clock(self) -> None:
        self._view.cycle_times()
        self._draw_histogram()
