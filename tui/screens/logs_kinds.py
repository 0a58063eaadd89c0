"""The log screen's list of errors by kind: how often each came, and the lines of one."""

from __future__ import annotations

import asyncio

from textual.content import Content

from services.line_search.query import Query
from services.plural import several
from services.safe_text import safe
from tui.screens.logs_panel import LogsPanel, Panel
from widgets.log_alike import Alike, Kind, kinds
from widgets.log_choices import LogChoice
from widgets.log_times import Times, told
from widgets.spans import cut_text
from widgets.wording import grouped


class LogsKinds(LogsPanel):
    """Counts what is alike."""

    def _reset(self) -> None:
        super()._reset()
        self._kinds: tuple[Kind, ...] | None = None

    def do_kinds(self) -> None:
        """Count the errors by kind, a few hundred at a time."""
        self.open_panel(Panel.KINDS)
        self._kinds = ()
        self._list_kinds(more=True)
        self.run_worker(self._count_kinds(), group="kinds", exclusive=True)

    async def _count_kinds(self) -> None:
        for found in kinds(self._view.ring):
            await asyncio.sleep(0)
            if self._panel is not Panel.KINDS:
                return  # another list is open, or none
            self._kinds = found
        self._list_kinds(more=False)

    def _list_kinds(self, *, more: bool) -> None:
        found = self._kinds or ()
        total = sum(one.count for one in found)
        whole = f"{several(total, 'error')} of {several(len(found), 'kind')} · enter shows the lines of one"
        said = "counting …" if more else whole if found else "none"
        self._panel_title.update(Content(f"Errors by kind · {said}"))
        rows = [
            LogChoice(
                _kind_key(one),
                safe(f"{one.group:<7.7} {one.shape}", 400),
                safe(f"{grouped(one.count)} ×  {told(one.first, Times.UTC, 0)} – {told(one.last, Times.UTC, 0)}"),
            )
            for one in found
        ]
        self._choices.set_entries(rows, "counting …" if more else "no error among these lines")

    def _kind(self, key: object) -> Kind | None:
        return next((one for one in self._kinds or () if _kind_key(one) == key), None)

    def pointed(self, key: object) -> None:
        """One of a kind, in its own words, under the list."""
        if self._panel is not Panel.KINDS:
            super().pointed(key)
            return
        kind = self._kind(key)
        self.answer(cut_text(f"such as: {kind.sample}", 400) if kind is not None else "")

    def chosen(self, key: object) -> None:
        kind = self._kind(key) if self._panel is Panel.KINDS else None
        if kind is None:
            super().chosen(key)
            return
        self._extra = Query(cut_text(kind.shape, 60), groups=(), terms=(Alike(kind.shape),))
        self.close_panel()
        self.apply_filter()
        self._view.jump(kind.first)
        self.answer(f"{several(kind.count, 'line')} like: {cut_text(kind.shape, 200)} · esc shows all again")


def _kind_key(kind: Kind) -> str:
    return f"{kind.group} {kind.shape}"
