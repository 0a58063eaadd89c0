"""One line that an order needs before its plan can be made: `/aws/lambda/fn 30`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

T = TypeVar("T")

CLOSING = "enter prepares the plan, esc goes back. Nothing is done yet."


class LineScreen(ModalScreen["T | None"], Generic[T]):
    """Ends with what the line means, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]

    def __init__(self, title: str, value: str, hint: str, read: Callable[[str], T], closing: str = CLOSING) -> None:
        """`read` raises ValueError, whose text is shown, for a line that means nothing."""
        super().__init__(classes="at-line")
        self._foot = closing
        self._heading, self._given, self._meaning, self._parse = title, value, hint, read

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Input(value=self._given, id="field", compact=True, max_length=1_000, select_on_focus=False)
            yield Static(Content(f"{self._meaning} {self._foot}"), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content(self._heading)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            found = self._parse(event.value)
        except ValueError as error:
            self.query_one("#hint", Static).update(Content(str(error)))
        else:
            self.dismiss(found)

    def action_leave(self) -> None:
        self.dismiss(None)
