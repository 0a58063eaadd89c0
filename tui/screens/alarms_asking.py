"""What screen 7 asks between the polls: how the alarms are set up and what mutes them, and what they did.

Only while the screen is seen: once for each change of their states, and for each one that is opened.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from services.model.alarm_detail import AlarmDetail, History
from services.model.alarms import Alarm
from services.model.reading import Reading
from services.problems import AccountError, Problem
from services.settings.values import Environment
from tui.screens.cockpit import cockpit
from tui.screens.filtering import Filtering

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.watch.on_demand import Question

OVERNIGHT = timedelta(hours=12)
"""The runbook's daily look back."""


class AlarmsAsking(Filtering):
    """Asks while it is seen."""

    _is_seen = False

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._begin()

    def _begin(self) -> None:
        """Nothing of any environment."""
        self._details: dict[tuple[str, str], AlarmDetail] = {}
        self._asked_for: object = None
        self._problem: Problem | None = None
        """Why the set-up is not known."""
        self._history: Reading[History] = Reading()
        """Of the alarm that is opened."""
        self._night: Reading[History] = Reading()

    def seen(self, yes: bool) -> None:
        self._is_seen = yes
        if yes and self.picture is not None:
            self.present(self.picture)

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)
        self.show_keys()

    def _ask_details(self, alarms: tuple[Alarm, ...]) -> None:
        """Ask how the alarms are set up, once for each change of them; only while the screen is seen."""
        mark = tuple((alarm.region, alarm.name, alarm.state, alarm.since) for alarm in alarms)
        if not self._is_seen or not alarms or mark == self._asked_for:
            return
        self._asked_for = mark
        self.run_worker(self._learn(alarms), group="details", exclusive=True)

    async def _learn(self, alarms: tuple[Alarm, ...]) -> None:
        from services.aws import alarm_history

        async def question(account: Account) -> tuple[AlarmDetail, ...]:
            return await alarm_history.set_up(account, alarm_history.by_region(alarms))

        try:
            self._details = {one.key: one for one in await self.ask(question)}
            self._problem = None
        except AccountError as error:
            self._problem = error.problem
        self._again()

    def _ask_history(self, key: tuple[str, str]) -> None:
        self.run_worker(self._learn_history(key), group="history", exclusive=True)

    async def _learn_history(self, key: tuple[str, str]) -> None:
        from services.aws import alarm_history

        async def question(account: Account) -> History:
            return await alarm_history.history(account, key[0], account.clock.now() - alarm_history.KEPT, name=key[1])

        self._history = await self._answer(question, self._history)
        self._again()

    def _ask_night(self) -> None:
        self.run_worker(self._learn_night(), group="history", exclusive=True)

    async def _learn_night(self) -> None:
        from services.aws import alarm_history

        async def question(account: Account) -> History:
            return await alarm_history.account_history(account, account.clock.now() - OVERNIGHT)

        self._night = await self._answer(question, self._night)
        self._again()

    async def _answer(self, question: Question[History], before: Reading[History]) -> Reading[History]:
        try:
            found = await self.ask(question)
        except AccountError as error:
            return before.failed(error.problem, cockpit(self).now())
        return before.answered(found, cockpit(self).now())
