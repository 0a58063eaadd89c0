"""What the account costs, on screen 6 (lines 596-601, 607, 619): asked on a key alone, for every request is paid.

Reads only, and so at hand in read-only as well; the row says the price before anything is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.model.checklists import Doing
from services.problems import AccountError
from services.rules.costs import gist, last_month, last_week, yesterday
from tui.cost_rows import cost_rows
from tui.runbook_tasks import COSTS, UNREAD, Looked
from tui.screens.cockpit import cockpit
from tui.screens.runbook_ticking import RunbookTicking
from widgets.check_list import CheckRow
from widgets.spans import Span, row

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.model.costs import Costs

_WINDOWS = {"daily": yesterday, "weekly": last_week, "monthly": last_month}
"""How often a task comes round → which days it asks for."""


class RunbookCosts(RunbookTicking):
    """Three tasks of maintenance ask for costs. A tick never asks by itself: it keeps what was asked on its day."""

    def errand_costs(self, row: CheckRow) -> None:
        """Ask, once, and list what comes. While an answer is waited for nothing more is asked: it would be paid."""
        if any(one.group == "costs" and not one.is_finished for one in self.workers):
            self.app.notify("Cost Explorer has been asked; its answer is on the way.", markup=False)
        else:
            self.run_worker(self._ask_costs(row), group="costs")

    def _say(self, row: CheckRow, part: str, doing: Doing, note: str) -> None:
        found = self.remembered(row)
        today = found is not None and found.at is not None and found.at.date() == self._now().date()
        if doing is Doing.DONE and row.key.startswith(COSTS) and today:
            self.keep(row, doing, note, found)
        else:
            super()._say(row, part, doing, note)

    async def _ask_costs(self, row_: CheckRow) -> None:
        from services.aws.costs import costs

        session = cockpit(self).session
        window = _WINDOWS[row_.key.partition("/")[0]](self._now())
        asking = row(Span(f"asking Cost Explorer for {window.name} …", "silent"))
        self.remember(row_, Looked(UNREAD, "", rows=(asking,)))

        async def question(account: Account) -> Costs:
            return await costs(account, window)

        try:
            found = await self.ask(question)
        except AccountError as error:
            said = f"{error.problem.message}. {error.problem.remedy}".rstrip(". ")
            looked = Looked(UNREAD, "", rows=(row(Span(f"{UNREAD}  ", "silent"), Span(said)),))
        else:
            looked = Looked("", str(gist(found)), rows=cost_rows(found), at=self._now())
        if cockpit(self).session is session:
            self.remember(row_, looked)
