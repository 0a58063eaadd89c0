"""One operation, followed through its journal. Closing this screen changes nothing: the hands are another process."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from services.model.entry import Operation
from tui.picture import Picture
from widgets.operation_view import OperationView


class OperationScreen(ModalScreen[None]):
    """Follows the operation with this id."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,o,q", "leave", "leave", show=False),
        Binding("z", "app.run('undo')", "undo", show=False),
        Binding("r", "resume", "resume", show=False),
        Binding("h", "hand_over", "hand over", show=False),
        Binding("j,down", "down", show=False),
        Binding("k,up", "up", show=False),
    ]

    def __init__(self, operation: str) -> None:
        super().__init__(classes="at-operation")
        self.operation = operation
        self._title = ""
        self._said = ""
        # Held here, not looked up: the journal may tell more while they come or go.
        self._dialog = Vertical(id="dialog")
        self._scroll = VerticalScroll(id="operation-scroll", can_focus=False)
        self._view = OperationView(id="operation-view")
        self._hint = Static(id="hint", classes="hint", markup=False)
        self.orphaned = False
        """Whether nobody carries this operation on."""

    def compose(self) -> ComposeResult:
        with self._dialog:
            with self._scroll:
                yield self._view
            yield self._hint

    def present(self, picture: Picture) -> None:
        """Show the operation as the journal tells it now."""
        operation = picture.operation(self.operation)
        if operation is None:
            return
        if operation.plan.title != self._title:
            self._title = operation.plan.title
            self._dialog.border_title = Content(self._title)
        self.orphaned = operation.id in picture.orphans
        self._view.show(operation, picture.now, orphaned=self.orphaned)
        hint = _hint(operation, self.orphaned)
        if hint != self._said:
            self._said = hint
            self._hint.update(Content(hint))

    def action_leave(self) -> None:
        self.dismiss(None)

    class Resume(Message):
        """The person wants this operation carried on."""

        def __init__(self, operation: str) -> None:
            super().__init__()
            self.operation = operation

    def action_resume(self) -> None:
        """Ask for the operation to be carried on, if nobody does."""
        if self.orphaned:
            self.post_message(self.Resume(self.operation))

    def action_hand_over(self) -> None:
        """The journal, at this operation: the command lines with which a person finishes it or takes it back."""
        self.app.hand_over(self.operation)  # type: ignore[attr-defined]

    def action_down(self) -> None:
        self._scroll.scroll_down(animate=False)

    def action_up(self) -> None:
        self._scroll.scroll_up(animate=False)


def _hint(operation: Operation, orphaned: bool) -> str:
    if orphaned:
        return (
            "its executor has gone. r has it carried on: what stands is read first, nothing is sent twice · "
            f"h the command lines to do it by hand · esc leaves it as it is · operation {operation.id}"
        )
    if operation.open:
        return f"esc closes this; it goes on without it · h by hand · o opens it again · operation {operation.id}"
    undo = "z takes it back · " if operation.reversible else ""
    return f"{undo}esc closes · operation {operation.id}"
