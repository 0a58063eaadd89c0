"""The runbook's four hardening checks on screen 6 (lines 923-945): asked on a key, shown below the row, kept by `t`.

Reads only, and so at hand in read-only as well. Who may not read what a check needs sees which permission it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from services.model.checklists import Doing, Marks
from services.model.hardening import Counts, Hardening
from services.problems import AccountError
from services.rules.checklists import MEASURES
from services.rules.hardening import evidence, findings, last_counted, overall, policy_prefix
from tui.runbook_tasks import AUDIT, UNREAD, Looked
from tui.screens.cockpit import cockpit
from tui.screens.runbook_ticking import RunbookTicking
from widgets.check_list import CheckRow
from widgets.hardening_rows import finding_rows
from widgets.spans import Span, row

if TYPE_CHECKING:
    from services.aws.session import Account

FRESH = timedelta(minutes=10)
"""How long a look that stands on the screen is what a tick keeps; an older one is taken anew."""


class RunbookHardening(RunbookTicking):
    """The checks belong to the monthly audit and to an item of the security list."""

    def errand_hardening(self, row: CheckRow) -> None:
        """Ask, and show what was found; ticking is the person's."""
        self.run_worker(self._check_hardening(row), group="hardening", exclusive=True)

    def _say(self, row: CheckRow, part: str, doing: Doing, note: str) -> None:
        if doing is Doing.DONE and (row.key.startswith(AUDIT) or row.key.partition("/")[2].startswith(MEASURES)):
            self.run_worker(self._tick_hardening(row, note), group="ticks")
        else:
            super()._say(row, part, doing, note)

    async def _tick_hardening(self, row: CheckRow, note: str) -> None:
        """The tick keeps what stands on the screen; where nothing does, what is found now."""
        found = self.remembered(row)
        if found is None or found.at is None or self._now() - found.at > FRESH:
            found = await self._check_hardening(row)
        if found is not None:
            self.keep(row, Doing.DONE, note, found)

    async def _check_hardening(self, row_: CheckRow) -> Looked | None:
        """None: another environment was opened meanwhile."""
        from services.aws.hardening import hardening

        session = cockpit(self).session
        parts = self.picture.situation.parts.value if self.picture is not None and self.picture.situation else None
        configured = session.environment.names.policy_prefix if session is not None else ""
        prefix, buckets = policy_prefix(configured, parts), [str(one) for one in parts.buckets] if parts else None
        self.remember(row_, Looked(UNREAD, "", rows=(row(Span("asking IAM, EC2 and S3 …", "silent")),)))

        async def question(account: Account) -> Hardening:
            return await hardening(account, prefix, buckets)

        try:
            looked = self._judged(await self.ask(question))
        except AccountError as error:
            said = str(error.problem.message)
            looked = Looked(UNREAD, said, rows=(row(Span(f"{UNREAD}  ", "silent"), Span(said)),), at=self._now())
        if cockpit(self).session is not session:
            return None
        self.remember(row_, looked)
        return looked

    def _judged(self, found: Hardening) -> Looked:
        marks = self.picture.marks if self.picture is not None else Marks()
        four = findings(found, last_counted(marks))
        return Looked(
            overall(four).value,
            evidence(four),
            rows=finding_rows(four, found.at),
            counts=found.counts if isinstance(found.counts, Counts) else None,
            at=found.at,
        )
