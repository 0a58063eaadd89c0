"""A table's backups and what can be done with them. Nothing is done here."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from services.model.backups import Backup, Copies
from widgets.backup_list import NONE, BackupList, recovery_rows
from widgets.listing import Listing
from widgets.picture import Picture
from widgets.spans import Row

RESTORE, POINT, BACK_UP = "restore", "point", "back up"


class Wanted(msgspec.Struct, frozen=True):
    """What is to be prepared."""

    what: str
    """RESTORE from `backup`, POINT: as of an instant, BACK_UP: make one."""
    backup: Backup | None = None


class RecoveryLine(Picture):
    """Whether any second can be restored."""

    DEFAULT_CSS = """
    RecoveryLine { height: auto; margin-bottom: 1; }
    """

    def __init__(self, copies: Copies) -> None:
        super().__init__()
        self._copies = copies

    def needed_height(self, width: int) -> int:
        return len(recovery_rows(self._copies, width))

    def draw(self, width: int, height: int) -> list[Row]:
        return recovery_rows(self._copies, width)


class BackupsScreen(ModalScreen[Wanted | None]):
    """Ends with what is wanted, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("enter", "restore", "restore", show=False),
        Binding("t", "point", "point in time", show=False),
        Binding("b", "back_up", "back up", show=False),
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("g,home", "first", "first", show=False),
        Binding("G,end", "last", "last", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
    ]

    def __init__(self, copies: Copies, now: datetime) -> None:
        super().__init__(classes="at-backups")
        self._copies = copies
        self._list = BackupList(now, id="backups")
        self._hint = Static(Content(_hint(copies)), id="hint", classes="hint", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield RecoveryLine(self._copies)
            yield self._list
            yield self._hint

    def on_mount(self) -> None:
        count = len(self._copies.backups)
        told = f": {count} backup{'s' if count != 1 else ''}"
        self.query_one("#dialog").border_title = Content(f"Backups of {self._copies.table}{told}")
        self._list.set_entries(self._copies.backups, NONE)

    def action_restore(self) -> None:
        """The selected backup, into a new table."""
        if self._list.selected is not None:
            self.dismiss(Wanted(RESTORE, self._list.selected))

    def on_listing_opened(self, message: Listing.Opened) -> None:
        message.stop()
        self.action_restore()

    def action_point(self) -> None:
        """As of an instant; not where that is off."""
        if self._copies.recovery.enabled:
            self.dismiss(Wanted(POINT))

    def action_back_up(self) -> None:
        self.dismiss(Wanted(BACK_UP))

    def action_move(self, by: int) -> None:
        self._list.move(by)

    def action_page(self, by: int) -> None:
        self._list.page(by)

    def action_first(self) -> None:
        self._list.to(0)

    def action_last(self) -> None:
        self._list.end()

    def action_leave(self) -> None:
        self.dismiss(None)


def _hint(copies: Copies) -> str:
    told = ["enter restores the selected one into a new table"] if copies.backups else []
    told += ["t restores a point in time"] if copies.recovery.enabled else []
    return " · ".join((*told, "b makes a backup", "esc goes back. Nothing is done yet."))
