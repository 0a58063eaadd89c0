"""The lists of the log screen: log groups, kinds of errors, searches. One entry a row, in columns."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from services.safe_text import SafeText
from widgets.listing import Listing
from widgets.spans import Row, Span, cells, cut_text, fit, squeeze_text


class LogChoice(msgspec.Struct, frozen=True):
    """One entry: a name, what is beside it, and a note."""

    key: Hashable
    name: SafeText
    facts: SafeText = SafeText("")
    """At the right end: counts, times."""
    sign: str = ""
    """In front: `●` chosen, `○` not."""
    style: str = ""


class LogChoices(Listing[LogChoice]):
    """Shows LogChoices."""

    DEFAULT_CSS = """
    LogChoices { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heading = ""

    def set_heading(self, text: str) -> None:
        """What stands above the columns of a table; nothing: no heading."""
        self._heading = text

    def head(self, width: int) -> Row:
        return (Span(cut_text(f"  {self._heading}", width), "faint"),) if self._heading else ()

    def begin(self) -> None:
        super().begin()
        self._heading = ""

    def key_of(self, entry: LogChoice) -> Hashable:
        return entry.key

    def line(self, entry: LogChoice, width: int) -> Row:
        sign = (Span(f"{entry.sign} ", "accent" if entry.sign == "●" else "muted"),) if entry.sign else ()
        room = max(0, width - cells(sign) - 2)
        least = min(cells([Span(entry.name)]), room // 2)  # a name is never less than half of the row
        facts = Span(cut_text(entry.facts, room - least), "muted")
        room -= cells([facts])
        name = Span(squeeze_text(entry.name, max(4, room)), entry.style)
        return (*sign, *fit([name], max(0, room)), Span("  "), facts)
