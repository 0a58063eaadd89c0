"""Choose a dashboard of the account: type some of its name, enter opens it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from services.model.dashboards import ListedDashboard
from services.problems import AccountError
from services.safe_text import SafeText

if TYPE_CHECKING:
    from services.watch.on_demand import Question

MOST = 200
"""Names shown at once; typing narrows them."""


class DashboardListScreen(ModalScreen[SafeText | None]):
    """Ends with the name of the chosen dashboard, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "#filter"

    DEFAULT_CSS = """
    DashboardListScreen #dialog { width: 100%; max-width: 90; }
    DashboardListScreen #filter { border: none; height: 1; padding: 0; background: $boost; }
    DashboardListScreen #found {
        height: auto; max-height: 16; border: none; background: $surface; padding: 0; display: none;
    }
    DashboardListScreen #said { height: auto; }
    """

    def __init__(
        self,
        ask: Callable[[Question[tuple[ListedDashboard, ...]]], Awaitable[tuple[ListedDashboard, ...]]],
        current: SafeText,
    ) -> None:
        """`ask` has a question answered by the watch."""
        super().__init__(classes="at-dashboards")
        self._answer = ask
        self._current = current
        self._listed: tuple[ListedDashboard, ...] = ()
        self._names: tuple[SafeText, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Input(id="filter", placeholder="type some of its name", select_on_focus=False)
            yield Static(Content("asking for the account's dashboards"), id="said", markup=False)
            yield OptionList(id="found", markup=False)
            yield Static(Content("enter opens · up and down choose · esc goes back"), classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Dashboard")
        self.run_worker(self._ask(), group="list", exclusive=True)

    async def _ask(self) -> None:
        from services.aws.dashboards import listed

        try:
            self._listed = await self._answer(listed)
        except AccountError as error:
            self._say(f"{error.problem.message}. {error.problem.remedy}".strip())
            return
        self._show("")

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted, "#filter")
    def _entered(self) -> None:
        self._choose(self.query_one("#found", OptionList).highlighted)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def action_step(self, by: int) -> None:
        """To the next name, or the one before."""
        options = self.query_one("#found", OptionList)
        if self._names:
            options.highlighted = ((options.highlighted or 0) + by) % len(self._names)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _choose(self, index: int | None) -> None:
        if index is not None and 0 <= index < len(self._names):
            self.dismiss(self._names[index])

    def _show(self, typed: str) -> None:
        """The names that hold every word of `typed`."""
        words = typed.lower().split()
        if not self._listed:
            self._say("the account has no dashboards")
            return
        matching = [one for one in self._listed if all(word in one.name.lower() for word in words)]
        self._names = tuple(one.name for one in matching[:MOST])
        options = self.query_one("#found", OptionList)
        options.clear_options()
        options.add_options([Option(self._line(one)) for one in matching[:MOST]])
        options.display = bool(matching)
        current = self._names.index(self._current) if self._current in self._names else 0
        options.highlighted = current if self._names else None
        left = len(matching) - len(self._names)
        self._say("" if matching and not left else f"{left} more: type some of the name" if left else "no such name")

    def _line(self, one: ListedDashboard) -> Content:
        mark = "●" if one.name == self._current else " "
        changed = f"  changed {one.modified:%Y-%m-%d}" if one.modified is not None else ""
        return Content.assemble(f"{mark} ", Content(one.name), (changed, "$state-silent"))

    def _say(self, text: str) -> None:
        said = self.query_one("#said", Static)
        said.display = bool(text)
        said.update(Content(text))
