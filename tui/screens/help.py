"""The keys, with the reason beside each that is off now. Written from the one table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keys import KEYS, Group, KeyContext, why_off


class HelpScreen(ModalScreen[None]):
    """Everything that can be pressed here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "leave", "leave", show=False),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, context: KeyContext) -> None:
        super().__init__(id="help")
        self._key_context = context

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog"):
            yield Static(help_text(self._key_context), markup=False)

    def on_mount(self) -> None:
        dialog = self.query_one("#dialog", VerticalScroll)
        dialog.border_title = Content("Keys")
        dialog.border_subtitle = Content("esc goes back")
        dialog.focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_down(self) -> None:
        self.query_one("#dialog", VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        self.query_one("#dialog", VerticalScroll).scroll_up(animate=False)


def help_text(context: KeyContext) -> Content:
    """The whole page."""
    parts: list[Content | str] = []
    for group in Group:
        parts.append(Content.styled(f"{group.value}\n", "bold $accent"))
        for key in (one for one in KEYS if one.group is group):
            also = f" (also {', '.join(_spoken(one) for one in key.also)})" if key.also else ""
            parts += [
                Content.styled(f"  {key.shown:<6}", "bold"),
                f"{key.label:<13}",
                Content.styled(f"{key.sentence}{also}\n", "$foreground 80%"),
            ]
            reason = why_off(key, context)
            if reason:
                parts.append(Content.styled(f"{'':<21}off now: {reason}\n", "$state-warn"))
        parts.append("\n")
    parts.append(
        Content.styled(
            "In a plan: Cancel has the focus, esc leaves. Nothing counts in the first 0.7 s after it was drawn.\n"
            "Production asks for the environment's name, typed, and a reason; enter on an empty field does nothing.",
            "$foreground 80%",
        )
    )
    return Content.assemble(*parts)


def _spoken(key: str) -> str:
    return {"colon": ":", "question_mark": "?"}.get(key, key.replace("ctrl+", "^"))
