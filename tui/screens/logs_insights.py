"""The log screen's Logs Insights: a query line with its price before, rows with what they cost after.

Nothing is asked before `enter`, with the price in sight. Leaving a query that runs stops it: `esc`, another screen,
another environment (services/aws/insights.py sends StopQuery).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from services.model.insights import InsightsResult
from services.model.logs import LogGroup
from services.problems import AccountError
from services.safe_text import safe
from tui.insights_keeping import QueryShelf
from tui.insights_line import EXAMPLES, InsightsLine, estimate, read, scanned
from tui.screens.cockpit import cockpit
from tui.screens.logs_panel import Panel
from tui.screens.logs_searches import LogsSearches
from tui.screens.logs_typing import Typing
from widgets.log_choices import LogChoice
from widgets.log_table import table, told
from widgets.spans import cut_text
from widgets.wording import grouped

if TYPE_CHECKING:
    from services.aws.session import Account

ENTRY = "insights"
"""The key of its entry in the list of searches."""


class LogsInsights(LogsSearches):
    """Asks Logs Insights."""

    def _reset(self) -> None:
        super()._reset()
        self._shelf: QueryShelf | None = None
        self._query_text = ""
        """The newest line that was typed."""
        self._query_runs = False
        """A query is asked; what is paid for goes on."""
        self._result: InsightsResult | None = None

    def do_insights(self, text: str = "") -> None:
        """Open the line to type a query in; below it what was asked before, what was kept, and examples."""
        self.open_panel(Panel.INSIGHTS)
        self._result = None
        self.type_for(Typing.INSIGHTS, text or self._query_text)
        self._list_queries()
        self.run_worker(self._learn_queries(), group="searches", exclusive=True)

    def open_panel(self, what: Panel) -> None:
        stopped = what is not Panel.INSIGHTS and self._stop_asking()
        super().open_panel(what)
        self._say_stopped(stopped)

    def close_panel(self) -> None:
        stopped = self._stop_asking()
        super().close_panel()
        self._say_stopped(stopped)

    def _say_stopped(self, stopped: bool) -> None:
        if stopped:
            self.answer("the query is stopped; what was scanned until then is paid for")

    async def _learn_queries(self) -> None:
        if self._shelf is None:
            self._shelf = QueryShelf(self._environment)
            warning = await asyncio.to_thread(self._shelf.read)
            if warning:
                self.notify(warning, title="Queries", severity="warning", timeout=15, markup=False)
        self._list_queries()
        try:
            await self.there()
        except AccountError as error:
            self.answer(f"the groups' sizes are not known: {error.problem.message}", refused=True)
        self._list_queries()

    # ---- the list under the line

    def _list_queries(self) -> None:
        if self._panel is not Panel.INSIGHTS or self._result is not None:
            return
        self._panel_title.update(Content(f"Insights · {self._priced(read(self._words.value))}"))
        self._choices.set_heading("")
        kept = self._shelf.kept if self._shelf is not None else None
        rows = [
            LogChoice(one.pattern, safe(one.name), safe(cut_text(one.pattern, 60)), "◆")
            for one in (kept.saved if kept is not None else ())
        ]
        rows += [LogChoice(one, safe(one), safe("asked before"), "·") for one in (kept.history if kept else ())]
        rows += [LogChoice(one, safe(one), safe(what), " ") for one, what in EXAMPLES]
        self._choices.set_entries(rows, "nothing")

    def _priced(self, line: InsightsLine) -> str:
        """`at most about $0.0001 for 1.2 MB · 3 groups, …`: the price first, where the row is narrow."""
        groups = self._asked_groups(line)
        if not groups:
            return "no log group is called so" if line.groups else "no log group is shown"
        many = f"{len(groups)} group{'' if len(groups) == 1 else 's'}, {_span(line)}"
        if self._there is None:
            return f"{many} · asking how large they are …"
        from services.aws.insights import price

        found = price(line.query(groups, self.now_ms), self._known(), self._per_gb, self.now_ms)
        return f"{estimate(found)} · {many} · enter asks"

    def _asked_groups(self, line: InsightsLine) -> tuple[str, ...]:
        return line.chosen(self.groups().followed, self._hidden, (str(one.name) for one in self._known()))

    def _known(self) -> Sequence[LogGroup]:
        return self._there.groups if self._there is not None else ()

    @property
    def _per_gb(self) -> float:
        return cockpit(self).settings.prices.insights_gb

    # ---- keys

    def _take_search(self, key: str) -> None:
        if key == ENTRY:
            self.do_insights()
        else:
            super()._take_search(key)

    def typed(self, what: Typing, text: str) -> None:
        super().typed(what, text)
        if what is Typing.INSIGHTS:
            self._query_text = text
            self._list_queries()

    def submitted(self, what: Typing, text: str) -> None:
        if what is Typing.INSIGHTS:
            if read(text).text:
                self._ask_insights(text.strip())
            else:
                self.opened()
        elif what is Typing.NAME and self._panel is Panel.INSIGHTS:
            self._keep_query(text)
        else:
            super().submitted(what, text)

    def chosen(self, key: object) -> None:
        """An entry goes into the line, where its price is seen; a row of an answer is told whole."""
        if self._panel is not Panel.INSIGHTS:
            super().chosen(key)
        elif self._result is None:
            self._query_text = str(key)
            self.type_for(Typing.INSIGHTS, self._query_text)
            self._list_queries()
        else:
            self._tell_row(int(str(key)))

    def pointed(self, key: object) -> None:
        if self._panel is not Panel.INSIGHTS:
            super().pointed(key)

    def step_back(self) -> bool:
        if self._panel is not Panel.INSIGHTS:
            return super().step_back()
        if self._stop_asking():
            self.answer("stopped; what was scanned until then is paid for")
            self.type_for(Typing.INSIGHTS, self._query_text)
            self._list_queries()
        elif self._result is not None:
            self.do_insights(self._query_text)
        else:
            return super().step_back()
        return True

    def seen(self, yes: bool) -> None:
        super().seen(yes)
        if not yes and self._panel is Panel.INSIGHTS and self._stop_asking():
            self.answer("stopped when the screen was left; what was scanned until then is paid for")

    def _stop_asking(self) -> bool:
        """Stop a query that runs. False: none does."""
        running, self._query_runs = self._query_runs, False
        if running:
            self.app.workers.cancel_group(self, "asking")
        return running

    # ---- asking

    def _ask_insights(self, text: str) -> None:
        line = read(text)
        groups = self._asked_groups(line)
        if not groups:
            self.answer(self._priced(line), refused=True)
            return
        self.stop_typing()
        if self._shelf is not None:
            self._shelf.made(text)
            self.run_worker(self._write_queries(), group="keeping")
        self.work(self._insights(line, groups))

    async def _insights(self, line: InsightsLine, groups: tuple[str, ...]) -> None:
        loop = asyncio.get_running_loop()
        query, per_gb = line.query(groups, self.now_ms), self._per_gb

        def tell(result: InsightsResult) -> None:
            if not result.status.over:
                loop.call_soon_threadsafe(self._tell_running, scanned(result))

        async def question(account: Account) -> InsightsResult:
            from services.aws.insights import run

            return await run(account, query, per_gb, tell)

        self.answer("Insights is asked … · esc stops it")
        self._query_runs = True
        try:
            found = await self.ask(question)
        except AccountError:
            self._query_runs = False
            self.type_for(Typing.INSIGHTS, self._query_text)
            raise
        self._query_runs = False
        self._show_result(line, found)

    def _tell_running(self, so_far: str) -> None:
        if self._query_runs:  # this may come when it has been stopped
            self.answer(f"Insights runs · {so_far} so far · esc stops it")

    def _show_result(self, line: InsightsLine, found: InsightsResult) -> None:
        self._result = found
        self.answer("" if found.rows else "no line matches; esc goes back to the query")
        many = f"{grouped(len(found.rows))} row{'' if len(found.rows) == 1 else 's'}"
        said = f"Insights · {many} · {scanned(found)} · {_span(line)} · {cut_text(line.text, 60)}"
        self._panel_title.update(Content(said))
        heading, lines = table(found.fields, found.rows, max(20, self._choices.size.width - 2))
        self._choices.begin()
        self._choices.set_heading(heading)
        entries = [LogChoice(str(place), safe(one)) for place, one in enumerate(lines)]
        self._choices.set_entries(entries, "no line matches")

    def _tell_row(self, place: int) -> None:
        assert self._result is not None  # `chosen` has looked
        row = zip(self._result.fields, self._result.rows[place], strict=True)
        self.answer(" · ".join(f"{name}: {told(value)}" for name, value in row))

    # ---- keeping

    def do_keep(self) -> None:
        if self._panel is not Panel.INSIGHTS:
            super().do_keep()
        elif not read(self._query_text).text:
            self.answer("there is no query to keep: type one")
        else:
            self.type_for(Typing.NAME)

    def _keep_query(self, name: str) -> None:
        if not name.strip() or self._shelf is None:
            self.answer("a name is missing", refused=True)
            return
        self._shelf.keep(name.strip(), self._query_text.strip())
        self.run_worker(self._write_queries(), group="keeping")
        self.type_for(Typing.INSIGHTS, self._query_text)
        self.answer(f"kept as {safe(name.strip(), 60)}")
        self._list_queries()

    def do_remove(self) -> None:
        if self._panel is not Panel.INSIGHTS:
            super().do_remove()
            return
        selected = self._choices.selected
        name = str(selected.name) if selected is not None and selected.sign == "◆" else ""
        if not name or self._shelf is None:
            self.answer("choose a query that was kept (◆)")
            return
        self._shelf.remove(name)
        self.run_worker(self._write_queries(), group="keeping")
        self._list_queries()

    async def _write_queries(self) -> None:
        warning = await asyncio.to_thread(self._shelf.write) if self._shelf is not None else ""
        if warning:
            self.notify(warning, title="Queries", severity="warning", timeout=15, markup=False)


def _span(line: InsightsLine) -> str:
    """`the last 6 h`."""
    minutes = round(line.window.total_seconds() / 60)
    for unit, length in (("d", 1440), ("h", 60)):
        if minutes % length == 0:
            return f"the last {minutes // length} {unit}"
    return f"the last {minutes} min"
