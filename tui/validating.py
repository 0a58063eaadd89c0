"""The validation after a rollback, on the screen's side: what was seen, what a person says, whom they tell."""

from __future__ import annotations

import asyncio
from functools import partial

from textual import work

from services.journal.home import JournalBroken
from services.model.entry import Entry, Operation
from services.model.validation import Finding, Validation
from services.rules.checklists import COMPLETE, MONITORED, completed, incomplete
from services.rules.validation import SIGN_IN, TOLD, VALIDATED
from services.safe_text import safe
from tui.by_name import ByName
from tui.clipboard import TooLarge, copy
from tui.ordering import who
from tui.screens.line import LineScreen
from tui.screens.operation import OperationScreen

SEEN = "What a person saw who signed in: `works`, or what does not."
WHY = "Why it is not to be sent any more. Nothing of it was sent yet."
OVERRIDE = "Why it counts as validated all the same."


class Validating(ByName):
    """What keys of an ended rollback do."""

    def on_operation_screen_judge(self, message: OperationScreen.Judge) -> None:
        """`v`: what a person saw."""
        message.stop()
        asked = partial(self._signed_in, message.operation, message.validation)
        self.push_screen(LineScreen("Sign-in", "works", SEEN, _said, "enter records it, esc goes back."), asked)

    def _signed_in(self, operation: Operation, found: Validation, said: str | None) -> None:
        if said is None:
            return
        works = said.lower() == "works"
        self.remark(operation, said, SIGN_IN, good=works)
        others = [one for one in found.open if one.title != "Sign-in"]
        if not works:
            return
        if not others:
            self.remark(operation, "all five checks are well", VALIDATED)
            return
        told = ", ".join(f"{one.title} {one.finding.value}" for one in others)
        title = f"Not well yet: {told}"
        failing = any(one.finding is Finding.FAIL for one in others)
        hint = OVERRIDE if failing else f"Press v again when they have been judged, or: {OVERRIDE.lower()}"
        screen = LineScreen(title, "", hint, _said, "enter records it, esc leaves it open.")
        self.push_screen(screen, partial(self._overridden, operation, told))

    def _overridden(self, operation: Operation, open_ones: str, reason: str | None) -> None:
        if reason is not None:
            self.remark(operation, f"validated although {open_ones}: {reason}", VALIDATED)

    def on_operation_screen_tell(self, message: OperationScreen.Tell) -> None:
        """`m`: the message, to the clipboard."""
        from services.actions.completion import completion

        message.stop()
        session = self.session
        if session is None:
            return
        system = f"{self.settings.system} {session.environment.name}"
        text = completion(message.operation, message.validation, system, self.clock.now())
        try:
            copy(self, text)
        except TooLarge as error:
            self.notify(f"Not copied: {error}.", severity="warning", markup=False)
            return
        self.notify("The message is copied, if your terminal takes it (OSC 52).", markup=False)
        self.remark(message.operation, "the message for the stakeholders was copied", TOLD)

    def on_operation_screen_ended(self, message: OperationScreen.Ended) -> None:
        """Its screen was open when it ended: that is what the runbook calls monitoring."""
        message.stop()
        outcome = message.operation.outcome
        if outcome is not None:
            self.remark(message.operation, f"{outcome.value} was reached with its screen open", MONITORED)

    def on_operation_screen_complete(self, message: OperationScreen.Complete) -> None:
        """`c`: as complete, or why not."""
        message.stop()
        why = incomplete(message.operation, message.checklist)
        if why:
            self.notify(f"Not complete: {why}.", severity="warning", markup=False)
        elif not completed(message.operation):
            self.complete(message.operation)

    def complete(self, operation: Operation) -> None:
        """Close the checklist of a rollback that has its outcome."""
        self.remark(operation, "the rollback's checklist was closed as complete", COMPLETE)

    def on_operation_screen_withdraw(self, message: OperationScreen.Withdraw) -> None:
        """`w`: what waits for its turn is not to be sent."""
        message.stop()
        asked = partial(self._withdrawn, message.operation.id)
        self.push_screen(LineScreen("Withdraw it", "", WHY, _said, "enter withdraws it, esc lets it wait on."), asked)

    def _withdrawn(self, operation: str, reason: str | None) -> None:
        from services.journal.remarks import WITHDRAWN

        known = self.session.operations if self.session is not None else ()
        found = next((one for one in known if one.id == operation), None)
        if reason is None or found is None:
            return
        if found.queued is None:
            self.notify("It was sent meanwhile: nothing was withdrawn.", severity="warning", markup=False)
            return
        self.remark(found, reason, WITHDRAWN)
        self.notify("Withdrawn: whoever carries it on ends it at the next look; nothing is sent.", markup=False)

    @work(group="remark")
    async def remark(self, operation: Operation, text: str, about: str, *, good: bool = True) -> None:
        """Write a person's word into the journal, on a thread."""
        from services.journal.remarks import remark

        session = self.session
        if session is None:
            return
        home = session.home

        def write() -> Entry:
            return remark(home, operation.id, text, about, who(session), self.clock.now(), good=good)

        try:
            await asyncio.to_thread(write)
        except (JournalBroken, OSError) as error:
            self.notify(f"Not recorded: {safe(error, 300)}", severity="error", markup=False)


def _said(text: str) -> str:
    found = " ".join(text.split())
    if not found:
        raise ValueError("Nothing was typed.")
    return found
