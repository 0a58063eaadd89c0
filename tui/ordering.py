"""From a plan to an operation: shown, confirmed, ordered, followed. Nothing here changes the account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import msgspec
from textual import work
from textual.app import App

from services.clock import Clock
from services.journal.home import JournalBroken
from services.journal.leases import Held
from services.model.assessment import Assessment
from services.model.entry import Actor
from services.model.plan import ActionKind, LayerChoice, Plan, Refusal
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings
from tui.action_words import refused
from tui.keys import LOCKED
from tui.screens.confirm import Confirmed, ConfirmScreen, choosable
from tui.screens.notice import NoticeScreen
from tui.screens.operation import OperationScreen
from tui.session import Session

Planner = Callable[[Situation, Environment, Settings, datetime], "Plan | Refusal"]

T = TypeVar("T")


class Ordering(App[int]):
    """The app's hands: what a person confirms is ordered; what is refused is said."""

    settings: Settings
    session: Session | None
    assessment: Assessment | None

    @property
    def clock(self) -> Clock:
        raise NotImplementedError

    @property
    def behind(self) -> bool:
        raise NotImplementedError

    @property
    def picture(self) -> int:
        raise NotImplementedError

    def has_picture(self, number: int) -> bool:
        raise NotImplementedError

    @property
    def terminal_frozen(self) -> bool:
        raise NotImplementedError

    def show_operation(self, operation: str) -> None:
        raise NotImplementedError

    def _choose_layers(self, offered: Sequence[LayerChoice], said: str = "") -> None:
        """Which layers, then one plan of them."""
        raise NotImplementedError

    def _prepare(self, planner: Planner) -> None:
        session = self.session
        if session is None or session.situation is None:
            self._say_not_yet()
            return
        found = planner(session.situation, session.environment, self.settings, self.clock.now())
        self._offer(session, found)

    def _say_not_yet(self) -> None:
        self.push_screen(NoticeScreen("Not yet", "Nothing has been answered yet.", "Wait for the first data."))

    def _offer(self, session: Session, found: Plan | Refusal) -> None:
        if isinstance(found, Refusal):
            self.push_screen(NoticeScreen(refused(found.kind), found.reason, found.remedy))
            return
        self._ask(session, found, lambda answer: self._answered(session, answer))

    def _ask(
        self, session: Session, plan: Plan, answered: Callable[[Confirmed | None], None], *, resumed: bool = False
    ) -> None:
        """Show a plan and wait for the person."""
        screen = ConfirmScreen(
            plan,
            self.clock,
            sight=self,
            default_reason=default_reason(plan, self.assessment),
            locked=LOCKED if session.environment.read_only else "",
            choose=partial(self._choose_layers, plan.layers) if choosable(plan) else None,
            follow=not resumed,
        )
        self.push_screen(screen, answered)

    def on_operation_screen_resume(self, message: OperationScreen.Resume) -> None:
        """`r` on an operation whose executor has gone: the plan is shown and confirmed anew."""
        message.stop()
        session = self.session
        found = next((one for one in session.operations if one.id == message.operation), None) if session else None
        if session is None or found is None:
            return
        now = self.clock.now()
        again = msgspec.structs.replace(
            found.plan,
            title=f"Carry on: {found.plan.title}",
            layers=(),  # what was ordered is carried on, and nothing else
            made=now,
            expires=now + (found.plan.expires - found.plan.made),
        )
        self._ask(
            session, again, lambda answer: self._resume_answered(session, message.operation, answer), resumed=True
        )

    def _resume_answered(self, session: Session, operation: str, answer: Confirmed | None) -> None:
        if answer is not None and session is self.session:
            self._resume(session, operation)

    @work(group="order")
    async def _resume(self, session: Session, operation: str) -> None:
        """Start an executor for an order that is on disk already; the screen that follows it is open."""
        from services.executor.orders import resume

        await self._ordered(
            partial(resume, operation, session.environment, who(session), session.home, self.clock.now())
        )

    def _answered(self, session: Session, answer: Confirmed | None) -> None:
        if answer is not None and session is self.session:
            self._order(session, answer)

    @work(group="order")
    async def _order(self, session: Session, answer: Confirmed) -> None:
        """Put the order on disk and start the executor; then follow it."""
        from services.executor.orders import place

        placed = partial(
            place, answer.plan, session.environment, who(session), answer.reason, session.home, self.clock.now()
        )
        operation = await self._ordered(placed)
        if operation is not None:
            self.show_operation(operation)

    async def _ordered(self, order: Callable[[], T]) -> T | None:
        """Place an order on a thread (it waits for the disk and for a process); say why if nothing came of it."""
        from services.executor.orders import OrderRefused

        try:
            return await asyncio.to_thread(order)
        except (OrderRefused, JournalBroken, Held, OSError) as error:
            self.push_screen(NoticeScreen("Nothing was done", str(safe(error, 600))))
            return None


def who(session: Session) -> Actor:
    from services.journal.who import actor

    identity = session.situation.identity.value if session.situation is not None else None
    return actor(identity.arn if identity is not None else "")


def default_reason(plan: Plan, assessment: Assessment | None) -> str:
    """What stands as the reason when none is typed: the verdict's own words for a rollback, else the plan's title."""
    if assessment is None or plan.undo_of or plan.kind is not ActionKind.ROLLBACK:
        return plan.title
    return SafeText(assessment.verdict.sentence[:120])
