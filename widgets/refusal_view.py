"""Why there is no plan, and what would lift that."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.plan import Refusal
from widgets.picture import Picture
from widgets.spans import Row, Span, wrap


class RefusalView(Picture):
    """Shows a Refusal: the reason, then the way out. Wraps; nothing is left out."""

    DEFAULT_CSS = """
    RefusalView { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._refusal: Refusal | None = None

    def show(self, refusal: Refusal) -> None:
        """Show `refusal`."""
        self._refusal = refusal
        self.redraw()

    def needed_height(self, width: int) -> int:
        return len(refusal_rows(self._refusal, width)) if self._refusal else 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return refusal_rows(self._refusal, width) if self._refusal else []


def refusal_rows(refusal: Refusal, width: int) -> list[Row]:
    """The refusal in rows of at most `width` cells."""
    label = f"No {refusal.kind.value}: "
    rows = wrap([Span("⊘ ", "warn"), Span(label, "strong"), Span(refusal.reason)], width, hang=2)
    if refusal.remedy:
        rows.append(())
        rows += wrap([Span("→ ", "accent"), Span(refusal.remedy)], width, hang=2)
    return rows
