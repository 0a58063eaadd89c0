"""What a screen may ask of the app it stands in, and the one place where the app is taken for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from textual.dom import DOMNode

from services.clock import Clock
from services.settings.values import Environment, Settings
from tui.screens.arming import Sight

if TYPE_CHECKING:
    from services.model.entry import Operation
    from tui.screens.overview import OverviewScreen
    from tui.session import Opening, Session
    from widgets.spans import Row


class Cockpit(Sight, Protocol):
    """The app, as screens see it."""

    @property
    def settings(self) -> Settings: ...

    @property
    def session(self) -> Session | None:
        """The environment on the screen; None before the first is opened."""

    @property
    def clock(self) -> Clock:
        """The account's clock; this machine's until the account's is known."""

    @property
    def overview(self) -> OverviewScreen:
        """The screen at the bottom of the stack."""

    @property
    def beside(self) -> Callable[[], Opening]:
        """Makes what watches the other environments while they are looked at."""

    def now(self) -> datetime:
        """The account's time."""

    def equipped(self, environment: Environment) -> Environment:
        """`environment` as the command line wants it."""

    def action_run(self, identity: str) -> None:
        """Do what the key with this id does."""

    def present_soon(self) -> None:
        """Show everything anew at the next tick."""

    def runbook_facts(self) -> Sequence[Row]:
        """What the runbook says of itself."""

    def remark(self, operation: Operation, text: str, about: str, *, good: bool = True) -> object:
        """Write a person's word into the journal, on a thread."""

    def open_rule(self, key: str) -> None: ...

    def show_operation(self, operation: str) -> None: ...

    def hand_over(self, operation: str) -> None: ...

    def show_overnight(self) -> None: ...

    def show_trends(self) -> None: ...

    def show_checklist(self, identity: str, note: str = "") -> None: ...

    def test_restore(self) -> None: ...

    def roll_back_to(self, target: int, function: str) -> None: ...

    def roll_back_stack(self) -> None: ...

    def configure_function(self, name: str) -> None: ...

    def function_errors(self, group: str) -> None: ...

    def function_log(self, group: str) -> None: ...


def cockpit(node: DOMNode) -> Cockpit:
    """The app of a screen or widget. Textual knows it as any app; that ours is a Cockpit is checked in `tui/app.py`."""
    return cast("Cockpit", node.app)
