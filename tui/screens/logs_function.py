"""Screen 3 for one function, as screen 4 opens it: its log as it is written, or its errors of the last hour."""

from __future__ import annotations

from collections.abc import Callable

from services.model.logs import Level
from tui.log_presets import FUNCTION_ERRORS
from tui.picture import Picture
from tui.screens.logs_live import LogsLive


class LogsFunction(LogsLive):
    """Comes up with a function's lines."""

    _errand: Callable[[], object] | None = None
    """What was asked for before the widgets stood."""

    def show(self, picture: Picture) -> None:
        super().show(picture)
        errand, self._errand = self._errand, None
        if errand is not None:
            self.call_after_refresh(errand)

    def follow_function(self, group: str) -> None:
        """Only the lines of that log group, every level, as they come."""
        self._soon(lambda: self._follow_group(group))

    def search_errors(self, group: str) -> None:
        """Exceptions and time-outs of that log group in the last hour."""
        self._soon(lambda: self._search_errors(group))

    def search_for(self, preset: str) -> None:
        """One of the runbook's searches, by its id."""
        self._soon(lambda: self.run_worker(self.run_preset(preset), group="preset", exclusive=True))

    def _soon(self, errand: Callable[[], object]) -> None:
        if self._stands and self.picture is not None:
            errand()
        else:
            self._errand = errand

    def _follow_group(self, group: str) -> None:
        short = dict(self.groups().followed).get(group)
        if short is None:
            self.answer(f"{group} is not followed: f chooses it", refused=True)
            return
        self.close_panel()
        self.back_to_live()
        self._filter(f"group:{short}")
        self._view.level = Level.NONE
        self._view.follow()
        self.answer(f"only {group}; esc shows all lines again")

    def _search_errors(self, group: str) -> None:
        short = dict(self.groups().followed).get(group, "lambda")
        pattern = FUNCTION_ERRORS.json if self._is_json((group, short)) else FUNCTION_ERRORS.text
        self._pattern = pattern
        self.search(FUNCTION_ERRORS.title, ((group, short),), (pattern,), FUNCTION_ERRORS.id)
