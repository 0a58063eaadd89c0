"""One key metric: a box with a chart where there is room, one line where there is not.

What stands in it is made in `panel_box` and `panel_line`; this widget keeps the scale steady and the chart cached, and
does nothing at all as long as what it draws is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.model.assessment import Judgement
from services.model.changes import Change
from widgets import panel_box, panel_line, scale, wording
from widgets.picture import Picture
from widgets.spans import Row, Span, row
from widgets.states import STATE_CLASSES, state_class

FINEST = 30
"""Seconds a cell of a fine chart stands for; a chart that has nothing new moves on no oftener."""


class MetricPanel(Picture):
    """Shows a Judgement. Height 1: one line. Height 3 and more: a box, with a chart from height 4 on."""

    DEFAULT_CSS = """
    MetricPanel { height: 1fr; }
    """

    def __init__(self, title: str = "", *, span: int = 3600, id: str | None = None, classes: str | None = None) -> None:
        """`title` is shown until the first judgement; `span` is the least stretch of time to show, in seconds."""
        super().__init__(id=id, classes=classes)
        self._title = title
        self._span = span
        self._judgement: Judgement | None = None
        self._changes: tuple[Change, ...] = ()
        self._now: datetime | None = None
        self._top: float | None = None
        self._chart = panel_box.ChartCache()
        self._moment: tuple[str, int] | None = None
        """What of the present moment is drawn: the age of the data, and the column of the chart."""

    @property
    def judgement(self) -> Judgement | None:
        """What is shown."""
        return self._judgement

    def show(self, judgement: Judgement, changes: Sequence[Change], now: datetime) -> None:
        """Show `judgement` with `changes` as markers; ages are as of `now`."""
        moment = (_age(judgement, now), int(now.timestamp()) // FINEST)
        if moment == self._moment and judgement == self._judgement and tuple(changes) == self._changes:
            return
        if self._judgement is not None and self._judgement.key != judgement.key:
            self._top = None
        self._judgement, self._changes, self._now, self._moment = judgement, tuple(changes), now, moment
        peak = max((value for _, value in judgement.chart), default=0.0)
        self._top = scale.top(peak, judgement.unit, judgement.thresholds, self._top)
        wanted = state_class(judgement.state)
        if not self.has_class(wanted):
            self.remove_class(*STATE_CLASSES)
            self.add_class(wanted)
        self.redraw()

    def clear(self) -> None:
        """Back to waiting: nothing of another environment stays."""
        self._judgement = self._now = self._top = self._moment = None
        self._changes = ()
        self.remove_class(*STATE_CLASSES)
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if self._judgement is None or self._now is None or self._top is None:
            return self._waiting(width, height)
        if height < 3:
            view = panel_line.View(self._judgement, self._now, self._top, self._span)
            return panel_line.draw(view, width, height, self.charset)
        view_box = panel_box.View(self._judgement, self._changes, self._now, self._top, self._span)
        return panel_box.draw(view_box, width, height, self.charset, self._chart)

    def _waiting(self, width: int, height: int) -> Sequence[Row]:
        word = Span("… WAITING", "silent")
        if height < 3:
            return [row(" ", Span(self._title, "title"), "  ", word)]
        return panel_box.frame(row(Span(self._title, "title")), row(word), [], width, height, self.charset)


def _age(judgement: Judgement, now: datetime) -> str:
    """The age of the data as it is drawn."""
    return "" if judgement.newest is None else wording.age((now - judgement.newest).total_seconds())
