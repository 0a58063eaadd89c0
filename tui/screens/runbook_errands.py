"""What `enter` opens on screen 6: the screen, the plan or the look that an item or a task needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.model.checklists import Doing, Marks
from services.problems import AccountError
from services.rules.checklists import MEASURES, ROLLBACK, TEMPLATE, lacking
from tui.runbook_rows import newest_rollback
from tui.runbook_tasks import BACKUPS, UNREAD, Looked, errand, recoverable, system_health
from tui.screens.cockpit import cockpit
from tui.screens.runbook_costs import RunbookCosts
from tui.screens.runbook_hardening import RunbookHardening
from widgets.check_list import CheckRow

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.model.backups import Recovery
    from services.model.runbook import Task

_OPENS = {"isolate-affected": "isolate", "preserve-evidence": "export_logs", "reset-compromised": "sign_out"}
"""How an item of the security list begins → the action that belongs to it."""


class RunbookErrands(RunbookHardening, RunbookCosts):
    """Errands: nothing here changes the account; what does is planned, shown and confirmed as everywhere."""

    def open_errand(self, row: CheckRow) -> None:
        """Open what the row under the marker needs; where there is nothing, its place in the text."""
        task = self.task_of(row)
        if task is not None:
            does = errand(task).does
            if does:
                getattr(self, f"errand_{does}")(row)
            else:
                self.go_to(task.line)
            return
        list_, _, item = row.key.partition("/")
        if item.startswith(MEASURES):
            self.errand_hardening(row)
            return
        operation = newest_rollback(self.picture) if self.picture is not None and list_ == ROLLBACK else None
        action = next((does for words, does in _OPENS.items() if item.startswith(words)), "")
        marks, operations = (self.picture.marks, self.picture.operations) if self.picture is not None else (Marks(), ())
        if lacking(list_, item, marks, operations) == (TEMPLATE,):
            action = "save_template"  # the other half of preserving evidence
        if operation is not None:
            cockpit(self).show_operation(operation.id)
        elif action:
            cockpit(self).action_run(action)
        elif row.target:
            self.go_to(row.target)

    def go_to(self, line: int) -> None:
        """The text, with this line of the document at the top."""
        raise NotImplementedError

    def looked(self, row: CheckRow) -> Looked | None:
        """The daily look at the system is part of its tick."""
        task = self.task_of(row)
        if task is None or self.picture is None or errand(task).does != "status":
            return None
        return system_health(self.picture)

    def _say(self, row: CheckRow, part: str, doing: Doing, note: str) -> None:
        if row.key.startswith(BACKUPS) and doing is Doing.DONE:
            self.run_worker(self._tick_backups(row, note), group="ticks")
        else:
            super()._say(row, part, doing, note)

    async def _tick_backups(self, row: CheckRow, note: str) -> None:
        """The tick carries what point-in-time recovery says at this moment."""
        from services.aws.backups import recovery

        parts = self.picture.situation.parts.value if self.picture is not None and self.picture.situation else None
        tables = [str(one) for one in parts.tables] if parts is not None else []

        async def question(account: Account) -> list[tuple[str, Recovery]]:
            return [(name, await recovery(account, name)) for name in tables]

        try:
            found = recoverable(await self.ask(question)) if tables else Looked(UNREAD, "the stack's tables")
        except AccountError as error:
            found = Looked(UNREAD, str(error.problem.message))
        self.keep(row, Doing.DONE, note, found)

    def task_of(self, row: CheckRow) -> Task | None:
        """The task of maintenance that a row shows; None: it is none."""
        runbook = self.runbook
        return next((one for one in runbook.tasks if one.id == row.key), None) if runbook is not None else None

    # ---- one errand each

    def errand_status(self, row: CheckRow) -> None:
        """Look at every component, and tick with what was found."""
        found = self.looked(row)
        if found is None:
            self.app.notify("Nothing has been judged yet.", severity="warning", markup=False)
            return
        self.remember(row, found)
        self.keep(row, Doing.DONE, "", found)

    def errand_overnight(self, row: CheckRow) -> None:
        cockpit(self).show_overnight()

    def errand_trends(self, row: CheckRow) -> None:
        cockpit(self).show_trends()

    def errand_backups(self, row: CheckRow) -> None:
        cockpit(self).action_run("backups")

    def errand_clean_up(self, row: CheckRow) -> None:
        cockpit(self).action_run("clean_up")

    def errand_test_restore(self, row: CheckRow) -> None:
        cockpit(self).test_restore()

    def errand_text(self, row: CheckRow) -> None:
        self.go_to(1)
