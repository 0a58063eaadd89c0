"""From a key to a plan: what is asked first, which planner it is, what is read before. `Ordering` does the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from services.model.assessment import Assessment, State
from services.model.entry import Operation
from services.model.plan import Layer, LayerChoice, Plan, Refusal, Unread
from services.model.situation import Situation
from services.problems import AccountError
from services.settings.values import Environment, Settings
from tui.ordering import Ordering
from tui.screens.layers import LayersScreen
from tui.screens.notice import NoticeScreen
from tui.screens.operation import OperationScreen
from tui.screens.paths import PathsScreen
from tui.screens.skips import SkipsScreen

if TYPE_CHECKING:
    from services.actions.isolate import Way


class Acting(Ordering):
    """The keys that change something, each from what is on the screen to a plan or a refusal."""

    def prepare_rollback(self, target: int | None = None, function: str = "") -> None:
        """`R`: the plan of the layer that the evidence points at; where that has none, the choice of the others.

        With a `target` the alias of `function` goes there.
        """
        if target is not None:
            self._prepare_version(target, function)
            return
        from services.actions.layered import plan_layers

        if not self._prepare_otherwise():
            self._prepare(partial(plan_layers, key=worst_key(self.assessment)))

    def _prepare_otherwise(self) -> bool:
        """Whether the layer that the evidence points at wants something read or chosen first, which is begun then."""
        from services.actions.layered import choices, survey

        session = self.session
        if session is None or session.situation is None:
            return False
        now, key = self.clock.now(), worst_key(self.assessment)
        surveyed = survey(session.situation, session.environment, self.settings, now, key)
        pointed = next((one for one in surveyed if one.indicated), None)
        if pointed is None:
            return False
        others = any(not isinstance(one.found, Refusal) for one in surveyed if one is not pointed)
        if isinstance(pointed.found, Unread):
            self.prepare_restoration()
        elif isinstance(pointed.found, Refusal) and others:
            self._choose_layers(choices(surveyed), f"{pointed.found.reason}. {pointed.found.remedy}")
        elif isinstance(pointed.found, Plan) and pointed.layer is Layer.STACK:
            self.prepare_stack()
        else:
            return False
        return True

    def prepare_stack(self) -> None:
        """What the stack's state permits; of a failed rollback a person first chooses what to leave out of it."""
        from services.actions.layered import plan_layers
        from services.actions.stack import skippable

        session = self.session
        offered = skippable(session.situation) if session is not None and session.situation is not None else ()
        if offered:
            self.push_screen(SkipsScreen(offered), self._skips_chosen)
        else:
            self._prepare(partial(plan_layers, layers=(Layer.STACK,)))

    def _skips_chosen(self, skips: tuple[str, ...] | None) -> None:
        from services.actions.stack import plan_stack

        if skips is not None:
            self._prepare(partial(plan_stack, skips=skips))

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

        if layers == (Layer.STACK,):
            self.prepare_stack()
        elif layers and Layer.CONTENT in layers:
            self.prepare_restoration(layers)
        elif layers:
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
    async def prepare_restoration(
        self, layers: tuple[Layer, ...] = (Layer.CONTENT,), undone: Operation | None = None
    ) -> None:
        """`U`: the bucket is read first, which may take seconds; then one plan of it and the other `layers`.

        `undone`: an operation to take back that wrote to the bucket.
        """
        from services.actions.content import before
        from services.actions.layered import plan_layers, plan_undo
        from services.watch.on_demand import ask
        from tui.restoring import restoration

        session = self.session
        if session is None or session.situation is None:
            self._say_not_yet()
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
        if session is not self.session or session.situation is None:
            return
        seen = session.situation, session.environment, self.settings, self.clock.now()
        if undone is not None:
            self._offer(session, plan_undo(undone, *seen, found))
        else:
            self._offer(session, plan_layers(*seen, layers, key=worst_key(self.assessment), content=found))

    def prepare_isolation(self) -> None:
        """`X`: which API to close and how; where one of ours is held closed, the plan that opens it again."""
        from services.actions.isolate import plan_isolation, plan_isolation_end, ways
        from services.rules.isolation import holding
        from tui.screens.isolate import IsolateScreen

        session = self.session
        situation = session.situation if session is not None else None
        apis = [one for one in situation.apis.value or () if one.stage] if situation is not None else []
        held = holding(session.operations) if session is not None else None
        if held is not None and any(one.isolated for one in apis):
            self._prepare_undo_of(held, plan_isolation_end)
        elif offered := ways(apis):
            self.push_screen(IsolateScreen(offered), self._way_chosen)
        else:
            self._prepare(plan_isolation)  # a refusal, and it says why

    def _way_chosen(self, chosen: tuple[str, Way] | None) -> None:
        from services.actions.isolate import plan_isolation

        if chosen is not None:
            self._prepare(partial(plan_isolation, api=chosen[0], way=chosen[1]))

    def prepare_undo(self) -> None:
        """`z`: the newest operation that can be taken back."""
        from services.actions.layered import plan_undo, restores_content

        operations = self.session.operations if self.session is not None else ()
        newest = next((one for one in operations if one.reversible and not one.open), None)
        if newest is not None and restores_content(newest):
            self.prepare_restoration(undone=newest)
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

    def on_operation_screen_next(self, message: OperationScreen.Next) -> None:
        """`n` on a rollback that did not help: its next candidate, or else the choice of layers."""
        from services.actions.layered import PLANNERS, choices, survey
        from services.actions.next_try import told, untried

        message.stop()
        session = self.session
        if session is None or session.situation is None:
            return
        seen = session.situation, session.environment, self.settings, self.clock.now()
        found = untried(message.operation, session.operations)
        if found is None:
            offered = choices(survey(*seen, worst_key(self.assessment)))
            self._choose_layers(offered, f"{message.operation.text}. No candidate of this layer is left untried.")
            return
        layer, target = found
        plan = PLANNERS[layer](*seen, target)
        self._offer(session, told(plan, message.operation, session.operations) if isinstance(plan, Plan) else plan)


def worst_key(assessment: Assessment | None) -> str:
    """The key of the judgement that is worst; the API's where none is in breach."""
    found = assessment.judgements.values() if assessment is not None else ()
    breached = [one for one in found if one.state in (State.CRIT, State.WARN)]
    worst = max(breached, key=lambda one: (one.state.severity, one.key.startswith("api.")), default=None)
    return worst.key if worst is not None else "api."
