"""Screen 3: every log line. Filter, history, kinds of errors, groups, searches; from a line to what belongs to it.

One layer a file, each on the one before: the rows under the lines (`logs_typing`), the lines (`logs_lines`), moving
among them (`logs_moving`), asking AWS (`logs_asking`) for history (`logs_history`) and what belongs to a line
(`logs_pivots`), lists (`logs_panel`) of kinds (`logs_kinds`), searches (`logs_found`, `logs_searches`) and groups
(`logs_groups`), Live Tail (`logs_live`), one function (`logs_function`); here what goes out.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.plural import several
from tui import log_out
from tui.clipboard import TooLarge, copy
from tui.screens.cockpit import cockpit
from tui.screens.logs_function import LogsFunction
from widgets.log_ring import Row


class LogsScreen(LogsFunction):
    """Key `3`."""

    def do_copy(self) -> None:
        line = self._line()
        if line is None:
            return
        try:
            sent = copy(self.app, log_out.as_text([line]).rstrip("\n"))
        except TooLarge as error:
            self.answer(f"not copied: {error}; x writes it into a file", refused=True)
            return
        self.answer(f"copied, {sent} bytes, if your terminal takes it (OSC 52); x writes files")

    def do_export(self) -> None:
        lines = self._view.shown_lines()
        if not lines:
            self.answer("there is no line to write")
            return
        now = self.picture.now if self.picture is not None else cockpit(self).now()
        stem = log_out.file_stem(self._environment.name, lines, now)
        self.run_worker(self._export(stem, lines), group="export", exclusive=True)

    async def _export(self, stem: str, lines: list[Row]) -> None:
        self.answer(f"writing {several(len(lines), 'line')} …")
        try:
            text, jsonl = await asyncio.to_thread(log_out.write, Path.cwd(), stem, lines)
        except OSError as error:
            self.answer(f"nothing written: {error}", refused=True)
            return
        self.answer(f"written: {text.name} and {jsonl.name}, {several(len(lines), 'line')}, in {text.parent}")
