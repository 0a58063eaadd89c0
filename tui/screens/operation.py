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

from services.model.checklists import ListState
from services.model.entry import Operation
from services.model.plan import ActionKind
from services.model.validation import Validation
from services.rules.checklists import SECURITY, completed
from tui.keys import view_keys
from tui.picture import Picture
from tui.rollback_checklist import checklist_of, exposed
from tui.rule_steps import status_lines
from tui.screens.cockpit import cockpit
from tui.validation import validation_of
from widgets.operation_view import OperationView
from widgets.rule_steps import StatusLine
from widgets.spans import Span, wrap

DIALOG_WIDTH = 124
FRAME_COLUMNS = 4
FRAME_ROWS = 3
"""What frame, padding and the row above the hint take; styles/app.tcss has the same figures."""


class OperationScreen(ModalScreen[None]):
    """Follows the operation with this id."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,o,q", "leave", "leave", show=False),
        Binding("z", "app.run('undo')", "undo", show=False),
        Binding("L", "app.run('app_log')", show=False),
        *(Binding(",".join((key.key, *key.also)), key.id, key.label, show=False) for key in view_keys("operation")),
    ]

    def __init__(self, operation: str) -> None:
        super().__init__(classes="at-operation")
        self.operation = operation
        self._title = ""
        self._said = ""
        self._shown: Operation | None = None
        self._validation: Validation | None = None
        """The five checks, once it has ended; None: it is no rollback that took effect."""
        self._checklist: ListState | None = None
        self._followed = False
        """It was seen here while it was open."""
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
        self._shown, self._validation = operation, validation_of(picture, operation)
        self._checklist = checklist_of(picture, operation)
        self._view.show(
            operation, picture.now, orphaned=self.orphaned, validation=self._validation,
            status=_system(operation, picture), checklist=self._checklist, closed=completed(operation),
        )  # fmt: skip
        self._tell_end(operation)
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Say which keys work; where the screen is too low for everything, what moves is the operation, not they."""
        if self._shown is None:
            return
        width = min(self.size.width, DIALOG_WIDTH) - FRAME_COLUMNS
        hint = _hint(self._shown, self.orphaned, self._validation is not None, self._checklist is not None)
        room = self.size.height - FRAME_ROWS - len(wrap([Span(hint)], width))
        whole = self._view.needed_height(width) <= room
        self.set_class(not whole, "-full")
        hint = hint if whole else f"j k scroll · {hint}"
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

    class Judge(Message):
        """The person has signed in and says how it went."""

        def __init__(self, operation: Operation, validation: Validation) -> None:
            super().__init__()
            self.operation, self.validation = operation, validation

    class Tell(Judge):
        """The person tells the stakeholders."""

    def action_judge(self) -> None:
        """Say what was seen when signing in."""
        if self._shown is not None and self._validation is not None:
            self.post_message(self.Judge(self._shown, self._validation))

    def action_tell(self) -> None:
        """Copy the message for the stakeholders."""
        if self._shown is not None and self._validation is not None:
            self.post_message(self.Tell(self._shown, self._validation))

    class Next(Message):
        """The rollback did not help: the person wants the plan of what has not been tried."""

        def __init__(self, operation: Operation) -> None:
            super().__init__()
            self.operation = operation

    class Withdraw(Message):
        """The person wants what waits for its turn not to be sent."""

        def __init__(self, operation: Operation) -> None:
            super().__init__()
            self.operation = operation

    def action_withdraw(self) -> None:
        """Take it back, as long as nothing of it was sent."""
        if self._shown is not None and self._shown.queued is not None:
            self.post_message(self.Withdraw(self._shown))

    def action_next(self) -> None:
        """Prepare the next candidate, where this one did not help."""
        if self._shown is not None and _helpless(self._shown):
            self.post_message(self.Next(self._shown))

    class Ended(Message):
        """It came to its end while it was followed here."""

        def __init__(self, operation: Operation) -> None:
            super().__init__()
            self.operation = operation

    def _tell_end(self, operation: Operation) -> None:
        """Once: whoever had the screen open has monitored it."""
        if operation.open:
            self._followed = True
        elif self._followed and self._checklist is not None:
            self._followed = False
            self.post_message(self.Ended(operation))

    class Complete(Message):
        """The person closes its checklist."""

        def __init__(self, operation: Operation, checklist: ListState) -> None:
            super().__init__()
            self.operation, self.checklist = operation, checklist

    def action_complete(self) -> None:
        """Close the checklist as complete, which takes an outcome and every item."""
        if self._shown is not None and self._checklist is not None:
            self.post_message(self.Complete(self._shown, self._checklist))

    def action_security(self) -> None:
        """The security checklist, where that was the reason."""
        if self._shown is not None and exposed(self._shown):
            cockpit(self).show_checklist(SECURITY, f"rollback {self.operation}")

    def action_resume(self) -> None:
        """Ask for the operation to be carried on, if nobody does."""
        if self.orphaned:
            self.post_message(self.Resume(self.operation))

    def action_hand_over(self) -> None:
        """The journal, at this operation: the command lines with which a person finishes it or takes it back."""
        cockpit(self).hand_over(self.operation)

    def action_operation_down(self) -> None:
        self._scroll.scroll_down(animate=False)

    def action_operation_up(self) -> None:
        self._scroll.scroll_up(animate=False)

    def action_operation_page_down(self) -> None:
        self._scroll.scroll_page_down(animate=False)

    def action_operation_page_up(self) -> None:
        self._scroll.scroll_page_up(animate=False)


def _system(operation: Operation, picture: Picture) -> tuple[StatusLine, ...]:
    """How the components are while a rollback is under way (runbook 696); nothing otherwise."""
    return status_lines(picture) if operation.open and operation.plan.kind is ActionKind.ROLLBACK else ()


def _helpless(operation: Operation) -> bool:
    from services.actions.next_try import helpless  # nothing slow comes before the first paint

    return helpless(operation)


def _hint(operation: Operation, orphaned: bool, validated: bool, listed: bool) -> str:
    security = "s the Security Incident Checklist · " if exposed(operation) else ""
    if orphaned:
        return (
            f"{security}its executor has gone. r has it carried on: what stands is read first, nothing is sent twice · "
            "h the command lines to do it by hand · esc leaves it as it is"
        )
    if operation.open:
        if operation.queued is not None:
            return "w withdraws it before it is sent · esc closes this; it goes on waiting"
        return f"{security}esc closes this; it goes on without it · h by hand · o opens it again"
    undo = "z takes it back · " if operation.reversible else ""
    validate = "v signing in · m message · " if validated else ""
    another = "n the next candidate · " if _helpless(operation) else ""
    complete = "c complete · " if listed and not completed(operation) else ""
    return f"{security}{another}{undo}{validate}{complete}esc closes"
