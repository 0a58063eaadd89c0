"""A complete outage: is it AWS, the stack, a table, the function, or the application? (runbook lines 949-983)

Three steps look by themselves as it opens; the direct call is prepared on a key, and asks as every action does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from services.model.assessment import State
from services.model.entry import Operation, Outcome
from services.model.outage import Called, Checked, Facts, Step
from services.model.plan import ActionKind
from services.problems import AccountError, ProblemKind
from services.rules.outage import steps, verdict
from services.safe_text import SafeText, safe
from tui.picture import Picture
from tui.screens.cockpit import cockpit
from widgets.deploy_text import DeployText
from widgets.spans import Row, Span, row
from widgets.states import SIGNS, style

if TYPE_CHECKING:
    from services.aws.session import Account
    from tui.session import Session

WORD = max(len(one.value) for one in (State.OK, State.WARN, State.CRIT, State.STALE, State.WAITING))
"""Cells of the states that a step can have."""


class OutageScreen(ModalScreen[None]):
    """Found in the palette as `system outage`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("r", "look", "look again", show=False),
        Binding("i", "app.run('test_invoke')", "call directly", show=False),
        Binding("enter", "app.show_app_errors", "application's log", show=False),
        Binding("L", "app.run('app_log')", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]

    def __init__(self, session: Session, opened: datetime) -> None:
        super().__init__(classes="at-operation")
        self._session = session
        self._opened = opened
        self._facts = Facts(session.environment.region)
        self._text = DeployText(id="outage-text")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(f"System outage: {self._session.environment.name}, step by step")
            dialog.border_subtitle = Content("r looks again · i calls the function · enter the log at ERROR · esc")
            with VerticalScroll(id="operation-scroll", can_focus=False):
                yield self._text

    @property
    def facts(self) -> Facts:
        """What is known so far."""
        return self._facts

    def on_mount(self) -> None:
        self.action_look()

    def present(self, picture: Picture) -> None:
        """The newest picture: what became of the direct call."""
        made = next((one for one in picture.operations if one.plan.kind is ActionKind.INVOKE), None)
        if made is not None and made.ordered >= self._opened:
            self._learn(called=_called(made))

    def action_look(self) -> None:
        """Look at all that looks by itself. What was found before is gone at once: nobody may take it for now."""
        self._facts = msgspec.structs.replace(self._facts, aws=None, stack=None, tables=None)
        self._look()

    def action_scroll(self, rows: int) -> None:
        self.query_one("#operation-scroll").scroll_relative(y=rows, animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)

    @work(exclusive=True)
    async def _look(self) -> None:
        self._show()
        await asyncio.gather(self._ask_aws(), self._ask_account())

    async def _ask_aws(self) -> None:
        from services.probes import aws_status

        found = await aws_status.current(self._session.environment, cockpit(self).clock)
        self._learn(aws=found)

    async def _ask_account(self) -> None:
        """The stack and its tables, on the watch's thread, with its budget."""
        from services.watch.on_demand import ask

        session, stack = self._session, self._session.environment.stack
        parts = session.situation.parts.value if session.situation is not None else None
        tables = tuple(str(one) for one in parts.tables) if parts is not None else ()

        async def question(account: Account) -> tuple[Checked, tuple[Checked, ...]]:
            found, *others = await asyncio.gather(
                _checked(stack, _stack_status(account, stack)),
                *(_checked(name, _table_status(account, name)) for name in tables),
            )
            return found, tuple(others)

        try:
            found, checked = await asyncio.wrap_future(ask(session.watch, question))
        except AccountError as error:
            why = safe(error.problem.message, 200)
            found, *others = (Checked(safe(name), problem=why) for name in (stack, *tables))
            checked = tuple(others)
        if parts is None:  # which tables there are is not known: that is no health
            checked = (Checked(SafeText("of the stack"), problem=SafeText("its resources have not been read")),)
        self._learn(stack=found, tables=checked)

    def _learn(self, **found: object) -> None:
        facts = msgspec.structs.replace(self._facts, **found)
        if facts != self._facts:
            self._facts = facts
            self._show()

    def _show(self) -> None:
        if self.is_mounted:
            found = steps(self._facts)
            self._text.show([*outage_rows(found), (), *outage_rows((verdict(found),))])


def outage_rows(found: tuple[Step, ...]) -> list[Row]:
    """A step a paragraph: sign, state in words, name, what is known."""
    return [
        row(
            Span(f"{SIGNS[one.state]} {one.state.value:<{WORD}}  ", style(one.state)),
            Span(f"{one.name}  ", "strong"),
            Span(one.text),
        )
        for one in found
    ]


async def _stack_status(account: Account, name: str) -> SafeText:
    from services.aws import stacks

    return (await stacks.describe(account, name)).status


async def _table_status(account: Account, name: str) -> SafeText:
    from services.aws import tables

    return (await tables.describe(account, name)).status


async def _checked(name: str, status: Awaitable[SafeText]) -> Checked:
    try:
        return Checked(safe(name), status=await status)
    except AccountError as error:
        gone = error.problem.kind is ProblemKind.NOT_FOUND
        return Checked(safe(name), problem=safe(error.problem.message, 200), gone=gone)


def _called(made: Operation) -> Called:
    good = made.outcome is Outcome.COMPLETED
    return Called(made.outcome is None, good, safe(f"{made.ordered:%H:%M:%SZ} {made.text}", 300))
