"""What the steps of an opened alert lead to: a screen to look at, the way back, and the mark of who looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from services.model.alerts import Alert
from tui.messages import OpenLogsAt
from tui.screens.rule import RuleScreen
from tui.showing import SCREENS, Showing

BEFORE_ALERT = timedelta(minutes=5)
"""How long before an alert its logs are opened: what led to it stands above."""

STEP_OF = {"dashboard": 4, "logs": 5}
"""Screen → the step of the first response that it is looked at for."""

SEARCH_OF = {"alert.security": "sign-ins"}
"""Rule → the search that its log is opened with: what explains it stands in no line of the application."""

ASKED_ANEW = (("alert.low_activity", "overview"),)
"""Where the runbook wants to know whether the system can be reached: all is asked again, the health address too."""


class Errand(msgspec.Struct, frozen=True):
    """A screen that was opened from an alert."""

    rule: str
    alert: Alert | None
    screen: str


class AlertErrands(Showing):
    """Opens screens for an alert and comes back to it."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self._errand: Errand | None = None

    def take_step(self, alert: Alert, step: int, note: str = "") -> None:
        raise NotImplementedError

    def open_rule(self, key: str) -> None:
        raise NotImplementedError

    def action_run(self, identity: str) -> None:
        raise NotImplementedError

    def run_errand(self, message: RuleScreen.Do) -> None:
        """Open the screen that a key of an alert names; `esc` there comes back to the alert."""
        alert, identity = message.alert, message.identity
        if (message.rule, identity) in ASKED_ANEW:
            self.action_run("refresh")
        if identity not in SCREENS or self._framed.get(identity) is not self.screen:
            return
        if identity == "logs" and alert is not None:
            self.take_step(alert, STEP_OF["logs"])
        if identity == "logs" and message.rule in SEARCH_OF:
            self.log_search(SEARCH_OF[message.rule])
        elif identity == "logs" and alert is not None:
            self.post_message(OpenLogsAt(alert.raised - BEFORE_ALERT))
        self._errand = Errand(message.rule, alert, identity)

    def show_screen(self, identity: str) -> None:
        super().show_screen(identity)
        if self._errand is not None and identity != self._errand.screen:
            self._end_errand()

    def show_overview(self) -> None:
        super().show_overview()
        self._end_errand()

    def esc_left(self) -> None:
        """Back where the way began: at the alert, if it was one."""
        errand = self._errand
        super().esc_left()
        if errand is not None:
            self.open_rule(errand.rule)

    def _end_errand(self) -> None:
        """Whoever comes back from the dashboard has reviewed it."""
        errand, self._errand = self._errand, None
        if errand is not None and errand.alert is not None and errand.screen == "dashboard":
            self.take_step(errand.alert, STEP_OF["dashboard"])
