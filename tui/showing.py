"""Which numbered screen is up: `1` the overview below everything, the others one at a time on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from textual.screen import Screen

from services.settings.values import Environment
from tui.acting import Acting
from tui.messages import OpenLogsAt
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from tui.screens.operation import OperationScreen
from tui.screens.overview import OverviewScreen
from tui.screens.rule import RuleScreen


def _metrics(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.metrics import MetricsScreen

    return MetricsScreen(system, environment)


def _alarms(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.alarms import AlarmsScreen

    return AlarmsScreen(system, environment)


def _dashboard(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.dashboard import DashboardScreen

    return DashboardScreen(system, environment)


def _fleet(system: str, environment: Environment) -> FrameScreen:
    from tui.screens.fleet import FleetScreen

    return FleetScreen(system, environment)


SCREENS: Mapping[str, Callable[[str, Environment], FrameScreen]] = {
    "metrics": _metrics,
    "alarms": _alarms,
    "dashboard": _dashboard,
    "fleet": _fleet,
}
"""Id of the key → how its screen is made, when it is first asked for."""


class Showing(Acting):
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

    def show_overview(self) -> None:
        """Back to the first screen."""
        if isinstance(self.screen, FrameScreen):
            self.pop_screen()
            self._show_at_once()

    def on_frame_screen_left(self, message: FrameScreen.Left) -> None:
        message.stop()
        self.show_overview()

    def on_open_logs_at(self, message: OpenLogsAt) -> None:
        """The overview's tail at that moment."""
        message.stop()
        overview = self.screen_stack[0]
        assert isinstance(overview, OverviewScreen)
        if overview.show_logs_at(message.instant):
            self.show_overview()
            return
        when = f"{message.instant:%Y-%m-%d %H:%M}Z"
        self.notify(f"The log tail holds nothing of {when}.", severity="warning", markup=False)

    def clear_framed(self, environment: Environment) -> None:
        """Every numbered screen, seen or not, forgets the environment it showed."""
        self._picture = None
        for screen in self._framed.values():
            screen.clear(self.settings.system, environment)

    def hand_out(self, picture: Picture) -> None:
        """Hand the picture to what can be seen: from the top down to the first screen that covers all below it."""
        self._picture = picture
        for screen in self._seen():
            if isinstance(screen, (OverviewScreen, OperationScreen, RuleScreen, FrameScreen)):
                screen.present(picture)

    def _show_at_once(self) -> None:
        if self._picture is not None:
            self.hand_out(self._picture)

    def _seen(self) -> Iterator[Screen[Any]]:
        for screen in reversed(self.screen_stack):
            yield screen
            if not screen.is_modal:
                return
