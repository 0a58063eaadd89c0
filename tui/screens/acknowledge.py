"""Several alerts wait: choose which one is taken on, or all of them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from services.model.alerts import Alert
from widgets.alert_bar import moment
from widgets.spans import columns


class AcknowledgeScreen(ModalScreen[tuple[Alert, ...] | None]):
    """Ends with the alerts that are taken on, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, alerts: tuple[Alert, ...], now: datetime) -> None:
        super().__init__(classes="at-acknowledge")
        self._alerts, self._now = alerts, now
        self._cells = columns(one.title for one in alerts)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            # Never the key that opened this: `a` pressed twice must not take on what nobody has read.
            everything = Option(Content(f"0  all {len(self._alerts)} of them"), id="all")
            yield OptionList(*(self._option(index, one) for index, one in enumerate(self._alerts)), everything)
            yield Static(Content("enter or a digit takes on · 0 all · esc takes none"), classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Acknowledge which?")

    def _option(self, index: int, one: Alert) -> Option:
        due = f"respond by {moment(one.due, self._now)}" if one.due is not None else "no response time"
        late = "  OVERDUE" if one.overdue(self._now) else ""
        title = Content.styled(f"{one.title:<{self._cells}}", "bold")
        number = f"{index + 1}  " if index < 9 else "   "
        kind = f"  {one.severity.value} since {moment(one.raised, self._now)}, {due}"
        return Option(Content.assemble(number, title, kind, Content.styled(late, "bold $state-crit")), id=str(index))

    def on_key(self, event: events.Key) -> None:
        """A digit chooses at once."""
        if event.character is None or event.character not in "0123456789":
            return
        event.stop()
        index = int(event.character) - 1
        if index < len(self._alerts):
            self._take(index)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option_index if event.option_index < len(self._alerts) else -1)

    def _take(self, index: int) -> None:
        self.dismiss(self._alerts if index < 0 else (self._alerts[index],))

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    def action_leave(self) -> None:
        self.dismiss(None)
