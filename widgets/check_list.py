"""Things to tick, under headings: a sign, how it stands as a word, what it is, and what is told of it."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from widgets.listing import Listing
from widgets.spans import Row, Span, columns, cut, cut_text, fit

WORD_CELLS = 12


class CheckRow(msgspec.Struct, frozen=True):
    """One row, ready to be shown."""

    key: str
    sign: str
    """`done`, `todo`, `marker`, `failed` of the terminal's signs; empty: a heading."""
    style: str
    word: str
    name: str
    told: str = ""
    """What gives way where there is little room; the pane below has it whole."""
    detail: tuple[Row, ...] = ()
    target: int = 0
    """The line of the runbook it stands on."""

    @property
    def heading(self) -> bool:
        return not self.sign


class CheckList(Listing[CheckRow]):
    """Shows CheckRows."""

    def show(self, entries: tuple[CheckRow, ...], empty: str) -> None:
        """Show the rows in this order; `empty` is said where there are none."""
        if entries != self.entries or not entries:
            self.set_entries(entries, empty)

    def key_of(self, entry: CheckRow) -> Hashable:
        return entry.key

    def line(self, entry: CheckRow, width: int) -> Row:
        if entry.heading:
            return cut(
                (Span(entry.name, "accent"), Span(f"  {entry.word}", entry.style), Span(f"  {entry.told}", "muted")),
                width,
            )
        word = min(columns(one.word for one in self.entries if not one.heading), WORD_CELLS)
        name = min(columns(one.name for one in self.entries if not one.heading), max(20, width - word - 8))
        return cut(
            (
                Span(f"{getattr(self.charset, entry.sign)} ", entry.style),
                *fit((Span(cut_text(entry.word, word), entry.style),), word),
                Span("  "),
                *fit((Span(cut_text(entry.name, name)),), name),
                Span(f"  {entry.told}" if entry.told else "", "muted"),
            ),
            width,
        )
