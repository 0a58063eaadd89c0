"""The log screen's searches: the runbook's, any pattern, what was searched before, what was kept under a name."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual.content import Content

from services.journal.home import JournalBroken
from services.kept_file import KeptDamaged
from services.log_patterns.checking import SYNTAX, check
from services.log_searches import Searches, SearchStore
from services.problems import AccountError
from services.safe_text import safe
from tui.log_presets import PRESETS, Group, Preset, chosen
from tui.screens.logs_found import LogsFound
from tui.screens.logs_panel import Panel
from tui.screens.logs_typing import Typing
from widgets.log_choices import LogChoice
from widgets.spans import cut_text

SAMPLE = 20
"""Lines of a group that say whether it writes JSON."""


class LogsSearches(LogsFound):
    """Lists searches, and makes them."""

    def _reset(self) -> None:
        super()._reset()
        self._searches: Searches | None = None
        self._pattern = ""
        """The newest search, for keeping it under a name."""

    def do_search(self) -> None:
        self.open_panel(Panel.SEARCHES)
        self.type_for(Typing.PATTERN)
        self._list_searches()
        self.run_worker(self._learn_searches(), group="searches", exclusive=True)

    def typed(self, what: Typing, text: str) -> None:
        super().typed(what, text)
        if what is Typing.PATTERN:
            self._list_searches()

    def submitted(self, what: Typing, text: str) -> None:
        if what is Typing.NAME:
            self._keep(text)
        elif what is not Typing.PATTERN:
            super().submitted(what, text)
        elif text.strip():
            self._search_pattern(text.strip())
        else:
            self.opened()

    def chosen(self, key: object) -> None:
        if self._panel is Panel.SEARCHES:
            self._take_search(str(key))
        else:
            super().chosen(key)

    async def _learn_searches(self) -> None:
        if self._searches is None:
            try:
                self._searches = await asyncio.to_thread(SearchStore.of(self._environment).read)
            except (KeptDamaged, JournalBroken) as error:
                self._searches = Searches()
                self.notify(str(error), title="Searches", severity="warning", timeout=15, markup=False)
        self._list_searches()
        try:
            await self.there()
        except AccountError:
            return  # a group that cannot be listed is missing in the presets, which say so
        self._list_searches()

    def _list_searches(self) -> None:
        if self._panel is not Panel.SEARCHES:
            return
        text = self._words.value.strip()
        kept = self._searches or Searches()
        if text:
            fault = check(text)
            title = f"Search · {fault.sentence}" if fault else "Search · enter asks AWS for the last hour"
            rows = [LogChoice(("help", shape), safe(shape), safe(what)) for shape, what in SYNTAX]
        else:
            title = "Search the last hour · type a pattern or choose · ^s keeps, ^r forgets"
            rows = [LogChoice(f"preset {one.id}", safe(one.title), safe("runbook"), "●") for one in PRESETS]
            rows.append(
                LogChoice("insights", safe("Logs Insights: a query over the groups"), safe("paid by the byte"), "$")
            )
            rows += [
                LogChoice(f"saved {one.name}", safe(one.name), safe(cut_text(one.pattern, 50)), "◆")
                for one in kept.saved
            ]
            rows += [LogChoice(f"again {one}", safe(one), safe("searched before"), "·") for one in kept.history]
        self._panel_title.update(Content(title))
        self._choices.set_entries(rows, "nothing")

    def _take_search(self, key: str) -> None:
        kind, _, what = key.partition(" ")
        if kind == "preset":
            self._run_preset(next(one for one in PRESETS if one.id == what))
        elif kind == "saved":
            saved = next((one for one in (self._searches or Searches()).saved if one.name == what), None)
            if saved is not None:
                self._search_pattern(saved.pattern)
        elif kind == "again":
            self._search_pattern(what)

    async def run_preset(self, identity: str) -> None:
        """One of the runbook's searches by its id, over all groups that there are."""
        with suppress(AccountError):  # a group that cannot be listed is missing, which the search says
            await self.there()
        self._run_preset(next(one for one in PRESETS if one.id == identity))

    def _run_preset(self, preset: Preset) -> None:
        groups, patterns = chosen(preset, self.groups(), self._is_json)
        if not groups:
            self.answer(preset.missing, refused=True)
            return
        self._pattern = patterns[0]
        self.search(preset.title, groups, patterns, preset.id)

    def _is_json(self, group: Group) -> bool:
        """Whether the newest lines of a group are JSON; of a group without lines a trail's are."""
        live = self._live
        newest: list[str] = []
        for place in range(len(live) - 1, max(-1, len(live) - 5_000), -1):
            if live[place].group == group[1]:
                newest.append(live.text(place))
                if len(newest) == SAMPLE:
                    break
        return sum(text.startswith("{") for text in newest) * 2 > len(newest) if newest else group[1] == "trail"

    def _search_pattern(self, pattern: str) -> None:
        """Search for what somebody typed, as it stands: what is wrong with it was told, but the service decides."""
        self._pattern = pattern
        self._searches = (self._searches or Searches()).made(pattern)
        self.run_worker(self._write_searches(self._searches), group="keeping")
        groups = tuple(one for one in self.groups().followed if one[1] not in self._hidden)
        self.search(pattern, groups, (pattern,) * len(groups))

    def do_keep(self) -> None:
        text = self._words.value.strip() if self._typing is Typing.PATTERN else ""
        fault = check(text)
        if fault is not None:
            self.answer(fault.sentence, refused=True)
            return
        self._pattern = text or self._pattern
        if not self._pattern:
            self.answer("there is no search to keep: s makes one")
            return
        self.type_for(Typing.NAME)

    def _keep(self, name: str) -> None:
        if not name.strip():
            self.answer("a name is missing", refused=True)
            return
        self._searches = (self._searches or Searches()).kept(name.strip(), self._pattern)
        self.run_worker(self._write_searches(self._searches), group="keeping")
        self.stop_typing()
        self.answer(f"kept as {safe(name.strip(), 60)}; s lists it")
        if self._panel is Panel.SEARCHES:
            self.type_for(Typing.PATTERN)
            self._list_searches()

    def do_remove(self) -> None:
        selected = self._choices.selected
        kind, _, name = str(selected.key).partition(" ") if selected is not None else ("", "", "")
        if self._panel is not Panel.SEARCHES or kind != "saved":
            self.answer("choose a search that was kept (◆) in the list of searches")
            return
        self._searches = (self._searches or Searches()).without(name)
        self.run_worker(self._write_searches(self._searches), group="keeping")
        self._list_searches()

    async def _write_searches(self, searches: Searches) -> None:
        try:
            await asyncio.to_thread(SearchStore.of(self._environment).write, searches)
        except JournalBroken as error:
            self.notify(str(error), title="Searches", severity="warning", timeout=15, markup=False)
