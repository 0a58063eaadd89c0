"""Drift on screen 4: what the last detection found, and a new one, which asks before it begins."""

from __future__ import annotations

from datetime import datetime

from services.model.assessment import State
from services.model.situation import Situation
from tui.screens.deployments_asking import DRIFT, DeploymentsAsking
from widgets import wording
from widgets.deploy_list import DeployRow


class DeploymentsDrift(DeploymentsAsking):
    """Detects drift."""

    def _begin(self) -> None:
        super()._begin()
        self._warned = False

    def _to_section(self, section: int) -> None:
        raise NotImplementedError

    def _drift_heading(self, situation: Situation, now: datetime) -> DeployRow:
        stack = situation.stack.value
        status = str(stack.drift) if stack is not None and stack.drift else "NOT_CHECKED"
        when, found = stack.drift_checked if stack is not None else None, self._detail.drift
        if found.value and found.taken is not None and (when is None or found.taken > when):
            status = "IN_SYNC" if all(one.status == "IN_SYNC" for one in found.value) else "DRIFTED"
            when = found.value[0].at or found.taken
        facts = f"checked {wording.age((now - when).total_seconds())} ago" if when is not None else "never checked"
        if self._detecting is not None:
            facts = f"a detection is under way for {wording.took(int((now - self._detecting).total_seconds()))}"
        elif self._warned:
            facts = "d again: free, takes minutes, reads all as you, changes none"
        elif self._detail.drift.problem is not None:
            facts = f"{self._detail.drift.problem.message}"
        else:
            facts += " · d has CloudFormation compare"
        state = State.WARN if status == "DRIFTED" else State.OK if status == "IN_SYNC" else State.NO_DATA
        return DeployRow("drift", state, "", status, facts, heading=True)

    def do_drift(self) -> None:
        """Say what a detection costs; the second time, begin one."""
        picture = self.picture
        if self._section != DRIFT:
            self._to_section(DRIFT)
        if picture is None or picture.situation is None or picture.situation.stack.value is None or self._detecting:
            return
        if not self._warned:
            self._warned = True
            self._again()
            return
        from services.watch.deploy_questions import new_drift

        self._warned, self._detecting = False, picture.now
        question = new_drift(picture.situation.stack.value.name)
        self.run_worker(self._answered("drift", question), group="deploys drift", exclusive=True)
        self._again()
