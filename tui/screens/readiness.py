"""Can I roll back right now? Every layer's checks, from what is on the screen and a few questions more."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from services.journal.home import JournalHome
from services.model.readiness import Footing, Ground
from services.problems import AccountError
from tui.picture import Picture
from tui.screens.cockpit import cockpit
from widgets.readiness_view import ReadinessView


class ReadinessScreen(ModalScreen[None]):
    """Key `p`. Asks once when it is opened, and follows what the watch reads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,p,q", "leave", "leave", show=False),
        Binding("L", "app.run('app_log')", show=False),
        Binding("j,down", "down", show=False),
        Binding("k,up", "up", show=False),
    ]

    def __init__(self, home: JournalHome) -> None:
        super().__init__(classes="at-operation")
        self._home = home
        self._footing: Footing | None = None
        self._ground = Ground(str(home.path))
        self._asked = False
        self._picture: Picture | None = None
        self._view = ReadinessView(id="readiness-view")
        self._scroll = VerticalScroll(id="operation-scroll", can_focus=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content("Can I roll back right now?")
            dialog.border_subtitle = Content("esc closes · nothing here changes anything")
            with self._scroll:
                yield self._view

    def present(self, picture: Picture) -> None:
        """The newest picture; the first one with a situation has the rest asked."""
        self._picture = picture
        if not self._asked and picture.situation is not None and picture.situation.releases.value is not None:
            self._asked = True
            self.run_worker(self._ask(), group="readiness")
        self._show()

    def _show(self) -> None:
        picture = self._picture
        if picture is None or picture.situation is None or not self.is_mounted:
            return
        from services.actions.readiness import readiness

        self._view.show(
            readiness(
                picture.situation, picture.environment, picture.settings, picture.now, self._footing, self._ground
            )
        )

    async def _ask(self) -> None:
        from services.journal.ground import ground
        from services.watch.on_demand import ask
        from tui.readiness import footing_of

        picture = self._picture
        if picture is None or picture.situation is None:
            return
        self._ground = await asyncio.to_thread(ground, self._home, picture.environment.name)
        self._show()
        session = cockpit(self).session
        question = footing_of(picture.situation, picture.environment)
        try:
            future = ask(session.watch if session is not None else None, question)
            self._footing = await asyncio.wrap_future(future)
        except AccountError as error:
            self._footing = Footing(picture.now, why_not_known=str(error.problem.message))
        self._show()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_down(self) -> None:
        self._scroll.scroll_down(animate=False)

    def action_up(self) -> None:
        self._scroll.scroll_up(animate=False)
