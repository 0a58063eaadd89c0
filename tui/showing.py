"""Which numbered screen is up: `1` the overview below everything, the others one at a time on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from services.model.logs import Level, LineBatch
from services.settings.values import Environment
from tui.evidence import Evidence
from tui.messages import OpenLogsAt, OpenMetricsAt
from tui.picture import Picture
from tui.screens.confirm import ConfirmScreen
from tui.screens.frame import FrameScreen
from tui.screens.health import HealthScreen
from tui.screens.operation import OperationScreen
from tui.screens.outage import OutageScreen
from tui.screens.overview import OverviewScreen
from tui.screens.readiness import ReadinessScreen
from tui.screens.rule import RuleScreen
from tui.scripting import Scripting
from tui.table_orders import TableOrders
from tui.validating import Validating
from widgets.spans import Row

if TYPE_CHECKING:
    from tui.screens.logs import LogsScreen


def _metrics(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.metrics import MetricsScreen

    return MetricsScreen(system, environment)


def _logs(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.logs import LogsScreen

    return LogsScreen(system, environment)


def _deployments(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.deployments import DeploymentsScreen

    return DeploymentsScreen(system, environment)


def _runbook(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.runbook import RunbookScreen

    return RunbookScreen(system, environment)


def _alarms(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.alarms import AlarmsScreen

    return AlarmsScreen(system, environment)


def _dashboard(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.dashboard import DashboardScreen

    return DashboardScreen(system, environment)


def _journal(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.journal import JournalScreen

    return JournalScreen(system, environment)


def _fleet(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.fleet import FleetScreen

    return FleetScreen(system, environment)


SCREENS: Mapping[str, Callable[[str, Environment], FrameScreen]] = {
    "metrics": _metrics,
    "logs": _logs,
    "deployments": _deployments,
    "runbook": _runbook,
    "alarms": _alarms,
    "dashboard": _dashboard,
    "journal": _journal,
    "fleet": _fleet,
}
"""Id of the key → how its screen is made, when it is first asked for."""


APP_LOG = "app_log"
"""The name of the application's log, which lies over whatever is shown and has no number."""

PRESENTED = (
    OverviewScreen, OperationScreen, ConfirmScreen, ReadinessScreen, HealthScreen, RuleScreen, OutageScreen,
    FrameScreen,
)  # fmt: skip
"""Screens that are handed the picture."""


