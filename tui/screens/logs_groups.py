"""The log screen's list of log groups: which are followed, what the tail promises of each, what each keeps."""

from __future__ import annotations

import asyncio

from textual.content import Content

from services.journal.home import JournalBroken
from services.log_picks import PickStore
from services.model.log_pick import LogPick
from services.watch.log_choice import STACK, USUAL
from tui.log_group_rows import Chosen, GroupList, rows
from tui.screens.cockpit import cockpit
from tui.screens.logs_insights import LogsInsights
from tui.screens.logs_panel import Panel
from tui.screens.logs_typing import Typing


class LogsGroups(LogsInsights):
    """Lists groups, and says which are followed."""

    def do_groups(self) -> None:
        self.open_panel(Panel.GROUPS)
        self.type_for(Typing.GROUPS)
        self._list_groups()
        self.work(self._learn_groups())

    async def _learn_groups(self) -> None:
        there = await self.there()
        self._list_groups()
        if there.problems:
            self.answer(" · ".join(there.problems), refused=True)

    def told(self) -> None:
        """The tail has said something new of its groups."""
        super().told()
        self._list_groups()

    def typed(self, what: Typing, text: str) -> None:
        super().typed(what, text)
        if what is Typing.GROUPS:
            self._list_groups()

    def submitted(self, what: Typing, text: str) -> None:
        if what is Typing.GROUPS:
            self.opened()
        else:
            super().submitted(what, text)

    def chosen(self, key: object) -> None:
        if isinstance(key, Chosen):
            self._choose(key)
        else:
            super().chosen(key)

    def _list_groups(self) -> None:
        if self._panel is not Panel.GROUPS:
            return
        status, asking = self.status, self._there is None
        left = f" · {status.left_out} too many, left out" if status is not None and status.left_out else ""
        signs = "asking which others there are …" if asking else "● followed, to the time told · ○ not asked"
        self._panel_title.update(Content(f"Log groups · {signs}{left}"))
        found = rows(GroupList(self.pick, status, self._there), self._words.value)
        self._choices.set_entries(found, "asking which there are …" if asking else "no log group is called so")

    def _choose(self, chosen: Chosen) -> None:
        pick = self.pick
        if chosen.group:
            shut = next((one for one in self._there.groups if one.name == chosen.group), None) if self._there else None
            if shut is not None and not shut.readable:
                self.answer(f"a group of class {shut.kind} cannot be followed: Logs Insights reads it", refused=True)
                return
            followed = self.status is not None and any(one.name == chosen.group for one in self.status.claims)
            self._follow(pick.toggled(chosen.group) if followed else pick.with_word(chosen.group, USUAL))
        elif chosen.word == USUAL:
            self._follow(LogPick())
        elif chosen.word in pick.words:
            self._follow(pick.without_word(chosen.word))
        elif chosen.word in STACK:
            self._follow(LogPick((*(one for one in pick.words if one != USUAL), chosen.word)))
        else:
            self._follow(pick.with_word(chosen.word, USUAL))

    def _follow(self, pick: LogPick) -> None:
        """Follow what is chosen now, and after the next start too."""
        session = cockpit(self).session
        if session is not None:
            session.follow_logs(pick)
        self._hide()
        self._list_groups()
        self.run_worker(self._write_pick(pick), group="picking", exclusive=True)

    async def _write_pick(self, pick: LogPick) -> None:
        try:
            await asyncio.to_thread(PickStore.of(self._environment).write, pick)
        except JournalBroken as error:
            self.notify(str(error), title="Log groups", severity="warning", timeout=15, markup=False)
