"""What a search of the log screen finds, shown instead of the tail's lines; what it adds up to, above."""

from __future__ import annotations

from textual.app import ComposeResult

from services.model.logs import Gap
from services.plural import several
from services.settings.values import Environment
from tui.log_presets import Group
from tui.log_report_tables import report
from tui.screens.logs_kinds import LogsKinds
from tui.screens.logs_lines import Source
from widgets.log_report import LogReport, LogTable
from widgets.log_ring import LogRing
from widgets.log_times import Times, told
from widgets.spans import cut_text

HOUR_MS = 3_600_000


class LogsFound(LogsKinds):
    """Searches."""

    DEFAULT_CSS = """
    LogsFound #log-report { display: none; }
    LogsFound.-report #log-report { display: block; }
    LogsFound.-panel #log-report { display: none; }
    """

    def __init__(self, system: str, environment: Environment) -> None:
        self._report = LogReport(id="log-report")
        super().__init__(system, environment)

    def body(self) -> ComposeResult:
        yield self._report
        yield from super().body()

    def search(self, title: str, groups: tuple[Group, ...], patterns: tuple[str, ...], preset: str = "") -> None:
        """Search the last hour of groups, each by the pattern in its place, and show what is found.

        `preset`: the id of the runbook's search that it is; what it adds up to stands above the lines.
        """
        self.close_panel()
        self.clear_filter()
        self.work(self._search_for(title, groups, patterns, preset))

    async def _search_for(self, title: str, groups: tuple[Group, ...], patterns: tuple[str, ...], preset: str) -> None:
        end = self.now_ms
        own = tuple((name, pattern) for (name, _), pattern in zip(groups, patterns, strict=True))
        ask = self.asked_of(groups, end - HOUR_MS, end, patterns=own)
        found = await self.read(ask, f"searching {title}")
        ring = LogRing()
        ring.extend(found.lines)
        since = told(max(found.reached, ask.start), Times.UTC, 0)
        unread = f" · ▲ {len(found.problems)} not read" if found.problems else ""
        count = f"{several(len(found.lines), 'line')} since {since}{unread}"
        said = f"search · {cut_text(title, 60)} · {count} · esc goes back"
        self.show_lines(Source.FOUND, ring, said, f"nothing since {since}: {cut_text(title, 60)}", found.gaps)
        self._show_report(report(preset, found.lines))

    def show_lines(self, source: Source, ring: LogRing, said: str, empty: str = "", gaps: tuple[Gap, ...] = ()) -> None:
        super().show_lines(source, ring, said, empty, gaps)
        self._show_report(None)

    def back_to_live(self) -> bool:
        if not super().back_to_live():
            return False
        self._show_report(None)
        return True

    def forget(self) -> None:
        super().forget()
        self._show_report(None)

    def _show_report(self, found: LogTable | None) -> None:
        self.set_class(found is not None, "-report")
        if found is not None:
            self._report.show(found)
