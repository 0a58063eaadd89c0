"""From a key to an operation: plan, show, confirm, order. Nothing here changes the account; the executor does."""

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
from services.model.assessment import Assessment, State
from services.model.entry import Actor, Operation
from services.model.plan import ActionKind, Layer, LayerChoice, Plan, Refusal
from services.model.situation import Situation
from services.problems import AccountError
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings
from tui.keys import READ_ONLY
from tui.screens.confirm import Confirmed, ConfirmScreen, choosable
from tui.screens.layers import LayersScreen
from tui.screens.notice import NoticeScreen
from tui.screens.operation import OperationScreen
from tui.screens.paths import PathsScreen
from tui.session import Session

Planner = Callable[[Situation, Environment, Settings, datetime], "Plan | Refusal"]

T = TypeVar("T")

_REFUSED = {
    ActionKind.ROLLBACK: "No rollback",
    ActionKind.INVALIDATE: "No invalidation",
    ActionKind.CONFIGURE: "No change of the function",
    ActionKind.RETENTION: "No change of retention",
    ActionKind.EXPORT: "No export",
}


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

    @property
    def lagging(self) -> bool:
        raise NotImplementedError

    def show_operation(self, operation: str) -> None:
        raise NotImplementedError

    def prepare_rollback(self, target: int | None = None, function: str = "") -> None:
        """`R`: the plan of the layer that the evidence points at; where that has none, the choice of the others.

        With a `target` the alias of `function` goes there.
        """
        if target is not None:
            self._prepare_version(target, function)
            return
        from services.actions.layered import choices, plan_layers, survey
        from services.rules.layers import indicated

        session = self.session
        if session is not None and session.situation is not None:
            now, key = self.clock.now(), worst_key(self.assessment)
            surveyed = survey(session.situation, session.environment, self.settings, now, key)
            pointed = next((one for one in surveyed if one.indicated), None)
            if pointed is None and indicated(session.situation, key) is Layer.CONTENT:
                self.prepare_restoration()
                return
            others = any(isinstance(one.found, Plan) for one in surveyed if one is not pointed)
            if pointed is not None and isinstance(pointed.found, Refusal) and others:
                self._choose_layers(choices(surveyed), f"{pointed.found.reason}. {pointed.found.remedy}")
                return
        self._prepare(partial(plan_layers, key=worst_key(self.assessment)))

    def _prepare_version(self, target: int, function: str) -> None:
        from services.actions.rollback import plan_rollback

        self._prepare(lambda situation, environment, settings, now: plan_rollback(
            situation, environment, settings, now, target, function=function
        ))  # fmt: skip

    def _choose_layers(self, offered: Sequence[LayerChoice], said: str = "") -> None:
        """Which layers, then one plan of them."""
        self.push_screen(LayersScreen(offered, said), self._layers_chosen)

    def _layers_chosen(self, layers: tuple[Layer, ...] | None) -> None:
        from services.actions.layered import plan_layers

        if layers:
            self._prepare(partial(plan_layers, layers=layers))

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

    @work(group="plan", exclusive=True)
    async def prepare_restoration(self, undone: Operation | None = None) -> None:
        """`U`: the bucket is read first, which may take seconds. `undone`: an operation of this kind to take back."""
        from services.actions.content import before
        from services.watch.on_demand import ask
        from tui.restoring import restoration

        session = self.session
        if session is None or session.situation is None:
            self.push_screen(NoticeScreen("Not yet", "Nothing has been answered yet.", "Wait for the first data."))
            return
        question = restoration(
            session.situation,
            session.environment,
            self.settings,
            self.clock,
            before(undone) if undone is not None else None,
            remove=undone is not None,
            undo_of=undone.id if undone is not None else "",
            home=session.home,
        )
        self.notify("Reading what the bucket held …", markup=False)
        try:
            found = await asyncio.wrap_future(ask(session.watch, question))
        except AccountError as error:
            self.push_screen(NoticeScreen("No rollback", error.problem.message, error.problem.remedy))
            return
        if session is self.session:
            self._offer(session, found)

    def prepare_undo(self) -> None:
        """`z`: the newest operation that can be taken back."""
        from services.actions.layered import plan_undo

        operations = self.session.operations if self.session is not None else ()
        newest = next((one for one in operations if one.reversible and not one.open), None)
        if newest is not None and any(step.kind == "content.restore" for step in newest.plan.steps):
            self.prepare_restoration(newest)
        elif newest is not None:
            self._prepare_undo_of(newest, plan_undo)

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
        self._offer(session, found)

    def _offer(self, session: Session, found: Plan | Refusal) -> None:
        if isinstance(found, Refusal):
            self.push_screen(NoticeScreen(_REFUSED[found.kind], found.reason, found.remedy))
            return
        self._ask(session, found, lambda answer: self._answered(session, answer))

    def _ask(self, session: Session, plan: Plan, answered: Callable[[Confirmed | None], None]) -> None:
        """Show a plan and wait for the person."""
        screen = ConfirmScreen(
            plan,
            self.clock,
            written=lambda: not self.behind,
            lagging=lambda: self.lagging,
            default_reason=default_reason(plan, self.assessment),
            locked=READ_ONLY if session.environment.read_only else "",
            choose=partial(self._choose_layers, plan.layers) if choosable(plan) else None,
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
            made=now,
            expires=now + (found.plan.expires - found.plan.made),
        )
        self._ask(session, again, lambda answer: self._resume_answered(session, message.operation, answer))

    def _resume_answered(self, session: Session, operation: str, answer: Confirmed | None) -> None:
        if answer is not None and session is self.session:
            self._resume(session, operation)

    @work(group="order")
    async def _resume(self, session: Session, operation: str) -> None:
        """Start an executor for an order that is on disk already; the screen that follows it is open."""
        from services.executor.orders import resume

        await self._ordered(
            partial(resume, operation, session.environment, _who(session), session.home, self.clock.now())
        )

    def _answered(self, session: Session, answer: Confirmed | None) -> None:
        if answer is not None and session is self.session:
            self._order(session, answer)

    @work(group="order")
    async def _order(self, session: Session, answer: Confirmed) -> None:
        """Put the order on disk and start the executor; then follow it."""
        from services.executor.orders import place

        placed = partial(
            place, answer.plan, session.environment, _who(session), answer.reason, session.home, self.clock.now()
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


def _who(session: Session) -> Actor:
    from services.journal.who import actor

    identity = session.situation.identity.value if session.situation is not None else None
    return actor(identity.arn if identity is not None else "")


def worst_key(assessment: Assessment | None) -> str:
    """The key of the judgement that is worst; the API's where none is in breach."""
    found = assessment.judgements.values() if assessment is not None else ()
    breached = [one for one in found if one.state in (State.CRIT, State.WARN)]
    worst = max(breached, key=lambda one: (one.state.severity, one.key.startswith("api.")), default=None)
    return worst.key if worst is not None else "api."


def default_reason(plan: Plan, assessment: Assessment | None) -> str:
    """What stands as the reason when none is typed: the verdict's own words for a rollback, else the plan's title."""
    if assessment is None or plan.undo_of or plan.kind is not ActionKind.ROLLBACK:
        return plan.title
    return SafeText(assessment.verdict.sentence[:120])
