"""Leaving while an operation is open: it goes on without this screen, or nobody carries it on. Either is said."""

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

GOES_ON = "It goes on without this screen, in a process of its own."
GONE = "Nobody carries it on: its executor is gone. Stay, then o and r have it carried on."


class LeavingScreen(ModalScreen[bool]):
    """Ends with whether to leave. Leaving is the default: it harms nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "stay", "stay", show=False),
        Binding("q,y", "leave", "leave", show=False),
    ]
    AUTO_FOCUS = "#leave"

    def __init__(self, operation: Operation, *, orphaned: bool = False) -> None:
        """`orphaned`: its executor has gone."""
        super().__init__(classes="at-leaving")
        self._operation, self._orphaned = operation, orphaned

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(
                Content(
                    f"{self._operation.plan.title}\n{self._operation.text}\n\n"
                    f"{GONE if self._orphaned else GOES_ON}\n"
                    f"The next start shows it again (operation {self._operation.id})."
                ),
                markup=False,
            )
            with Horizontal(id="choices"):
                yield Button(
                    "Leave it open (q)" if self._orphaned else "Leave it running (q)", id="leave", compact=True
                )
                yield Button("Stay (esc)", id="stay", compact=True)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content(
            "An operation was left open" if self._orphaned else "An operation is under way"
        )

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        self.dismiss(False)
