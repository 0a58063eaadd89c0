"""Screen 2: one metric large, any that is known, over any stretch that CloudWatch keeps.

What the watch holds is shown at once; everything else is asked through its thread, a billed metric for each that is
drawn (two when another day is compared), again each period while the screen is seen and its window ends now.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from textual.app import ComposeResult

from services.model.series import MetricId
from services.problems import AccountError, Problem
from services.settings.values import Environment
from tui import metric_export
from tui.messages import OpenLogsAt
from tui.metric_asking import learn
from tui.metric_choices import Choice, choices, first_choice
from tui.metric_page import Answer, Asked, Shown, page
from tui.metric_views import view_for, views
from tui.metric_window import WEEK, TimeWindow
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from tui.screens.metrics_choosing import MetricChooser
from widgets.metric_view import MetricPage, MetricView

AGAIN_S = 60.0
"""Seconds after which the same question is asked again; a longer period waits for its own end."""


class MetricsScreen(FrameScreen):
    """Key `2`."""

    IDENTITY = "metrics"
    CSS_PATH = "../styles/series.tcss"

    DEFAULT_CSS = """
    MetricsScreen #chooser { display: none; }
    MetricsScreen.-choosing #chooser { display: block; }
    MetricsScreen.-choosing #chart { display: none; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._environment = environment
        self._is_seen = False
        self._chart = MetricView(id="chart")
        self._chooser = MetricChooser(self.ask, id="chooser")
        self._preferred: MetricId | None = None
        """What to show as soon as it is known; it may be wished for before the screen stands."""
        self._reset()

    def _reset(self) -> None:
        self._choice: Choice | None = None
        self._view = ""
        """Name of what is drawn of the choice."""
        self._cursor: int | None = None
        self._window = TimeWindow()
        self._answer: Answer | None = None
        self._problem: Problem | None = None
        self._asked: tuple[Asked, datetime] | None = None
        self._page: MetricPage | None = None

    def choose(self, metric: MetricId) -> None:
        """Show this metric, now or as soon as it is known."""
        self._preferred = metric
        self._again()

    def look_at_trend(self) -> None:
        """The week up to now, and the week before behind it: of this metric and of those that are chosen next."""
        self._cursor = None
        self._look(WEEK)

    # ---- the picture

    def body(self) -> ComposeResult:
        yield self._chart
        yield self._chooser

    def show(self, picture: Picture) -> None:
        if picture.situation is None:
            return
        self._environment = picture.environment
        self._chooser.know(picture)
        if self._preferred is not None:
            self._take_preferred(choices(picture.situation))
        if self._choice is None:
            self._choice = first_choice(choices(picture.situation), picture.assessment, picture.situation)
        if self._choice is None:
            self._chart.show(None, "waiting for the first series …")
            return
        self._view = view_for(self._choice, self._view).name
        self._ask_if_due(picture.now)
        asked = Asked(self._choice, self._window)
        self._page = page(
            asked, Shown(self._view, self._cursor), self._answer, self._window.range(picture.now.timestamp()),
            picture.situation, picture.assessment, picture.settings, picture.now, self._problem,
        )  # fmt: skip
        self._chart.show(self._page)
        if self.has_class("-choosing"):
            self._chooser.refresh_list()

    def forget(self) -> None:
        if self._page is not None:
            self._preferred = None
        self._reset()
        self.remove_class("-choosing")
        self._chooser.forget()
        self._chart.show(None, "not asked yet")

    def look_at(self, instant: datetime) -> None:
        """The cursor at a minute, the window where it can be seen."""
        self._cursor = round(instant.timestamp()) // 60 * 60
        if self.picture is not None:
            self._window = self._window.holding(round(self.picture.now.timestamp()) - self._cursor)
        self._again()

    def seen(self, yes: bool) -> None:
        self._is_seen = yes
        if yes and self.picture is not None:
            self.present(self.picture)

    def step_back(self) -> bool:
        """The chooser closes, then the cursor goes."""
        if self.has_class("-choosing"):
            self._close_chooser()
            return True
        if self._cursor is not None:
            self._cursor = None
            self._again()
            return True
        return False

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)

    # ---- questions

    def _ask_if_due(self, now: datetime) -> None:
        """Ask when something else is wanted, or when what is known has aged by a period."""
        if not self._is_seen or self._choice is None:
            return
        wanted = Asked(self._choice, self._window)
        if self._asked is not None and self._asked[0] == wanted:
            age = (now - self._asked[1]).total_seconds()
            if wanted.window.back or age < max(AGAIN_S, wanted.window.range(now.timestamp()).period):
                return
        self._asked, self._problem = (wanted, now), None
        self.run_worker(self._learn(wanted, now), group="series", exclusive=True)

    async def _learn(self, asked: Asked, now: datetime) -> None:
        try:
            self._answer = await self.ask(lambda account: learn(account, asked, now))
        except AccountError as error:
            self._problem = error.problem
        self._again()

    # ---- the chooser

    def do_choose(self) -> None:
        """Open the list."""
        if self.picture is not None and self.picture.situation is not None:
            self.add_class("-choosing")
            self._chooser.begin()

    def on_metric_chooser_chosen(self, event: MetricChooser.Chosen) -> None:
        event.stop()
        self._choice, self._view, self._cursor = event.choice, "", None
        self._close_chooser()

    def _take_preferred(self, known: tuple[Choice, ...]) -> None:
        found = next((one for one in known if one.metric == self._preferred), None)
        if found is not None:
            self._choice, self._view, self._cursor, self._preferred = found, "", None, None
            self.remove_class("-choosing")

    def _close_chooser(self) -> None:
        self.remove_class("-choosing")
        self.set_focus(None)
        self._again()

    # ---- keys

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def _move(self, by: int) -> None:
        """In the list a row on; on the chart the next metric of the list."""
        if self.has_class("-choosing"):
            self._chooser.move(by)
            return
        everything = self._chooser.choices()
        places = [place for place, one in enumerate(everything) if one == self._choice]
        if everything:
            place = (places[0] + by) % len(everything) if places else 0
            self._choice, self._view, self._cursor = everything[place], "", None
            self._again()

    def do_statistic(self) -> None:
        if self._choice is not None:
            names = [one.name for one in views(self._choice)]
            self._view = names[(names.index(self._view) + 1) % len(names)]
            self._again()

    def do_period(self) -> None:
        """Points of the next coarser period, after the coarsest the finest again."""
        if self.picture is not None:
            self._look(self._window.coarser(self._window.range(self.picture.now.timestamp()).period))

    def do_shorter(self) -> None:
        self._look(self._window.stretched(-1))

    def do_longer(self) -> None:
        self._look(self._window.stretched(1))

    def do_compare(self) -> None:
        self._look(self._window.compared_next())

    def do_earlier(self) -> None:
        self._look(self._window.panned(self._window.stretch.seconds // 2))

    def do_later(self) -> None:
        self._look(self._window.panned(-(self._window.stretch.seconds // 2)))

    def _look(self, window: TimeWindow) -> None:
        self._window = window
        self._again()

    def do_left(self) -> None:
        self._step(-1)

    def do_right(self) -> None:
        self._step(1)

    def do_far_left(self) -> None:
        self._step(-10)

    def do_far_right(self) -> None:
        self._step(10)

    def _step(self, by: int) -> None:
        """Move the cursor by cells or periods, whichever is longer; it begins at the newest point."""
        if self._page is None:
            return
        curve = self._page.curve
        step = max(curve.period, self._chart.cell_seconds // curve.period * curve.period)
        newest = curve.points[-1][0] if curve.points else curve.end - curve.period
        place = newest if self._cursor is None else self._cursor + by * step
        self._cursor = max(curve.start, min(curve.end - curve.period, place))
        self._again()

    def do_first(self) -> None:
        if self._page is not None:
            curve = self._page.curve
            self._cursor = curve.points[0][0] if curve.points else curve.start
            self._again()

    def do_last(self) -> None:
        if self._page is not None:
            curve = self._page.curve
            self._cursor = curve.points[-1][0] if curve.points else curve.end - curve.period
            self._again()

    def do_logs(self) -> None:
        """The logs of the moment under the cursor; in the list, take the selected metric."""
        if self.has_class("-choosing"):
            self._chooser.take()
        elif self._cursor is None:
            self.notify("Put the cursor on a moment first: ← →.", markup=False)
        else:
            self.post_message(OpenLogsAt(datetime.fromtimestamp(self._cursor, UTC)))

    def do_export(self) -> None:
        """Write what is shown into files of the working folder and say their names."""
        if self._page is None or self.picture is None:
            return
        stem = metric_export.file_stem(self._environment.name, self._page, self.picture.now)
        self.run_worker(self._export(self._page, stem), group="export")

    async def _export(self, shown: MetricPage, stem: str) -> None:
        try:
            written = await asyncio.to_thread(metric_export.write, Path.cwd(), stem, shown)
        except OSError as error:
            self.notify(f"Nothing written: {error}", severity="error", markup=False)
            return
        kinds = ", ".join(path.suffix for path in written)
        said = f"{written[0].stem} as {kinds} in {written[0].parent}"
        self.notify(said, title="Written", timeout=15, markup=False)
