"""From a key to an operation: plan, show, confirm, order. Nothing here changes the account; the executor does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from textual import work
from textual.app import App

from services.clock import Clock
from services.journal.home import JournalBroken
from services.journal.leases import Held
from services.model.assessment import Assessment
from services.model.entry import Operation
from services.model.plan import ActionKind, Plan, Refusal
from services.model.situation import Situation
from services.safe_text import SafeText
from services.settings.values import Environment, Settings
from tui.keys import READ_ONLY
from tui.screens.confirm import Confirmed, ConfirmScreen
from tui.screens.notice import NoticeScreen
from tui.screens.paths import PathsScreen
from tui.session import Session

Planner = Callable[[Situation, Environment, Settings, datetime], "Plan | Refusal"]

_REFUSED = {ActionKind.ROLLBACK: "No rollback", ActionKind.INVALIDATE: "No invalidation"}


class Acting(App[int]):
    """The app's hands: they prepare and ask; what is confirmed is ordered and followed."""

    settings: Settings
    session: Session | None
    assessment: Assessment | None

    @property
    def clock(self) -> Clock:
        raise NotImplementedError

    @property
    def behind(self) -> bool:
        raise NotImplementedError

    def show_operation(self, operation: str) -> None:
        raise NotImplementedError

    def prepare_rollback(self) -> None:
        """`R`."""
        from services.actions.rollback import plan_rollback

        self._prepare(plan_rollback)

    def prepare_invalidation(self) -> None:
        """`I`: asks for the paths first."""
        self.push_screen(PathsScreen(), self._paths_given)

    def _paths_given(self, paths: tuple[str, ...] | None) -> None:
        if paths is None:
            return
        from services.actions.invalidation import plan_invalidation

        self._prepare(lambda situation, environment, settings, now: plan_invalidation(
            situation, environment, settings, now, paths
        ))  # fmt: skip

    def prepare_undo(self) -> None:
        """`z`: the newest operation that can be taken back."""
        from services.actions.rollback import plan_forward

        operations = self.session.operations if self.session is not None else ()
        newest = next((one for one in operations if one.reversible and not one.open), None)
        if newest is not None:
            self._prepare_undo_of(newest, plan_forward)

    def _prepare_undo_of(
        self,
        operation: Operation,
        planner: Callable[[Operation, Situation, Environment, Settings, datetime], Plan | Refusal],
    ) -> None:
        self._prepare(lambda situation, environment, settings, now: planner(
            operation, situation, environment, settings, now
        ))  # fmt: skip

    def _prepare(self, planner: Planner) -> None:
        session = self.session
        if session is None or session.situation is None:
            self.push_screen(NoticeScreen("Not yet", "Nothing has been answered yet.", "Wait for the first data."))
            return
        found = planner(session.situation, session.environment, self.settings, self.clock.now())
        if isinstance(found, Refusal):
            self.push_screen(NoticeScreen(_REFUSED[found.kind], found.reason, found.remedy))
            return
        self.push_screen(
            ConfirmScreen(
                found,
                self.clock,
                written=lambda: not self.behind,
                default_reason=default_reason(found, self.assessment),
                locked=READ_ONLY if session.environment.read_only else "",
            ),
            lambda answer: self._answered(session, answer),
        )

    def _answered(self, session: Session, answer: Confirmed | None) -> None:
        if answer is not None and session is self.session:
            self._order(session, answer)

    @work(group="order")
    async def _order(self, session: Session, answer: Confirmed) -> None:
        """Put the order on disk and start the executor; then follow it."""
        from services.executor.orders import place
        from services.journal.who import actor

        situation = session.situation
        identity = situation.identity.value if situation is not None else None
        who = actor(identity.arn if identity is not None else "")
        try:
            operation = await asyncio.to_thread(
                place, answer.plan, session.environment, who, answer.reason, session.home, self.clock.now()
            )
        except (JournalBroken, Held, OSError) as error:
            self.push_screen(NoticeScreen("Nothing was done", str(error)))
            return
        self.show_operation(operation)


def default_reason(plan: Plan, assessment: Assessment | None) -> str:
    """What stands as the reason when none is typed: the verdict's own words, as far as they go."""
    if assessment is None:
        return plan.title
    return SafeText(assessment.verdict.sentence[:120])
