"""Which instant of a table is to be restored, and under which name. Nothing is done here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from services.model.backups import Recovery

FORM = "%Y-%m-%d %H:%M:%S"

HINT = (
    "up and down: a minute, page up and page down: an hour, within the window. enter prepares the plan, esc goes back. "
    "Nothing is done yet."
)


class Point(msgspec.Struct, frozen=True):
    """An instant, and the name of the table to be made."""

    instant: datetime
    target: str


class PointScreen(ModalScreen[Point | None]):
    """Ends with an instant inside the window and a name, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("up", "shift(60)", "a minute later", show=False),
        Binding("down", "shift(-60)", "a minute earlier", show=False),
        Binding("pageup", "shift(3600)", "an hour later", show=False),
        Binding("pagedown", "shift(-3600)", "an hour earlier", show=False),
    ]

    def __init__(
        self, table: str, recovery: Recovery, instant: datetime, target: str, clamp: Callable[[datetime], datetime]
    ) -> None:
        """`instant`: what stands there at first. `clamp`: the nearest instant that can be restored."""
        super().__init__(classes="at-point")
        self._table, self._recovery, self._clamp = table, recovery, clamp
        self._time = Input(instant.strftime(FORM), id="time", compact=True, max_length=30, select_on_focus=False)
        self._target = Input(target, id="name", compact=True, max_length=255, select_on_focus=False)
        self._hint = Static(Content(HINT), id="hint", classes="hint", markup=False)
        self._where = Static(id="where", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(Content(self._window()), id="window", markup=False)
            with Horizontal(classes="field"):
                yield Static(Content("As of (UTC)  "), classes="label", markup=False)
                yield self._time
            with Horizontal(classes="field"):
                yield Static(Content("New table    "), classes="label", markup=False)
                yield self._target
            yield self._where
            yield self._hint

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content(f"Restore {self._table} as of when?")
        self._tell()

    def _window(self) -> str:
        first, last = self._recovery.earliest, self._recovery.latest
        return f"Can be restored: {first:{FORM}}Z to {last:{FORM}}Z" if first and last else "Can be restored: nothing"

    def action_shift(self, seconds: int) -> None:
        """Move the instant, no further than the window reaches."""
        instant = self._read()
        if instant is not None:
            self._time.value = self._clamp(instant + timedelta(seconds=seconds)).strftime(FORM)

    @on(Input.Changed, "#time")
    def _tell(self) -> None:
        """The same instant in this machine's time, or what is wrong with it."""
        instant = self._read()
        if instant is None:
            told = "that is no time: 2026-11-23 13:30:00"
        elif not self._recovery.holds(instant):
            told = f"outside the window; the nearest is {self._clamp(instant):{FORM}}Z"
        else:
            local = instant.astimezone()
            told = f"{local:{FORM} %Z} on this machine's clock" if local.utcoffset() else "inside the window"
        self._where.update(Content(told))

    def _read(self) -> datetime | None:
        """What stands in the field, as UTC to the second; None when it is no time."""
        text = self._time.value.strip().upper().removesuffix("Z")
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found.replace(microsecond=0, tzinfo=UTC) if found.tzinfo is None else None

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        instant, target = self._read(), self._target.value.strip()
        if instant is not None and self._recovery.holds(instant) and target:
            self.dismiss(Point(instant, target))

    def action_leave(self) -> None:
        self.dismiss(None)
