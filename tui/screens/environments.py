"""Choose an environment: one letter a line, the present one marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from services.settings.values import Environment

ALL = "*"
"""What is chosen when all are to be seen side by side; no environment can be called so."""


class EnvironmentsScreen(ModalScreen[str | None]):
    """Ends with the name of the chosen environment, ALL, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("e", "leave", "leave", show=False),
        Binding("j", "app.simulate_key('down')", show=False),
        Binding("k", "app.simulate_key('up')", show=False),
    ]

    def __init__(self, environments: Sequence[Environment], current: str) -> None:
        super().__init__(classes="at-environments")
        self._environments = tuple(environments)
        self._current = current

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield OptionList(
                *(self._option(index, one) for index, one in enumerate(self._environments)), id="environments"
            )
            yield Static(
                Content("enter or a digit opens · 0 all side by side · esc goes back"), classes="hint", markup=False
            )

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Environment")
        names = [one.name for one in self._environments]
        self.query_one(OptionList).highlighted = names.index(self._current) if self._current in names else 0

    def _option(self, index: int, one: Environment) -> Option:
        mark = "●" if one.name == self._current else " "
        notes = [note for note in (one.region, one.purpose, "read-only" if one.read_only else "") if note]
        name = Content.styled(one.name.upper(), "bold $environment-production" if one.production else "bold")
        return Option(Content.assemble(f"{mark} {index + 1}  ", name, "  ", " · ".join(notes)), id=str(index))

    def on_key(self, event: events.Key) -> None:
        """A digit chooses at once."""
        if event.character == "0":
            event.stop()
            self.dismiss(ALL)
        elif event.character is not None and event.character.isdigit():
            index = int(event.character) - 1
            if 0 <= index < len(self._environments):
                event.stop()
                self.dismiss(self._environments[index].name)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._environments[event.option_index].name)

    def action_leave(self) -> None:
        self.dismiss(None)
