"""What happened, as messages of the app."""

from __future__ import annotations

from datetime import datetime

from textual.message import Message


class UpdatesArrived(Message):
    """The inbox holds something; posted once for any number of updates."""

    bubble = False


class TerminalGone(Message):
    """Nobody is at the other end of the terminal any more."""

    bubble = False


class OpenLogsAt(Message):
    """Show the logs of this moment: screen 3 with its cursor there."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self.instant = instant


class OpenMetricsAt(Message):
    """Show the charts of this minute: screen 2 with its cursor there."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self.instant = instant
