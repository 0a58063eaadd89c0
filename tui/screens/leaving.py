"""Leaving while an operation is under way: it goes on without this screen, and the person should know."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from services.model.entry import Operation


class LeavingScreen(ModalScreen[bool]):
    """Ends with whether to leave. Leaving is the default: it harms nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "stay", "stay", show=False),
        Binding("q,y", "leave", "leave", show=False),
    ]
    AUTO_FOCUS = "#leave"

    def __init__(self, operation: Operation) -> None:
        super().__init__(classes="at-leaving")
        self._operation = operation

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(
                Content(
                    f"{self._operation.plan.title}\n{self._operation.text}\n\n"
                    "It goes on without this screen, in a process of its own.\n"
                    f"The next start shows it again (operation {self._operation.id})."
                ),
                markup=False,
            )
            with Horizontal(id="choices"):
                yield Button("Leave it running (q)", id="leave", compact=True)
                yield Button("Stay (esc)", id="stay", compact=True)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("An operation is under way")

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        self.dismiss(False)
