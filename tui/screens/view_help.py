"""Help on a numbered screen: its own keys first, then those of everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tui.keys import KeyContext, key_by_id, view_keys
from tui.screens.help import LABELS, HelpScreen, HelpText, help_rows, name, runbook_rows
from widgets.spans import Row, Span, row, wrap


class ViewHelpScreen(HelpScreen):
    """Everything that can be pressed on the screen `identity`."""

    def __init__(self, context: KeyContext, identity: str, facts: Sequence[Row] = ()) -> None:
        super().__init__(context, facts)
        self._identity = identity

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog"):
            yield ViewHelpText(self._key_context, self._identity, self._facts)


class ViewHelpText(HelpText):
    """The page."""

    def __init__(self, context: KeyContext, identity: str, facts: Sequence[Row] = ()) -> None:
        super().__init__(context, facts)
        self._identity = identity

    def _page(self, width: int) -> list[Row]:
        rows = [*view_rows(self._identity, width), *help_rows(self._key_context, width)]
        return [*runbook_rows(self._facts, width), *rows]


def view_rows(identity: str, width: int) -> list[Row]:
    """The chapter of one screen, in rows of at most `width` cells."""
    rows: list[Row] = [row(Span(key_by_id(identity).label, "accent"))]
    for key in view_keys(identity):
        rows += wrap([*name(key), Span(key.sentence, "muted")], width, hang=LABELS)
    return [*rows, ()]