class Showing(Validating, TableOrders, Scripting, Evidence):
    """Switches between numbered screens and hands out the picture to those that can be seen."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self._framed: dict[str, FrameScreen] = {}
        self._picture: Picture | None = None
        self.runbook = None
        """The runbook's text; None: it is being read."""

    def show_screen(self, identity: str) -> None:
        """Bring the numbered screen with this id up. Under a dialog nothing is switched."""
        self._close_app_log()
        top = self.screen
        session = self.session
        if session is None or not isinstance(top, (OverviewScreen, FrameScreen)):
            return
        screen = self._framed.get(identity)
        if screen is None:
            screen = self._framed[identity] = SCREENS[identity](self.settings.system, session.environment)
            self.install_screen(screen, identity)  # keeps its widgets while it is not on the stack
        if screen is not top:
            if isinstance(top, FrameScreen):
                self.switch_screen(screen)
            else:
                self.push_screen(screen)
            self._show_at_once()

    def action_show_app_errors(self) -> None:
        """The application's own log with its errors alone."""
        self.do_app_log(Level.ERROR)

    def do_app_log(self, level: Level = Level.NONE) -> None:
        """The application's own log over whatever is shown, a dialog that only tells included. `level`: the least."""
        from tui.screens.app_log import AppLogScreen

        session = self.session
        screen = self._framed.get(APP_LOG)
        if session is None:
            return
        if screen is None:
            screen = self._framed[APP_LOG] = AppLogScreen(self.settings.system, session.environment)
            self.install_screen(screen, APP_LOG)
        if screen in self.screen_stack:
            self.notify("The application's log lies below already; esc goes there.", markup=False)
            return
        self.push_screen(screen)
        self._show_at_once()
        if isinstance(screen, AppLogScreen):
            screen.begin(level)

    def _close_app_log(self) -> bool:
        """Whether it lay on top of everything: then what it covered is there again, as it was left."""
        if self.screen is not self._framed.get(APP_LOG):
            return False
        self.pop_screen()
        self._show_at_once()
        return True

    def hand_over(self, operation: str) -> None:
        """Screen 9 at one operation of this environment, opened."""
        from tui.screens.journal import JournalScreen

        while isinstance(self.screen, OperationScreen):
            self.pop_screen()
        self.show_screen("journal")
        if isinstance(self.screen, JournalScreen):
            self.screen.open_operation(operation)

    def show_overview(self) -> None:
        """Back to the first screen."""
        self._close_app_log()
        if isinstance(self.screen, FrameScreen):
            self.pop_screen()
            self._show_at_once()

    def on_frame_screen_left(self, message: FrameScreen.Left) -> None:
        message.stop()
        if not self._close_app_log():
            self.esc_left()

    def esc_left(self) -> None:
        """`esc` with nothing left to close on a numbered screen."""
        self.show_overview()

    def on_open_logs_at(self, message: OpenLogsAt) -> None:
        message.stop()
        self._show_at("logs", message.instant)

    def on_open_metrics_at(self, message: OpenMetricsAt) -> None:
        message.stop()
        self._show_at("metrics", message.instant)

    def runbook_facts(self) -> Sequence[Row]:
        """What the runbook says of itself, for the help; nothing where there is none."""
        from tui.runbook_rows import fact_rows

        found = self.runbook.runbook if self.runbook is not None else None
        return fact_rows(found, self.clock.now()) if found is not None else ()

    def show_overnight(self) -> None:
        """Screen 7 with what the alarms did overnight."""
        from tui.screens.alarms import AlarmsScreen

        self.show_screen("alarms")
        if isinstance(self.screen, AlarmsScreen) and not self.screen.has_class("-overnight"):
            self.call_after_refresh(self.screen.do_overnight)  # a new one forgets all when it stands

    def show_trends(self) -> None:
        """Screen 2 with a week, and the week before behind it."""
        from tui.screens.metrics import MetricsScreen

        self.show_screen("metrics")
        if isinstance(self.screen, MetricsScreen):
            self.call_after_refresh(self.screen.look_at_trend)  # a new one forgets all when it stands

    def show_checklist(self, identity: str, note: str = "") -> None:
        """Screen 6 at one checklist, begun where it was not."""
        from tui.screens.runbook import RunbookScreen

        while isinstance(self.screen, OperationScreen):
            self.pop_screen()
        self.show_screen("runbook")
        if isinstance(self.screen, RunbookScreen):
            self.screen.begin_list(identity, note)
            self.call_after_refresh(self.screen.open_list, identity)

    def function_log(self, group: str) -> None:
        """Screen 3 with the lines of one function's log group as they come."""
        screen = self._logs_screen()
        if screen is not None:
            screen.follow_function(group)

    def function_errors(self, group: str) -> None:
        """Screen 3 with the exceptions and time-outs of one function's log group."""
        screen = self._logs_screen()
        if screen is not None:
            screen.search_errors(group)

    def log_search(self, preset: str) -> None:
        """Screen 3 with one of the runbook's searches."""
        screen = self._logs_screen()
        if screen is not None:
            screen.search_for(preset)

    def _logs_screen(self) -> LogsScreen | None:
        from tui.screens.logs import LogsScreen

        self.show_screen("logs")
        return self.screen if isinstance(self.screen, LogsScreen) else None

    def _show_at(self, identity: str, instant: datetime) -> None:
        """A numbered screen with its cursor at a moment."""
        self.show_screen(identity)
        screen = self._framed.get(identity)
        if screen is not None and screen is self.screen:
            # Once it has its size: a moment is shown in the middle of it.
            self.call_after_refresh(screen.look_at, instant)

    def hand_out_lines(self, batch: LineBatch) -> None:
        """Tell what can be seen of new log lines; the overview has taken them."""
        for screen in self._seen():
            if isinstance(screen, FrameScreen):
                screen.lines_arrived(batch)

    def clear_framed(self, environment: Environment) -> None:
        """Every numbered screen, seen or not, forgets the environment it showed."""
        self._picture = None
        for screen in self._framed.values():
            screen.clear(self.settings.system, environment)

    def hand_out(self, picture: Picture) -> None:
        """Hand the picture to what can be seen: from the top down to the first screen that covers all below it."""
        self._picture = picture
        for screen in self._seen():
            if isinstance(screen, PRESENTED):
                screen.present(picture)

    def _show_at_once(self) -> None:
        if self._picture is not None:
            self.hand_out(self._picture)

    def _seen(self) -> Iterator[Screen[Any]]:
        for screen in reversed(self.screen_stack):
            yield screen
            if not screen.is_modal:
                return
