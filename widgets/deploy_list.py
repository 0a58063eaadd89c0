"""Rows to choose from, whatever a section of the deployments is about: sign, state word, what, facts."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from services.model.assessment import State
from widgets.listing import Listing
from widgets.spans import Row, Span, columns, cut, cut_text, fit, squeeze_text
from widgets.states import SIGNS, style

NAME_CELLS = 44
WORD_CELLS = 16


class DeployRow(msgspec.Struct, frozen=True):
    """One row, ready to be shown."""

    key: str
    state: State
    """Colour and sign; WAITING: under way."""
    word: str
    name: str
    facts: str = ""
    """What gives way where there is little room."""
    when: str = ""
    """A time, an age or a duration, in front of the facts."""
    indent: int = 0
    heading: bool = False
    detail: tuple[Row, ...] = ()
    """The whole of it, for the pane below and for `enter`."""
    target: int | None = None
    """The Lambda version that `R` would go back to."""

    @property
    def searched(self) -> str:
        """What a filter looks at, in lower case."""
        told = " ".join(span.text for line in self.detail for span in line)
        return f"{self.word} {self.name} {self.facts} {told}".lower()


class DeployList(Listing[DeployRow]):
    """Shows DeployRows."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._head = ""

    def show(self, entries: tuple[DeployRow, ...], head: str, empty: str) -> None:
        """Show the rows in this order under `head`; `empty` is said where there are none."""
        self._head = head
        self.set_entries(entries, empty)

    def key_of(self, entry: DeployRow) -> Hashable:
        return entry.key

    def head(self, width: int) -> Row:
        return (Span(cut_text(f"  {self._head}", width), "faint"),) if self._head and self.entries else ()

    def line(self, entry: DeployRow, width: int) -> Row:
        sign = self.charset.busy if entry.state is State.WAITING else SIGNS[entry.state]
        colour = "accent" if entry.state is State.WAITING else style(entry.state)
        loud = "strong" if entry.heading or entry.state is State.CRIT else ""
        start = (Span(" " * entry.indent), Span(f"{sign} ", colour))
        if entry.heading:
            spans: Row = (*start, Span(entry.name, loud), Span(f"  {entry.when}" if entry.when else "", "muted"))
            return cut((*spans, Span(f"  {entry.facts}", "muted")), width)
        word = fit(
            (Span(squeeze_text(entry.word, self._words(width)), colour if entry.state is not State.OK else ""),),
            self._words(width),
        )
        name = max(4, self._names(width) - entry.indent)
        named = fit((Span(squeeze_text(entry.name, name), loud),), name)
        when = fit((Span(squeeze_text(entry.when, self._whens(width)), "muted"),), self._whens(width))
        facts = Span(entry.facts, "muted" if entry.state is not State.CRIT else "")
        return cut((*start, *named, Span("  "), *word, Span("  "), *when, Span("  "), facts), width)

    def _names(self, width: int) -> int:
        widest = columns(" " * one.indent + one.name for one in self.entries if not one.heading)
        return max(10, min(widest, NAME_CELLS, width - self._words(width) - self._whens(width) - 18))

    def _words(self, width: int) -> int:
        return min(columns(one.word for one in self.entries if not one.heading), max(WORD_CELLS, width // 3))

    def _whens(self, width: int) -> int:
        return min(columns(one.when for one in self.entries if not one.heading), width // 3)
