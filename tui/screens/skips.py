"""Which resources a continued rollback leaves as they are: each with why it failed and what leaving it means.

Nothing is chosen beforehand, and choosing none is an answer: what failed is tried again. Nothing is done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from services.safe_text import SafeText

HINT = "space skips a resource · enter prepares the plan · esc goes back"

SAID = (
    "The rollback failed at these. Without a skip each is tried again, which helps once its cause has gone. What is "
    "skipped counts as restored and is not."
)


class SkipsScreen(ModalScreen[tuple[str, ...] | None]):
    """Ends with the names to skip, or None. `offered`: name, why it failed, what skipping it means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("space", "choose", "choose", show=False),
        Binding("j", "app.simulate_key('down')", show=False),
        Binding("k", "app.simulate_key('up')", show=False),
    ]

    def __init__(self, offered: Sequence[tuple[str, SafeText, SafeText]]) -> None:
        super().__init__(classes="at-layers")
        self._offered = tuple(offered)
        self._chosen: set[str] = set()

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(Content(SAID), id="said", markup=False)
            yield OptionList(*(self._option(*one) for one in self._offered), id="layers")
            yield Static(Content(HINT), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Continue the rollback without which resources?")

    def _option(self, name: str, reason: SafeText, means: SafeText) -> Option:
        box, word = ("[x]", "skip") if name in self._chosen else ("[ ]", "try again")
        told = Content.assemble(
            f"{box} ", Content.styled(name, "bold"), f"  {word}\n    failed: {reason}\n    skipped: {means}"
        )
        return Option(told, id=name)

    def action_choose(self) -> None:
        """Skip the resource under the cursor, or try it again."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            one = self._offered[options.highlighted]
            self._chosen ^= {one[0]}
            options.replace_option_prompt_at_index(options.highlighted, self._option(*one).prompt)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(tuple(name for name, _, _ in self._offered if name in self._chosen))

    def action_leave(self) -> None:
        self.dismiss(None)
