"""Live Tail before it is switched on: what it gives, what it leaves out, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.screens.arming import Arming, Reached, Sight
from tui.screens.confirm import LOOK_EVERY

GROUPS_MOST = 10
"""Log groups of one session (services/aws/live_tail.py)."""
HOURS = 3


class LiveOffer(msgspec.Struct, frozen=True):
    """What is offered."""

    groups: tuple[str, ...]
    """Short names, in the order in which they are followed."""
    per_minute: float
    """Dollars."""

    @property
    def text(self) -> str:
        """What a person has to know before it costs."""
        taken, left = self.groups[:GROUPS_MOST], len(self.groups) - GROUPS_MOST
        rest = f", the first {GROUPS_MOST} of {len(self.groups)}" if left > 0 else ""
        return (
            f"Groups: {', '.join(taken)}{rest}\n"
            f"Price: ${self.per_minute:.2f} a minute, ${self.per_minute * 60:.2f} an hour, "
            f"${self.per_minute * 60 * HOURS:.2f} until it ends by itself after {HOURS} hours.\n"
            "A month's first 1 800 minutes of the account are free; how many are left, AWS does not tell.\n\n"
            "Lines come within a second or two. Over 500 a second AWS sends a sample, and what is not read in time "
            "it drops; the free tail goes on beside it and fills in what is left out, each line once."
        )


class LiveTailScreen(ModalScreen[bool]):
    """Ends with whether to switch it on. Cancel has the focus; `y` counts once the dialog could be read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", show=False),
        Binding("escape,n,q", "cancel", "cancel", show=False),
    ]
    AUTO_FOCUS = "#cancel"

    def __init__(self, offer: LiveOffer, monotonic: Callable[[], float], sight: Sight) -> None:
        """`sight`: what the terminal has of it."""
        super().__init__(classes="at-live-tail")
        self._offer = offer
        self._reached = Reached(sight)
        self._arming = Arming(monotonic)
        # Held here, not looked up: looks go on while the dialog is taken apart.
        self._dialog = Vertical(id="dialog")
        self._choices = Horizontal(id="choices")
        self._go = Button("Switch it on (y)", id="go", compact=True, disabled=True)

    def compose(self) -> ComposeResult:
        with self._dialog:
            yield Static(Content(self._offer.text), markup=False)
            with self._choices:
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield self._go

    def on_mount(self) -> None:
        self._dialog.border_title = Content("Live Tail costs money")
        self.call_after_refresh(self._reached.drawn)
        self.set_interval(LOOK_EVERY, self._look)

    @property
    def armed(self) -> bool:
        """Whether `y` would count now."""
        return self._arming.armed

    def _look(self) -> None:
        whole = self._dialog.region.contains_region(self._choices.region) and bool(self._choices.size)
        self._arming.look(self._reached.look() and whole and self.is_current)
        self._go.disabled = not self.armed

    @on(Button.Pressed, "#go")
    def action_yes(self) -> None:
        if self.armed:
            self.dismiss(True)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(False)
