"""Live Tail on the log screen: switched on by a key and a yes, its price and state in sight, off by the same key."""

from __future__ import annotations

from services.model.live import LiveStatus
from services.watch.log_following import FollowsLogs
from tui.screens.cockpit import cockpit
from tui.screens.live_tail import LiveOffer, LiveTailScreen
from tui.screens.logs_groups import LogsGroups
from widgets.log_live import cost


class LogsLive(LogsGroups):
    """Pays for lines that come sooner."""

    def _reset(self) -> None:
        super()._reset()
        self._opening = False
        """Switched on, and nothing heard of it yet."""

    @property
    def live(self) -> LiveStatus | None:
        """Live Tail, while it is on."""
        live = self.status.live if self.status is not None else None
        return live if live is not None and not live.ended else None

    def told(self) -> None:
        super().told()
        live = self.status.live if self.status is not None else None
        if live is not None and self._opening:
            self._opening = False
            self.answer("" if not live.ended else f"Live Tail: {live.ended}", refused=bool(live.ended))

    def do_live(self) -> None:
        live = self.live
        if live is not None:
            self._switch(False)
            self.answer(f"Live Tail is off · {cost(live)}; the tail goes on")
            return
        claims = self.status.claims if self.status is not None else ()
        shown = tuple(claim.short for claim in claims if claim.shown)
        if not shown or self.picture is None:
            self.answer("no log group is followed that Live Tail could show", refused=True)
            return
        offer = LiveOffer(shown, self.picture.settings.prices.live_tail_minute)
        app = cockpit(self)
        dialog = LiveTailScreen(offer, app.clock.monotonic, app)
        self.app.push_screen(dialog, self._decided)

    def _decided(self, yes: bool | None) -> None:
        if yes and self._switch(True):
            self._opening = True
            self.answer("Live Tail is being opened …")

    def _switch(self, on: bool) -> bool:
        session = cockpit(self).session
        watch: object = session.watch if session is not None else None
        if not isinstance(watch, FollowsLogs):
            return False
        watch.live_logs(on)
        return True
