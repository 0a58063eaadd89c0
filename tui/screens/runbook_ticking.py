"""Ticks on screen 6: a note, a reason, a list begun and closed. Written on a thread, beside the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from services.model.checklists import MAINTENANCE, Doing, Mark, Marks
from services.rules.checklists import CHECKED, ROLLBACK, parts_of
from services.safe_text import SafeText, safe
from tui.rollback_checklist import checklist_of
from tui.runbook_rows import newest_rollback
from tui.runbook_tasks import Looked
from tui.screens.cockpit import cockpit
from tui.screens.frame import FrameScreen
from tui.screens.line import LineScreen
from tui.screens.operation import OperationScreen
from widgets.check_list import CheckRow

if TYPE_CHECKING:
    from services.model.entry import Operation
    from services.model.runbook import Runbook

PERIODIC = ("daily", "weekly", "monthly")
"""Lists of tasks that nobody begins: a day, a week or a month does."""

NOTED = "enter keeps it, esc goes back."


class RunbookTicking(FrameScreen):
    """What `t`, `w`, `u`, `b` and `c` do."""

    @property
    def chosen(self) -> CheckRow | None:
        raise NotImplementedError

    @property
    def runbook(self) -> Runbook | None:
        raise NotImplementedError

    def again(self) -> None:
        raise NotImplementedError

    def remember(self, row: CheckRow, found: Looked) -> None:
        """Show beside the row what a look has found."""
        raise NotImplementedError

    def remembered(self, row: CheckRow) -> Looked | None:
        """What the row's last look has found, while the environment stays open."""
        raise NotImplementedError

    def looked(self, row: CheckRow) -> Looked | None:
        """What can be found out at once for a tick; None: nothing."""
        raise NotImplementedError

    # ---- keys

    def do_tick(self) -> None:
        """Done, with a note; what can be looked at is kept beside it."""
        row = self._tickable()
        if row is not None:
            self._next_part(row, [*parts_of(row.key.partition("/")[2])], Doing.DONE)

    def do_waive(self) -> None:
        row = self._tickable()
        if row is not None:
            self._next_part(row, [*parts_of(row.key.partition("/")[2])], Doing.WAIVED)

    def _next_part(self, row: CheckRow, parts: list[str], doing: Doing) -> None:
        """Ask for one thing, or for one part after the other; `-` leaves a part as it is."""
        part = parts.pop(0) if parts else ""
        title = f"{'Waive' if doing is Doing.WAIVED else 'Done'}: {part or row.name}"
        hint = "Why it is left out." if doing is Doing.WAIVED else "What was done or found; may stay empty."
        if part:
            hint += " - leaves it as it is; waived: and a reason waives it."
        read: Callable[[str], str] = _reason if doing is Doing.WAIVED else _note

        def answered(said: str | None) -> None:
            if said is None:
                return
            if not (part and said == "-"):
                waived = part and said.lower().startswith("waived:")
                note = said.partition(":")[2].strip() if waived else said
                self._say(row, part, Doing.WAIVED if waived else doing, note)
            if parts:
                self._next_part(row, parts, doing)

        self.app.push_screen(LineScreen(title, "", hint, read, NOTED), answered)

    def _say(self, row: CheckRow, part: str, doing: Doing, note: str) -> None:
        found = self.looked(row) if doing is Doing.DONE and not part else None
        self.keep(row, doing, note, found, part)

    def do_untick(self) -> None:
        """Take back what a person said; what evidence ticked stays ticked."""
        row = self._tickable()
        if row is not None:
            for part in parts_of(row.key.partition("/")[2]) or ("",):
                self.keep(row, Doing.UNDONE, "", None, part)

    def do_begin(self) -> None:
        """Begin the list under the marker."""
        identity = self.chosen.key.partition("/")[0] if self.chosen is not None else ""
        marks = self.picture.marks if self.picture is not None else Marks()
        if not identity:
            self.app.notify("No list stands under the marker.", markup=False)
        elif identity in PERIODIC:
            self.app.notify(f"The {identity} tasks begin by themselves; t ticks one.", markup=False)
        elif marks.open_occasion(identity) is not None:
            self.app.notify("This list is open already; c closes it.", markup=False)
        else:
            self.begin_list(identity)

    def begin_list(self, identity: str, note: str = "") -> None:
        """Begin a list for what happens now; one that is open already stays as it is."""
        marks = self.picture.marks if self.picture is not None else Marks()
        if identity == ROLLBACK:
            self.app.notify("The rollback's list begins with the rollback: R prepares one.", markup=False)
        elif marks.open_occasion(identity) is None:
            at = self._now()
            self._write(Mark(identity, f"{at:%Y-%m-%dT%H:%M:%SZ}", "", Doing.BEGUN, at, SafeText(""), safe(note)))

    def do_finish(self) -> None:
        """Close the list under the marker: a rollback's as complete, which takes an outcome."""
        row = self.chosen
        identity = row.key.partition("/")[0] if row is not None else ""
        operation = newest_rollback(self.picture) if self.picture is not None and identity == ROLLBACK else None
        if operation is not None:
            self.close_rollback(operation)
            return
        marks = self.picture.marks if self.picture is not None else Marks()
        begun = marks.open_occasion(identity)
        if begun is not None:
            self._write(msgspec.structs.replace(begun, doing=Doing.CLOSED, at=self._now(), note=SafeText("")))
        else:
            self.app.notify("No checklist is open here; b begins one.", markup=False)

    def close_rollback(self, operation: Operation) -> None:
        """As complete, or why it cannot be."""
        checklist = checklist_of(self.picture, operation) if self.picture is not None else None
        if checklist is not None:
            self.post_message(OperationScreen.Complete(operation, checklist))

    # ---- what is kept

    def keep(self, row: CheckRow, doing: Doing, note: str, found: Looked | None = None, part: str = "") -> None:
        """Keep what was said of an item or a task. A rollback's stands among the remarks on its operation."""
        list_, _, item = row.key.partition("/")
        operation = newest_rollback(self.picture) if self.picture is not None and list_ == ROLLBACK else None
        if operation is not None:
            if doing is not Doing.UNDONE:
                cockpit(self).remark(operation, note or "ticked", f"{CHECKED}{item}", good=doing is Doing.DONE)
            return
        if list_ in PERIODIC:
            list_, item, occasion = MAINTENANCE, row.key, ""
        else:
            begun = self.picture.marks.open_occasion(list_) if self.picture is not None else None
            if begun is None:
                self.app.notify("The list has not been begun: b begins it.", severity="warning", markup=False)
                return
            occasion = begun.occasion
        verdict, evidence = (found.verdict, found.evidence) if found is not None else ("", "")
        whole = f"{item}/{part}" if part else item
        self._write(
            Mark(
                list_,
                occasion,
                whole,
                doing,
                self._now(),
                SafeText(""),
                safe(note),
                safe(verdict),
                safe(evidence, 500),
                found.counts if found is not None else None,
            )
        )

    def _write(self, mark: Mark) -> None:
        self.run_worker(self._written(mark), group="ticks")

    async def _written(self, mark: Mark) -> None:
        from tui.ticks import kept

        session = cockpit(self).session
        if session is None:
            return
        problem = await kept(session, mark)
        if problem:
            self.app.notify(f"Not kept: {problem}", severity="error", markup=False)
        else:
            cockpit(self).present_soon()

    def _now(self) -> datetime:
        return cockpit(self).now()

    def _tickable(self) -> CheckRow | None:
        row = self.chosen
        if row is None or row.heading:
            return None
        if row.key == "monthly/the-runbook":
            self.app.notify("A new version of the text moves the review on.", markup=False)
            return None
        return row


def _note(text: str) -> str:
    return " ".join(text.split())


def _reason(text: str) -> str:
    found = _note(text)
    if not found:
        raise ValueError("Why it is left out has to be said.")
    return found
