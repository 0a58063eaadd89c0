"""One thing a person has to read: why there is no plan, what went wrong, and what would lift it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class NoticeScreen(ModalScreen[None]):
    """A sentence and its remedy; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,space", "leave", "leave", show=False)]

    def __init__(self, title: str, reason: str, remedy: str = "") -> None:
        super().__init__(classes="at-notice")
        self._title = title
        self.reason = reason
        self.remedy = remedy

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(Content(self.reason), id="reason", markup=False)
            if self.remedy:
                yield Static(Content(self.remedy), id="remedy", markup=False)
            yield Static(Content("esc goes back"), classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content(self._title)

    def action_leave(self) -> None:
        self.dismiss(None)
