"""The health score with its formula, and our newest health check."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from services.model.health_score import Defined
from services.model.reading import Reading
from services.rules.health_score import FORMULA, computed, in_the_dark
from services.safe_text import SafeText, safe
from tui.health_check import part_rows
from tui.picture import Picture
from widgets.health_view import HealthPage, HealthView
from widgets.wording import minute


class HealthScreen(ModalScreen[None]):
    """Key `h`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,h,q", "leave", "leave", show=False),
        Binding("L", "app.run('app_log')", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(classes="at-operation")
        self._picture: Picture | None = None
        self._view = HealthView(id="health-view")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content("Health score")
            dialog.border_subtitle = Content("esc closes")
            with VerticalScroll(id="operation-scroll", can_focus=False):
                yield self._view

    def present(self, picture: Picture) -> None:
        """The newest picture."""
        self._picture = picture
        if self.is_mounted:
            self._show(picture)

    def on_mount(self) -> None:
        if self._picture is not None:
            self._show(self._picture)

    def _show(self, picture: Picture) -> None:
        dark = in_the_dark(picture.assessment)
        defined = told(picture.situation.score, dark) if picture.situation is not None else None
        self._view.show(HealthPage(picture.now, computed(picture.assessment), FORMULA, defined, part_rows(picture)))

    def action_leave(self) -> None:
        self.dismiss(None)


def told(reading: Reading[Defined], dark: bool = False) -> Defined | None:
    """What the dashboard says, or why it was not read; None: it is being asked. `dark`: nothing can be seen now."""
    if reading.problem is not None:
        name = reading.value.dashboard if reading.value is not None else SafeText("")
        return Defined(name, why=safe(f"the dashboard was not read: {reading.problem.message}"))
    said = reading.value
    if dark and said is not None and said.value is not None and said.at is not None:
        return Defined(said.dashboard, why=safe(f"the dashboard's {said.value:.3g} is of {minute(said.at)} UTC"))
    return said
