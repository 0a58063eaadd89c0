"""Where the reason is typed; up and down put one of the runbook's decision points there."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

HINT = "tab, then down: a decision point of the runbook as the reason"


class TypedInput(Input):
    """A one-line field that has to be typed: it takes no paste."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._refuse()

    def action_paste(self) -> None:
        """The field's own clipboard key, refused likewise."""
        self._refuse()

    def _refuse(self) -> None:
        self.app.notify("Nothing can be pasted here: type it.", severity="warning", markup=False)


class ReasonField(TypedInput):
    """The reason of an operation."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "next reason", show=False),
        Binding("up", "choose(-1)", "reason before", show=False),
    ]

    offers = False
    """Whether the decision points are reasons for this plan."""

    def action_choose(self, step: int) -> None:
        """The next of the decision points; what was typed in own words gives way."""
        if self.offers:
            from services.actions.reasons import beside

            self.value = beside(self.value, step)
            self.cursor_position = len(self.value)

    @property
    def told(self) -> Content:
        """What the reason that is chosen wants; how to choose one while none is."""
        if not self.offers:
            return Content("")
        from services.actions.reasons import chosen, lacks

        point = chosen(self.value)
        if point is None:
            return Content(HINT)
        return Content(lacks(self.value) or point.first or point.source)

    @property
    def lacks(self) -> str:
        """What has to be typed before the reason counts; empty when nothing has."""
        from services.actions.reasons import lacks

        return lacks(self.value) if self.offers else ""
