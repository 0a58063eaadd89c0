"""Which paths to invalidate: asked before the plan is made."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

DEFAULT_PATHS = "/*"

HINT = "Paths, separated by spaces; each begins with /. enter prepares the plan, esc goes back. Nothing is done yet."


class PathsScreen(ModalScreen[tuple[str, ...] | None]):
    """Ends with the paths, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]

    def __init__(self) -> None:
        super().__init__(classes="at-paths")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Input(value=DEFAULT_PATHS, id="field", compact=True, max_length=2_000, select_on_focus=True)
            yield Static(Content(HINT), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Invalidate which paths?")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        paths = tuple(event.value.split())
        wrong = next((path for path in paths if not path.startswith("/")), None)
        if wrong is not None:
            self.query_one("#hint", Static).update(Content(f"{wrong} does not begin with /."))
        elif paths:
            self.dismiss(paths)

    def action_leave(self) -> None:
        self.dismiss(None)
