"""The runbook's headings to choose from, parts and what is inside them."""

from __future__ import annotations

from collections.abc import Hashable

from services.model.runbook import Section
from widgets.listing import Listing
from widgets.spans import Row, Span, cut


class SectionList(Listing[Section]):
    """Shows Sections."""

    def key_of(self, entry: Section) -> Hashable:
        return entry.line

    def line(self, entry: Section, width: int) -> Row:
        part = entry.level == 2
        return cut((Span("" if part else "  "), Span(entry.title, "strong" if part else "muted")), width)
