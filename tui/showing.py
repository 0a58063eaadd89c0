"""Which numbered screen is up: `1` the overview below everything, the others one at a time on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from textual.screen import Screen

from services.model.logs import LineBatch
from services.settings.values import Environment
from tui.by_name import ByName
from tui.messages import OpenLogsAt, OpenMetricsAt
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from tui.screens.operation import OperationScreen
from tui.screens.overview import OverviewScreen
from tui.screens.readiness import ReadinessScreen
from tui.screens.rule import RuleScreen


def _metrics(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.metrics import MetricsScreen

    return MetricsScreen(system, environment)


def _logs(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.logs import LogsScreen

    return LogsScreen(system, environment)


def _deployments(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.deployments import DeploymentsScreen

    return DeploymentsScreen(system, environment)


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
    "alarms": _alarms,
    "dashboard": _dashboard,
    "journal": _journal,
    "fleet": _fleet,
}
"""Id of the key → how its screen is made, when it is first asked for."""


class Showing(ByName):
    """Switches between numbered screens and hands out the picture to those that can be seen."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self._framed: dict[str, FrameScreen] = {}
        self._picture: Picture | None = None

    def show_screen(self, identity: str) -> None:
        """Bring the numbered screen with this id up. Under a dialog nothing is switched."""
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
        if isinstance(self.screen, FrameScreen):
            self.pop_screen()
            self._show_at_once()

    def on_frame_screen_left(self, message: FrameScreen.Left) -> None:
        message.stop()
        self.show_overview()

    def on_open_logs_at(self, message: OpenLogsAt) -> None:
        message.stop()
        self._show_at("logs", message.instant)

    def on_open_metrics_at(self, message: OpenMetricsAt) -> None:
        message.stop()
        self._show_at("metrics", message.instant)

    def _show_at(self, identity: str, instant: datetime) -> None:
        """A numbered screen with its cursor at a moment."""
        self.show_screen(identity)
        screen = self._framed.get(identity)
        if screen is not None and screen is self.screen:
            screen.look_at(instant)

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
            if isinstance(screen, (OverviewScreen, OperationScreen, ReadinessScreen, RuleScreen, FrameScreen)):
                screen.present(picture)

    def _show_at_once(self) -> None:
        if self._picture is not None:
            self.hand_out(self._picture)

    def _seen(self) -> Iterator[Screen[Any]]:
        for screen in reversed(self.screen_stack):
            yield screen
            if not screen.is_modal:
                return
