"""Help on a numbered screen: its own keys first, then those of everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tui.keys import KeyContext, key_by_id, view_keys
from tui.screens.help import LABELS, HelpScreen, HelpText, help_rows
from widgets.spans import Row, Span, row, wrap


class ViewHelpScreen(HelpScreen):
    """Everything that can be pressed on the screen `identity`."""

    def __init__(self, context: KeyContext, identity: str) -> None:
        super().__init__(context)
        self._identity = identity

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog"):
            yield ViewHelpText(self._key_context, self._identity)


class ViewHelpText(HelpText):
    """The page."""

    def __init__(self, context: KeyContext, identity: str) -> None:
        super().__init__(context)
        self._identity = identity

    def needed_height(self, width: int) -> int:
        return len(self._page(width))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._page(width)

    def _page(self, width: int) -> list[Row]:
        return [*view_rows(self._identity, width), *help_rows(self._key_context, width)]


def view_rows(identity: str, width: int) -> list[Row]:
    """The chapter of one screen, in rows of at most `width` cells."""
    rows: list[Row] = [row(Span(key_by_id(identity).label, "accent"))]
    for key in view_keys(identity):
        name = [Span(f"  {key.shown:<7}", "key"), Span(f"{key.label:<14}", "strong")]
        rows += wrap([*name, Span(key.sentence, "muted")], width, hang=LABELS)
    return [*rows, ()]
