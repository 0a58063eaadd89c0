"""Which function is called, and with what. Nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

HINT = (
    "up and down: the runbook's payloads; any other may be typed. enter prepares the plan, esc goes back. "
    "Nothing is called yet."
)


class Called(msgspec.Struct, frozen=True):
    """One call that is wanted."""

    function: str
    payload: str
    """JSON."""


class InvokeScreen(ModalScreen[Called | None]):
    """Ends with a function and a payload, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("down", "preset(1)", "next payload", show=False),
        Binding("up", "preset(-1)", "payload before", show=False),
    ]

    AUTO_FOCUS = "#payload"

    def __init__(self, function: str, presets: Sequence[str]) -> None:
        """`presets`: payloads to choose from, the first of which stands there at first."""
        super().__init__(classes="at-point")
        self._presets = tuple(presets)
        self._function = Input(function, id="function", compact=True, max_length=200, select_on_focus=False)
        self._payload = Input(presets[0], id="payload", compact=True, max_length=100_000, select_on_focus=False)
        self._wrong = Static(id="where", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            for label, field in (("Function     ", self._function), ("Payload      ", self._payload)):
                with Horizontal(classes="field"):
                    yield Static(Content(label), classes="label", markup=False)
                    yield field
            yield self._wrong
            yield Static(Content(HINT), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Call a function once")

    def action_preset(self, by: int) -> None:
        """The next of the presets, or the one before."""
        place = self._presets.index(self._payload.value) if self._payload.value in self._presets else -by
        self._payload.value = self._presets[(place + by) % len(self._presets)]

    @on(Input.Changed, "#payload")
    def _tell(self) -> None:
        """Whether what stands there is JSON."""
        self._wrong.update(Content("" if _is_json(self._payload.value) else 'that is no JSON: {"test": "data"}'))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        function = self._function.value.strip()
        if function and _is_json(self._payload.value):
            self.dismiss(Called(function, self._payload.value))

    def action_leave(self) -> None:
        self.dismiss(None)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
