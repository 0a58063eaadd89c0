"""What a table could be restored from: the window of point-in-time recovery, and its backups, the newest first."""

from __future__ import annotations

from datetime import datetime

from services.model.backups import Backup, Copies
from services.model.dashboards import ValueUnit
from widgets import wording
from widgets.dashboard_values import value
from widgets.listing import Listing
from widgets.spans import Row, Span, wrap

NONE = "no backups (those of AWS Backup are not listed here)"


class BackupList(Listing[Backup]):
    """Shows backups with type, size and age."""

    DEFAULT_CSS = """
    BackupList { height: auto; max-height: 1fr; }
    """

    def __init__(self, now: datetime, *, id: str | None = None) -> None:
        """Ages are counted from `now`."""
        super().__init__(id=id)
        self._now = now

    def key_of(self, entry: Backup) -> str:
        return entry.arn

    def head(self, width: int) -> Row:
        return (Span(f"  {'made':<20}  {'age':>5}  {'type':<6}  {'size':>7}  name", "muted"),) if self.entries else ()

    def line(self, entry: Backup, width: int) -> Row:
        made = f"{entry.created:%Y-%m-%d %H:%M:%S}Z" if entry.created is not None else "unknown"
        age = wording.age((self._now - entry.created).total_seconds()) if entry.created is not None else ""
        state = "" if entry.status == "AVAILABLE" else f"  {entry.status}"
        first = f"{made:<20}  {age:>5}  {entry.type:<6}  {value(entry.size_bytes, ValueUnit.BYTES):>7}  "
        room = width - len(first) - len(state)
        return (Span(first), Span(_tail(entry.name, room)), Span(state, "warn"))


def _tail(name: str, room: int) -> str:
    """The end of a name that is too long: names of backups begin alike."""
    return name if len(name) <= room else f"…{name[len(name) - max(1, room - 1) :]}"


def recovery_rows(copies: Copies, width: int) -> list[Row]:
    """`Point in time  PASS  ENABLED, 2026-10-19 03:00:00Z to …`; FAIL where it is off."""
    window = copies.recovery
    if window.enabled and window.earliest is not None and window.latest is not None:
        word, style = "PASS", "ok"
        told = f"ENABLED: any second from {window.earliest:%Y-%m-%d %H:%M:%S}Z to {window.latest:%Y-%m-%d %H:%M:%S}Z"
    else:
        word, style = "FAIL", "crit"
        told = "DISABLED: nothing but a backup could be restored"
    return wrap([Span("Point in time  ", "muted"), Span(f"{word}  ", style), Span(told)], width, hang=21)
