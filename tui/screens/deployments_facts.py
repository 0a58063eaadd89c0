"""One function of screen 4 looked into: asked when it is opened, never by itself; from there to its log and figures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from services.model.function_facts import FunctionFacts
from services.model.reading import Reading
from services.problems import AccountError
from tui.function_facts import fact_rows
from tui.screens.cockpit import cockpit
from tui.screens.deployments_asking import LAMBDA, DeploymentsAsking
from widgets.deploy_list import DeployList
from widgets.spans import Row

if TYPE_CHECKING:
    from services.watch.on_demand import Question


class DeploymentsFacts(DeploymentsAsking):
    """Looks into a function."""

    def _begin(self) -> None:
        super()._begin()
        self._facts: dict[str, Reading[FunctionFacts]] = {}

    def moved_list(self) -> DeployList:
        raise NotImplementedError

    def _opened_function(self) -> str:
        """The function whose own row is under the marker; empty: it is another row."""
        chosen = self.moved_list().selected
        return chosen.key if self._section == LAMBDA and chosen is not None and chosen.heading else ""

    def _function(self) -> str:
        """The function that the row under the marker is about, a version's too; empty: none is."""
        chosen = self.moved_list().selected
        return chosen.key.partition(" ")[0] if self._section == LAMBDA and chosen is not None else ""

    def _fact_rows(self, now: datetime) -> tuple[Row, ...]:
        """What stands below the opened function."""
        name = self._opened_function()
        return tuple(fact_rows(self._facts.get(name, Reading()), now)) if name else ()

    def _look_into(self, name: str) -> None:
        """Ask for the function's facts, once for each time that it is opened."""
        picture = self.picture
        if picture is None or picture.situation is None:
            return
        from services.watch.deploy_questions import facts

        releases = picture.situation.releases.value or ()
        release = next((one for one in releases if one.function == name), None)
        alias = str(release.alias.name) if release is not None and release.alias is not None else ""
        question = facts(name, alias, self._group_of(name))
        self.run_worker(self._learn_facts(name, question), group="function facts", exclusive=True)

    async def _learn_facts(self, name: str, question: Question[FunctionFacts]) -> None:
        before = self._facts.get(name, Reading())
        now = cockpit(self).now()
        try:
            self._facts[name] = before.answered(await self.ask(question), now)
        except AccountError as error:
            self._facts[name] = before.failed(error.problem, now)
        self._again()

    def _group_of(self, name: str) -> str:
        """The function's log group; Lambda's usual one while its configuration is not known."""
        situation = self.picture.situation if self.picture is not None else None
        known = (situation.functions.value or ()) if situation is not None else ()
        return next((str(one.log_group) for one in known if one.name == name), f"/aws/lambda/{name}")

    # ---- keys

    def do_configure(self) -> None:
        """Prepare a change of the function's memory or timeout."""
        cockpit(self).configure_function(self._function())

    def do_function_errors(self) -> None:
        """The function's exceptions and time-outs of the last hour, on screen 3."""
        if self._named():
            cockpit(self).function_errors(self._group_of(self._function()))

    def do_function_log(self) -> None:
        """The function's log as it is written, on screen 3."""
        if self._named():
            cockpit(self).function_log(self._group_of(self._function()))

    def _named(self) -> bool:
        """Whether a function is under the marker; says where to find one when there is none."""
        if not self._function():
            self.app.notify("Choose a function in the part Lambda; tab goes there.", markup=False)
        return bool(self._function())
