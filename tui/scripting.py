"""`R` where the environment names a rollback script that is there: its words, then its plan (decisions C1)."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from tui.by_name import ByName

if TYPE_CHECKING:
    from services.model.script import ScriptFile


class Scripting(ByName):
    """Offers the script; without one the rollback is the cockpit's own."""

    def offer_script(self) -> bool:
        """Whether the environment names one; it is looked for, and offered if it is there."""
        session = self.session
        if session is None or session.environment.rollback_script is None:
            return False
        self._look_for_script()
        return True

    @work(group="plan", exclusive=True)
    async def _look_for_script(self) -> None:
        from services.actions.script import targets  # nothing slow comes before the first paint
        from services.script_file import find_script
        from tui.screens.script import ScriptScreen

        session = self.session
        if session is None:
            return
        script = await asyncio.to_thread(find_script, session.environment)
        if session is not self.session:
            return
        if script is None:
            named = session.environment.rollback_script
            self.notify(f"{named.path if named else ''} is not there: the rollback is the cockpit's own.", markup=False)
            self.prepare_rollback()
            return
        versions = targets(session.situation) if session.situation is not None else ()
        self.push_screen(ScriptScreen(script, versions), partial(self._script_chosen, script))

    def _script_chosen(self, script: ScriptFile, target: str | None) -> None:
        from services.actions.script import plan_script
        from tui.screens.script import NATIVE

        if target == NATIVE:
            self.prepare_rollback()
        elif target is not None:
            self._prepare(lambda situation, environment, settings, now: plan_script(
                situation, environment, settings, now, script, target
            ))  # fmt: skip
