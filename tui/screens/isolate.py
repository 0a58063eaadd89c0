"""Which API is closed to everybody, and how: the least drastic way first. Nothing is done here."""

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

from services.actions.isolate import Way
from services.model.apis import Api

_TOLD = {
    Way.THROTTLE: "goes to 0: clients get 429 at once, and nothing is deployed",
    Way.POLICY: "denies all: clients get 403; its deployment publishes other edits",
}

HINT = "enter prepares the plan, esc goes back. Nothing is done yet."


class IsolateScreen(ModalScreen[tuple[str, Way] | None]):
    """Ends with an API's id and a way, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("j", "app.simulate_key('down')", show=False),
        Binding("k", "app.simulate_key('up')", show=False),
    ]

    def __init__(self, offered: Sequence[tuple[Api, Way]]) -> None:
        """`offered`: what can be closed and how; of several APIs each has its name above its ways."""
        super().__init__(classes="at-layers")
        self._offered = tuple(offered)
        self._several = len({str(api.id) for api, _ in offered}) > 1

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield OptionList(*self._options(), id="ways")
            yield Static(Content(HINT), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        name = "which API" if self._several else str(self._offered[0][0].name)
        options = self.query_one(OptionList)
        self.query_one("#dialog").border_title = Content(f"Isolate {name}: let nobody in")
        options.highlighted = 1 if self._several else 0

    def _options(self) -> list[Option]:
        made: list[Option] = []
        for number, (api, way) in enumerate(self._offered):
            if self._several and (not number or self._offered[number - 1][0] is not api):
                made.append(Option(Content(f"{api.name} ({api.kind.value}, stage {api.stage})"), disabled=True))
            under = "  " if self._several else ""
            told = Content.assemble(under, Content.styled(f"{way.value:<9}", "bold"), _TOLD[way])
            made.append(Option(told, id=str(number)))
        return made

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        api, way = self._offered[int(event.option.id or 0)]
        self.dismiss((str(api.id), way))

    def action_leave(self) -> None:
        self.dismiss(None)
