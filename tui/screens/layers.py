"""Which layers to roll back: one a line, the one that the evidence points at marked. Nothing is done here."""

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

from services.model.plan import Layer, LayerChoice

HINT = "space chooses · enter prepares one plan, in the safe order · esc goes back"


class LayersScreen(ModalScreen[tuple[Layer, ...] | None]):
    """Ends with the chosen layers, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("space", "choose", "choose", show=False),
        Binding("j", "app.simulate_key('down')", show=False),
        Binding("k", "app.simulate_key('up')", show=False),
    ]

    def __init__(self, choices: Sequence[LayerChoice], said: str = "") -> None:
        """`said`: why the chooser opened by itself."""
        super().__init__(classes="at-layers")
        self._choices = tuple(choices)
        self._said = said
        self._chosen = {one.layer for one in choices if one.chosen}

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            if self._said:
                yield Static(Content(self._said), id="said", markup=False)
            yield OptionList(*(self._option(one) for one in self._choices), id="layers")
            yield Static(Content(HINT), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Roll back which layers?")
        pointed = [index for index, one in enumerate(self._choices) if one.indicated]
        self.query_one(OptionList).highlighted = pointed[0] if pointed else 0

    def _option(self, one: LayerChoice) -> Option:
        box = ("[x]" if one.layer in self._chosen else "[ ]") if one.possible else " - "
        pointed = "  ← the evidence points here" if one.indicated else ""
        style = "bold" if one.possible else "dim"
        told = Content.assemble(f"{box} ", Content.styled(f"{one.layer:<8}", style), one.text, pointed)
        return Option(told, id=one.layer.value, disabled=not one.possible)

    def action_choose(self) -> None:
        """Choose the line under the cursor, or no more."""
        options = self.query_one(OptionList)
        if options.highlighted is None:
            return
        one = self._choices[options.highlighted]
        if one.possible:
            self._chosen ^= {one.layer}
            options.replace_option_prompt(one.layer.value, self._option(one).prompt)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = tuple(one.layer for one in self._choices if one.layer in self._chosen)
        if chosen:
            self.dismiss(chosen)
        else:
            self.query_one("#hint", Static).update(Content("Nothing is chosen: space chooses."))

    def action_leave(self) -> None:
        self.dismiss(None)
