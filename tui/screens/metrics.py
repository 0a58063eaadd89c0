"""Screen 2: one metric large, any that is known, over any stretch that CloudWatch keeps.

What the watch holds is shown at once; everything else is asked through its thread, one billed metric a question
(two when another day is compared), again each period while the screen is seen and its window ends now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from services.model.metric_query import KEPT_S, STRETCHES, USUAL, Range, range_of, signal_of
from services.model.series import MetricId
from services.problems import AccountError, Problem
from services.settings.values import Environment
from tui import metric_export
from tui.messages import OpenLogsAt
from tui.metric_choices import Choice, Ranked, choices, first_choice, matching, ranked
from tui.metric_page import COMPARISONS, Answer, Asked, Shown, page, statistic_for
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from widgets import wording
from widgets.listing import Listing
from widgets.metric_view import MetricPage, MetricView
from widgets.metric_view_list import MetricList, MetricRow

if TYPE_CHECKING:
    from services.aws.session import Account

AGAIN_S = 60.0
"""Seconds after which the same question is asked again; a longer period waits for its own end."""


class MetricsScreen(FrameScreen):
    """Key `2`."""

    IDENTITY = "metrics"

    DEFAULT_CSS = """
    MetricsScreen #chooser { display: none; height: 1fr; }
    MetricsScreen #chooser-title { height: 1; padding: 0 1; color: $foreground 82%; }
    MetricsScreen #words { height: 1; background: $boost; border: none; padding: 0 1; }
    MetricsScreen.-choosing #chooser { display: block; }
    MetricsScreen.-choosing #chart { display: none; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._environment = environment
        self._is_seen = False
        self._chart = MetricView(id="chart")
        self._title = Static(id="chooser-title", markup=False)
        self._words = Input(id="words", placeholder="words; !word leaves out", compact=True, max_length=200)
        self._metrics = MetricList(id="metrics")
        self._preferred: MetricId | None = None
        """What to show as soon as it is known; it may be wished for before the screen stands."""
        self._reset()

    def _reset(self) -> None:
        self._choice: Choice | None = None
        self._statistic = ""
        self._cursor: int | None = None
        self._stretch, self._back, self._comparison = USUAL, 0, 0
        self._answer: Answer | None = None
        self._problem: Problem | None = None
        self._asked: tuple[Asked, datetime] | None = None
        self._browsed: tuple[MetricId, ...] = ()
        self._browsing = ""
        self._page: MetricPage | None = None

    def choose(self, metric: MetricId) -> None:
        """Show this metric, now or as soon as it is known."""
        self._preferred = metric
        self._again()

    # ---- the picture

    def body(self) -> ComposeResult:
        yield self._chart
        with Vertical(id="chooser"):
            yield self._title
            yield self._words
            yield self._metrics

    def show(self, picture: Picture) -> None:
        if picture.situation is None:
            return
        self._environment = picture.environment
        if self._preferred is not None:
            self._take_preferred(choices(picture.situation))
        if self._choice is None:
            self._choice = first_choice(choices(picture.situation), picture.assessment)
        if self._choice is None:
            self._chart.show(None, "waiting for the first series …")
            return
        self._statistic = statistic_for(self._choice, self._statistic)
        self._ask_if_due(picture.now)
        asked = self._wanted(self._choice)
        self._page = page(
            asked, Shown(self._statistic, self._cursor), self._answer, self._range(asked, picture.now),
            picture.situation, picture.assessment, picture.settings, picture.now, self._problem,
        )  # fmt: skip
        self._chart.show(self._page)
        if self.has_class("-choosing"):
            self._list()

    def forget(self) -> None:
        if self._page is not None:
            self._preferred = None
        self._reset()
        self.remove_class("-choosing")
        self._words.value = ""
        self._metrics.begin()
        self._metrics.set_entries((), "")
        self._chart.show(None, "not asked yet")

    def look_at(self, instant: datetime) -> None:
        """The cursor at a minute, the window where it can be seen."""
        at = round(instant.timestamp()) // 60 * 60
        self._cursor = at
        if self.picture is not None:
            age = round(self.picture.now.timestamp()) - at
            if not self._back <= age < self._back + STRETCHES[self._stretch].seconds:
                self._back = max(0, age - STRETCHES[self._stretch].seconds // 2)
        self._panned(0)

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

    def _wanted(self, choice: Choice) -> Asked:
        return Asked(choice, STRETCHES[self._stretch], self._back, COMPARISONS[self._comparison])

    def _range(self, asked: Asked, now: datetime) -> Range:
        return range_of(asked.stretch, now.timestamp(), back=asked.back, compared=asked.compared.back)

    # ---- questions

    def _ask_if_due(self, now: datetime) -> None:
        """Ask when something else is wanted, or when what is known has aged by a period."""
        if not self._is_seen or self._choice is None:
            return
        wanted = self._wanted(self._choice)
        if self._asked is not None and self._asked[0] == wanted:
            age = (now - self._asked[1]).total_seconds()
            if wanted.back or age < max(AGAIN_S, self._range(wanted, now).period):
                return
        self._asked, self._problem = (wanted, now), None
        self.run_worker(self._learn(wanted, now), group="series", exclusive=True)

    async def _learn(self, asked: Asked, now: datetime) -> None:
        from services.aws import metrics

        where, choice = self._range(asked, now), asked.choice
        signal = signal_of(choice.metric, where.period, settle=choice.settle, sparse=choice.sparse)

        async def question(account: Account) -> Answer:
            ranges = [where] + ([where.shifted(asked.compared.back)] if asked.compared.back else [])
            found = await asyncio.gather(*(metrics.fetch(account, [signal], one.start, one.end) for one in ranges))
            series = [one[signal.id] for one in found]
            return Answer(asked, where, series[0], series[1] if len(series) > 1 else None)

        try:
            self._answer = await self.ask(question)
        except AccountError as error:
            self._problem = error.problem
        self._again()

    async def _browse(self, known: tuple[Choice, ...]) -> None:
        from services.aws import metric_browse

        every = metric_browse.resources(one.metric for one in known)
        some = every[: metric_browse.RESOURCES]

        async def question(account: Account) -> tuple[MetricId, ...]:
            return await metric_browse.browse(account, some)

        self._browsing = "asking what else is published …"
        self._list()
        try:
            self._browsed = await self.ask(question)
            more = len(every) - len(some)
            self._browsing = f"what {more} more resources publish besides is not looked up" if more else ""
        except AccountError as error:
            self._browsing = f"what else is published is not known: {error.problem.message}"
        self._list()

    # ---- the chooser

    def do_choose(self) -> None:
        """Open the list; what else the resources publish is asked the first time."""
        situation = self.picture.situation if self.picture is not None else None
        if situation is None:
            return
        self.add_class("-choosing")
        self._words.focus()
        self._list()
        if not self._browsed and not self._browsing:
            self.run_worker(self._browse(choices(situation)), group="browse", exclusive=True)

    def _choices(self) -> tuple[Choice, ...]:
        situation = self.picture.situation if self.picture is not None else None
        return choices(situation, self._browsed) if situation is not None else ()

    def _ranked(self, found: Sequence[Choice]) -> tuple[Ranked, ...]:
        """The worst first, as judged now."""
        picture = self.picture
        if picture is None or picture.situation is None:
            return ()
        return ranked(found, picture.situation, picture.assessment)

    def _list(self) -> None:
        if not self._stands:
            return
        words = self._words.value
        everything = self._choices()
        found = matching(everything, words)
        watched = sum(one.watched for one in found)
        count = f"{len(found)} of {len(everything)}" if words.strip() else str(len(everything))
        title = f"Metrics {count} · {watched} watched anyway (●)" + (f" · {self._browsing}" if self._browsing else "")
        self._title.update(Content(title))
        rows = [_row(one) for one in self._ranked(found)]
        self._metrics.set_entries(rows, f"no metric has {words.strip()}")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._metrics.begin()
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take(self._metrics.selected)

    def on_listing_opened(self, event: Listing.Opened) -> None:
        event.stop()
        self._take(self._metrics.selected)

    def _take(self, row: MetricRow | None) -> None:
        chosen = next((one for one in self._choices() if row is not None and one.metric == row.key), None)
        if chosen is not None:
            self._choice, self._statistic, self._cursor = chosen, "", None
            self._close_chooser()

    def _take_preferred(self, known: tuple[Choice, ...]) -> None:
        found = next((one for one in known if one.metric == self._preferred), None)
        if found is not None:
            self._choice, self._statistic, self._cursor, self._preferred = found, "", None, None
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
            self._metrics.move(by)
            return
        everything = self._choices()
        places = [place for place, one in enumerate(everything) if one == self._choice]
        if everything:
            place = (places[0] + by) % len(everything) if places else 0
            self._choice, self._statistic, self._cursor = everything[place], "", None
            self._again()

    def do_statistic(self) -> None:
        if self._choice is not None:
            names = self._choice.statistics
            self._statistic = names[(names.index(self._statistic) + 1) % len(names)]
            self._again()

    def do_shorter(self) -> None:
        self._stretched(-1)

    def do_longer(self) -> None:
        self._stretched(1)

    def _stretched(self, by: int) -> None:
        self._stretch = max(0, min(len(STRETCHES) - 1, self._stretch + by))
        self._panned(0)

    def do_compare(self) -> None:
        self._comparison = (self._comparison + 1) % len(COMPARISONS)
        self._again()

    def do_earlier(self) -> None:
        self._panned(STRETCHES[self._stretch].seconds // 2)

    def do_later(self) -> None:
        self._panned(-(STRETCHES[self._stretch].seconds // 2))

    def _panned(self, by: int) -> None:
        """Move the window; never beyond now, never beyond what is kept."""
        room = max(0, KEPT_S - STRETCHES[self._stretch].seconds)
        self._back = max(0, min(room, self._back + by))
        if self._back < 60:
            self._back = 0
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
            self._take(self._metrics.selected)
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


def _row(one: Ranked) -> MetricRow:
    choice, standing = one.choice, one.standing
    row = MetricRow(choice.metric, choice.title, choice.subject, choice.metric.region, choice.watched)
    if standing is None:
        return row
    value = "" if standing.value is None or one.unit is None else wording.value(standing.value, one.unit)
    return msgspec.structs.replace(row, state=standing.state, value=value)
