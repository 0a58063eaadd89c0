"""The metrics that can be chosen, a row each: name, whose it is, whether the cockpit watches it anyway."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from services.model.assessment import State
from widgets.listing import Listing
from widgets.spans import Row, Span, cut, fit, squeeze_text
from widgets.states import style

NAME = 30
"""Cells of the column of names."""


class MetricRow(msgspec.Struct, frozen=True):
    """One metric."""

    key: Hashable
    title: str
    subject: str
    region: str
    watched: bool
    state: State | None = None
    """How its resource stands among all that are compared; None: it is not judged."""
    value: str = ""


class MetricList(Listing[MetricRow]):
    """Shows MetricRows."""

    def key_of(self, entry: MetricRow) -> Hashable:
        return entry.key

    def line(self, entry: MetricRow, width: int) -> Row:
        mark = Span("● " if entry.watched else "  ", "accent")
        name = fit([Span(squeeze_text(entry.title, NAME), "")], NAME)
        stands: tuple[Span, ...] = ()
        if entry.state is not None:
            word = Span(f"{entry.state:<11}", style(entry.state))
            stands = (word, Span(f"{entry.value:>9}  ", ""))
        rest = (Span(f"{entry.region:<10} ", "faint"), Span(entry.subject, "muted"))
        return cut((mark, *name, Span("  "), *stands, *rest), width)
