"""The keys, with the reason beside each that is off now. Written from the one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from tui.keys import KEYS, Group, Key, KeyContext, why_off
from tui.screens.cockpit import cockpit
from widgets.picture import Picture
from widgets.spans import Row, Span, row, wrap


class HelpScreen(ModalScreen[None]):
    """Everything that can be pressed here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "leave", "leave", show=False),
        Binding("6", "runbook", show=False),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, context: KeyContext, facts: Sequence[Row] = ()) -> None:
        """`facts`: what stands above the keys, the runbook's own title and dates."""
        super().__init__(classes="at-help")
        self._key_context, self._facts = context, facts

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog"):
            yield HelpText(self._key_context, self._facts)

    def on_mount(self) -> None:
        dialog = self.query_one("#dialog", VerticalScroll)
        dialog.border_title = Content("Keys")
        dialog.border_subtitle = Content("esc goes back")
        dialog.focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_runbook(self) -> None:
        """The runbook's text."""
        self.dismiss(None)
        self.app.call_later(cockpit(self).action_run, "runbook")

    def action_down(self) -> None:
        self.query_one("#dialog", VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        self.query_one("#dialog", VerticalScroll).scroll_up(animate=False)


class HelpText(Picture):
    """The page: a key a paragraph, set under its label."""

    def __init__(self, context: KeyContext, facts: Sequence[Row] = ()) -> None:
        super().__init__()
        self._key_context, self._facts = context, facts

    def needed_height(self, width: int) -> int:
        return len(self._page(width))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._page(width)

    def _page(self, width: int) -> list[Row]:
        return [*runbook_rows(self._facts, width), *help_rows(self._key_context, width)]


LABELS = 26
"""Cells of the columns of keys and labels."""

_KEY = 8
"""Of the keys alone, without the indent."""

CLOSING = (
    "In a plan Cancel has the focus and esc leaves. Nothing counts in the first 0.7 s after it was drawn, nothing is "
    "pasted. Production asks for the environment's name, typed, and a reason; enter on an empty field does nothing."
)


def runbook_rows(facts: Sequence[Row], width: int) -> list[Row]:
    """The runbook's own facts, and the key to its text: it needs no account."""
    if not facts:
        return []
    told = [line for one in facts for line in wrap([*one], width, hang=2)]
    key = [Span("6", "key"), Span(" opens the whole text here and now, / searches it; no account is needed.", "muted")]
    return [*told, *wrap(key, width), ()]


def help_rows(context: KeyContext, width: int) -> list[Row]:
    """The whole page in rows of at most `width` cells."""
    rows: list[Row] = []
    for group in Group:
        rows.append(row(Span(group.value, "accent")))
        for key in (one for one in KEYS if one.group is group):
            also = f" Also {' '.join(_spoken(one) for one in key.also)}." if key.also else ""
            rows += wrap([*name(key), Span(key.sentence + also, "muted")], width, hang=LABELS)
            reason = why_off(key, context)
            if reason:
                rows += wrap([Span(" " * LABELS), Span(f"off now: {reason}", "warn")], width, hang=LABELS)
        rows.append(())
    if context.capped:
        rows += [*wrap([Span("Cost cap  ", "accent"), Span(context.capped, "muted")], width, hang=10), ()]
    return rows + wrap([Span(CLOSING, "muted")], width)


def name(key: Key) -> tuple[Span, Span]:
    """The two columns before what a key does."""
    return Span(f"  {key.shown:<{_KEY}}", "key"), Span(f"{key.label:<{LABELS - _KEY - 2}}", "strong")


def _spoken(key: str) -> str:
    return {"colon": ":", "question_mark": "?"}.get(key, key.replace("ctrl+", "^"))
