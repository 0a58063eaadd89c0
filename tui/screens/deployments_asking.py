"""What screen 4 asks between the polls: each question once for each change of what its answer depends on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from services.model.deploy_detail import DeployDetail
from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import AccountError
from tui.screens.cockpit import cockpit
from tui.screens.frame import FrameScreen

if TYPE_CHECKING:
    from services.watch.on_demand import Question

SECTIONS = ("Stack", "Events", "Lambda", "API", "Content", "Edge", "Outputs", "Drift", "Sets")
STACK, EVENTS, LAMBDA, API, CONTENT, EDGE, OUTPUTS, DRIFT, SETS = range(len(SECTIONS))

OBJECTS = 10
"""Object versions shown at first, and how many more with each `m` (runbook line 653)."""


class DeploymentsAsking(FrameScreen):
    """Asks while it is seen."""

    _section = STACK
    _is_seen = False

    def _begin(self) -> None:
        """Nothing of any environment."""
        self._detail = DeployDetail()
        self._marks: dict[str, object] = {}
        self._detecting: datetime | None = None
        self._objects = OBJECTS

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)
        self.show_keys()

    def _changed(self, situation: Situation) -> dict[str, int]:
        """How many resources the change set of the newest operation names."""
        stack = situation.stack.value
        events = situation.events.value or ()
        made = next((one for one in self._detail.change_sets.value or () if stack and one.id == stack.change_set), None)
        newest = next((one for one in events if not one.nested), None)
        if made is None or newest is None:
            return {}
        return {key: len(made.changes) for key in (newest.operation, newest.token) if key}

    def _ask_details(self, situation: Situation) -> None:
        """Ask once for each change of what an answer depends on."""
        stack, parts = situation.stack.value, situation.parts.value
        if not self._is_seen or stack is None or parts is None:
            return
        from services.watch import deploy_questions as asked

        moved = (stack.id, stack.status, stack.updated)
        self._learn("change_sets", moved, asked.waiting_change_sets(stack.name, stack.change_set))
        served = tuple((one.function, one.alias and one.alias.revision_id) for one in situation.releases.value or ())
        if self._section == LAMBDA:
            self._learn("standing", (moved, served), asked.standing(parts.functions))
        apis = situation.apis.value
        if self._section == API and apis is not None:
            stages = tuple((one.id, one.deployment, one.integrations) for one in apis)
            self._learn("methods", (moved, stages), asked.methods(apis))
        if self._section == CONTENT:
            newest = (situation.bursts.value or (None,))[0]
            self._learn("objects", (newest, self._objects), asked.objects(parts.buckets, self._objects))
        if self._section == DRIFT and stack.drift_checked is not None and self._detecting is None:
            self._learn("drift", stack.drift_checked, asked.last_drift(stack.name))

    def _learn(self, what: str, mark: object, question: Question[Any]) -> None:
        if self._marks.get(what) != mark:
            self._marks[what] = mark
            self.run_worker(self._answered(what, question), group=f"deploys {what}", exclusive=True)

    async def _answered(self, what: str, question: Question[Any]) -> None:
        before: Reading[Any] = getattr(self._detail, what)
        now = cockpit(self).now()
        try:
            reading = before.answered(await self.ask(question), now)
        except AccountError as error:
            reading = before.failed(error.problem, now)
        changed: dict[str, Any] = {what: reading}
        self._detail = msgspec.structs.replace(self._detail, **changed)
        if what == "drift":
            self._detecting = None
        self._again()
