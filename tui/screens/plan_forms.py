"""The two forms in which a plan is asked about: the whole of it, or its summary where the whole does not fit."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from services.model.plan import Plan
from tui.screens.plan_summary import PlanSummary
from widgets.picture import Picture
from widgets.plan_view import PlanView


class PlanForms:
    """Which form stands in the dialog. Of a summary the whole plan is one key away."""

    def __init__(self, plan: Plan) -> None:
        # Held here, not looked up: looks go on while the dialog is taken apart.
        self._summary = PlanSummary(plan, id="summary")
        self._scroll = VerticalScroll(id="plan", can_focus=False)
        self._view = PlanView(id="plan-view")
        self._plan = plan
        self._summarised = False
        self._read_whole = False
        self._width = self._room = 0

    def compose(self) -> ComposeResult:
        """Both; `choose` says which is seen."""
        yield self._summary
        with self._scroll:
            yield self._view

    def choose(self, width: int, room: int) -> None:
        """Show the whole plan if it fits into `room` rows of `width` cells, else its summary."""
        self._width, self._room = width, room
        self._view.show(self._plan)
        self._summarised = self._view.needed_height(width) > room
        self._turn(False)

    def more(self) -> bool:
        """From the summary to the whole plan, then down in it. Whether the form has changed."""
        if self._summarised and not self._read_whole:
            self._turn(True)
            return True
        self._scroll.scroll_page_down(animate=False)
        return False

    def less(self) -> bool:
        """Up in the whole plan; at its top back to the summary. Whether the form has changed."""
        if self._read_whole and self._scroll.scroll_y <= 0:
            self._turn(False)
            return True
        self._scroll.scroll_page_up(animate=False)
        return False

    def _turn(self, read_whole: bool) -> None:
        self._read_whole = read_whole
        self._summary.display = self._summarised and not read_whole
        self._scroll.display = not self._summary.display

    @property
    def read_whole(self) -> bool:
        """Whether the whole plan is read where only its summary fits."""
        return self._read_whole

    @property
    def overflows(self) -> bool:
        """Whether the form that stands there has more rows than there is room for."""
        shown: Picture = self._summary if self._summary.display else self._view
        return shown.needed_height(self._width) > self._room

    @property
    def fits(self) -> bool:
        """Whether every row of what decides is seen: of the summary, or of the whole plan where there is none."""
        shown = self._summary if self._summarised else self._scroll
        needed: Picture = self._summary if self._summarised else self._view
        return shown.size.height >= needed.needed_height(needed.size.width)
