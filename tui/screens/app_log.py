"""The application's own log as it is written, over whatever is shown: key `L`, and `esc` comes back to just that.

A log screen of its own, so that what was searched and filtered on screen 3 stays as it was left.
"""

from __future__ import annotations

from functools import partial

from services.model.logs import Level
from services.watch.log_choice import USUAL
from tui.picture import Picture
from tui.screens.logs import LogsScreen
from tui.screens.logs_panel import LIST_HINTS
from widgets.key_bar import KeyHint

BACK = KeyHint("esc", "back", priority=6)


class AppLogScreen(LogsScreen):
    """Follows the groups that the settings call the application's; every group where they name none."""

    def _reset(self) -> None:
        super()._reset()
        self._missed = True
        """It is not known yet whether they are followed at all."""

    def begin(self, level: Level = Level.NONE) -> None:
        """Come up at the newest line of at least `level`, whatever was looked at here the last time."""
        self._soon(partial(self._begin, level))

    def show(self, picture: Picture) -> None:
        shorts = tuple(group.short for group in picture.environment.names.log_groups)
        if shorts != self._only:
            self._only = shorts
            self.apply_filter()
        super().show(picture)

    def hints(self) -> tuple[KeyHint, ...]:
        """The way back first, where a list does not say its own."""
        own = super().hints()
        return own if own is LIST_HINTS else (BACK, *own)

    def told(self) -> None:
        super().told()
        if self._missed and self.status is not None and (self.status.claims or self.pick.words):
            self._missed = False
            self._follow_own()

    def _begin(self, level: Level) -> None:
        self.close_panel()
        self.back_to_live()
        self.clear_filter()
        self.answer("")
        self._view.level = level
        self._view.follow()

    def _follow_own(self) -> None:
        """Follow what is not followed: whoever opens this screen has asked for just that."""
        claims = self.status.claims if self.status is not None else ()
        followed = {claim.name for claim in claims if claim.shown}
        pick = self.pick
        for group in self._environment.names.log_groups:
            if group.name in pick.hidden:
                pick = pick.toggled(group.name)
            elif group.name not in followed:
                pick = pick.with_word(group.name, USUAL)
        if pick != self.pick:
            self._follow(pick)
            self.answer("the application's log is followed from now on; f on screen 3 chooses")
