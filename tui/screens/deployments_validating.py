"""The look at the system that follows a stack operation: offered below it, taken by a key, kept beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.model.deploys import Deploy
from tui.deploy_rows import operation_key
from tui.deploy_validation import Look, validation_row
from tui.rule_steps import status_lines
from tui.screens.cockpit import cockpit
from tui.screens.deployments_asking import STACK, DeploymentsAsking
from widgets.deploy_list import DeployRow


class DeploymentsValidating(DeploymentsAsking):
    """Validates."""

    def _begin(self) -> None:
        super()._begin()
        self._deploys: tuple[Deploy, ...] = ()
        self._looks: dict[str, Look] = {}

    def _to_section(self, section: int) -> None:
        raise NotImplementedError

    def _with_looks(self, rows: Iterable[DeployRow]) -> Iterator[DeployRow]:
        """The operations' rows, and below the newest that has ended, and each that was looked after, what was found."""
        newest = {operation_key(one) for one in self._deploys[:1] if one.operation.ended is not None}
        for one in rows:
            yield one
            if one.heading and (one.key in newest or one.key in self._looks):
                yield validation_row(one.key, self._looks.get(one.key))

    def do_validate(self) -> None:
        """Look at every component now, and keep what is seen beside the newest operation."""
        picture = self.picture
        if self._section != STACK:
            self._to_section(STACK)
        newest = next(iter(self._deploys), None)
        lines = status_lines(picture) if picture is not None else ()
        if newest is None or not lines:
            self.app.notify("There is nothing to look at yet.", markup=False)
            return
        if newest.operation.ended is None:
            self.app.notify("The operation has not ended: it is validated then.", markup=False)
            return
        now = cockpit(self).now()
        self._looks[operation_key(newest)] = Look(now, lines)
        self._again()
