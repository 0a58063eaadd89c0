"""Screen 8: any CloudWatch dashboard of the account, drawn from its body.

Asked for only while it can be seen, at the dashboard's own period and at most once a minute; what was read stays, and
one that comes back within that time asks nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from textual.app import ComposeResult
from textual.worker import Worker

from services.clock import Clock
from services.dashboards.own import own
from services.model.dashboards import Board, Span
from services.model.reading import Reading
from services.problems import AccountError
from services.safe_text import SafeText
from services.settings.values import Environment
from tui.clipboard import copy
from tui.dashboard_levels import with_thresholds
from tui.picture import Picture
from tui.screens.cockpit import cockpit
from tui.screens.dashboard_list import DashboardListScreen
from tui.screens.frame import FrameScreen
from widgets.dashboard_view import DashboardView, Shown

if TYPE_CHECKING:
    from services.aws.dashboard_data import DashboardReader

SPANS = tuple(hours * 3600 for hours in (1, 3, 12, 24, 72, 168, 720, 2160))
"""Time ranges in seconds that the keys go through."""

USUAL_S = 60.0
"""Seconds between two looks before the dashboard has said its own."""


def console_address(name: str, region: str) -> str:
    """Where the console shows a dashboard."""
    return f"https://console.aws.amazon.com/cloudwatch/home?region={region}#dashboards:name={quote(name)}"


class DashboardScreen(FrameScreen):
    """The dashboard of the environment, or another that was chosen."""

    IDENTITY = "dashboard"
    CSS_PATH = "../styles/series.tcss"

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._seen = False
        self._chosen = SafeText("")
        self._span: Span | None = None
        self._reading: Reading[Board] = Reading()
        self._reader: DashboardReader | None = None
        self._following: Worker[None] | None = None
        self._again = asyncio.Event()

    # ---- what the frame asks of a screen

    def body(self) -> ComposeResult:
        yield DashboardView(id="dashboard-view")

    def show(self, picture: Picture) -> None:
        situation = picture.situation
        changes = picture.assessment.changes if picture.assessment is not None else ()
        alarms = (situation.alarms.value or ()) if situation is not None else ()
        self._view.show(Shown(self.dashboard_name(), self._reading, picture.now, alarms, changes, self._span))
        self._follow()

    def forget(self) -> None:
        self._stop()
        self._chosen, self._span, self._reader, self._reading = SafeText(""), None, None, Reading()
        self._view.clear()

    def seen(self, yes: bool) -> None:
        self._seen = yes
        if not yes:
            self._stop()
        elif self.picture is not None:
            self._follow()

    # ---- which dashboard

    def dashboard_name(self) -> SafeText:
        """The chosen one, else the environment's own by its settings or its stack; empty where there is none."""
        picture = self.picture
        if self._chosen or picture is None:
            return self._chosen
        situation = picture.situation
        return own(picture.environment, situation.parts.value if situation is not None else None)

    @property
    def reading(self) -> Reading[Board]:
        """What was read last."""
        return self._reading

    # ---- keys

    def do_dashboards(self) -> None:
        """Choose another of the account's dashboards."""
        self.app.push_screen(DashboardListScreen(self.ask, self.dashboard_name()), self._dashboard_chosen)

    def _dashboard_chosen(self, name: SafeText | None) -> None:
        if name is not None and name != self.dashboard_name():
            self._chosen, self._span = name, None
            self._anew()

    def do_shorter_range(self) -> None:
        """The next shorter time range."""
        self._take_span(next((one for one in reversed(SPANS) if one < self._seconds()), SPANS[0]))

    def do_longer_range(self) -> None:
        """The next longer time range."""
        self._take_span(next((one for one in SPANS if one > self._seconds()), SPANS[-1]))

    def do_copy_address(self) -> None:
        """The address of this dashboard's page in the console (runbook line 122), to the terminal's clipboard."""
        name, picture = self.dashboard_name(), self.picture
        if not name or picture is None:
            self.app.notify("not copied: no dashboard is known yet", severity="warning", markup=False)
            return
        address = console_address(name, picture.environment.region)
        copy(self.app, address)
        self.app.notify(f"copied: {address}", markup=False)

    def do_reread(self) -> None:
        """Read everything of the dashboard again now, what AWS refused before included."""
        self._reader = None
        self._again.set()
        session = cockpit(self).session
        if session is not None and session.watch is not None:
            session.watch.refresh()  # the alarms and changes on it come from the watch

    def do_board_down(self) -> None:
        self._view.move(1)

    def do_board_up(self) -> None:
        self._view.move(-1)

    def do_board_page_down(self) -> None:
        self._view.page(1)

    def do_board_page_up(self) -> None:
        self._view.page(-1)

    def do_board_top(self) -> None:
        self._view.to_top()

    def do_board_end(self) -> None:
        self._view.to_bottom()

    def _seconds(self) -> int:
        board = self._reading.value
        own = board.dashboard.span.seconds if board is not None else SPANS[1]
        return self._span.seconds if self._span is not None else own

    def _take_span(self, seconds: int) -> None:
        board = self._reading.value
        if board is None or seconds == self._seconds():
            return
        own = board.dashboard.span
        self._span = None if own.end is None and own.seconds == seconds else Span(seconds)
        self._reader = None
        self._again.set()

    # ---- reading

    @property
    def _view(self) -> DashboardView:
        return self.query_one("#dashboard-view", DashboardView)

    @property
    def _watch(self) -> object:
        session = cockpit(self).session
        return session.watch if session is not None else None

    def _anew(self) -> None:
        """Another dashboard: nothing of the last one stays."""
        self._reader, self._reading = None, Reading()
        self._again.set()
        self._show_now()

    def _show_now(self) -> None:
        if self.picture is not None and self.is_mounted:
            self.show(self.picture)

    def _follow(self) -> None:
        """Go on reading, if there is something to read and somebody who looks."""
        running = self._following is not None and not self._following.is_finished
        if self._seen and not running and self.dashboard_name() and self._watch is not None:
            self._following = self.run_worker(self._reads(), group="dashboard", exclusive=True)

    def _stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None
            self._tell_rest()

    async def _reads(self) -> None:
        """Read, rest, read again, until cancelled."""
        while True:
            pause = self._pause()
            if pause > 0:
                await self._rest(pause)
            self._again.clear()
            await self._read()

    async def _read(self) -> None:
        from services.aws.dashboard_data import DashboardReader

        reader = self._reader
        if reader is None or reader.name != self.dashboard_name():
            reader = self._reader = DashboardReader(self.dashboard_name(), self._span)
        situation = self.picture.situation if self.picture is not None else None
        alarms = (situation.alarms.value or ()) if situation is not None else ()
        known = frozenset((one.region, str(one.name)) for one in alarms)
        try:
            board = await self.ask(lambda account: reader.read(account, known))
        except AccountError as error:
            reading = self._reading.failed(error.problem, self._clock.now())
        else:
            if self.picture is not None:
                board = with_thresholds(board, self.picture.settings)
            reading = self._reading.answered(board, self._clock.now())
        if reader is self._reader:  # another may have been chosen meanwhile
            self._reading = reading
            self._show_now()

    def _pause(self) -> float:
        """Seconds of the account's time until the next look is due."""
        from services.watch.polling import backoff

        reading = self._reading
        if self._reader is None or reading.tried is None or self._again.is_set():
            return 0.0
        every = reading.value.every if reading.value is not None else USUAL_S
        if reading.problem is not None:
            every = backoff(reading.problem.kind, reading.failures, every, 0.5)
        return every - (self._clock.now() - reading.tried).total_seconds()

    async def _rest(self, seconds: float) -> None:
        """Until it is due, or a key wants it now."""
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        wanted = asyncio.ensure_future(self._again.wait())
        try:
            await asyncio.wait({sleep, wanted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            wanted.cancel()

    def _tell_rest(self) -> None:
        """Nobody looks: the rate of what is spent falls."""
        from services.aws.dashboard_data import rest
        from services.watch.on_demand import ask

        ask(self._watch, rest)

    @property
    def _clock(self) -> Clock:
        return cockpit(self).clock
