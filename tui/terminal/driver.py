"""Textual's driver for Linux and macOS with its three gaps closed: stalls, hang-ups and type-ahead."""

from __future__ import annotations

import select
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.terminal.output import WatchedOutput
from tui.terminal.stall import StallGuard

if TYPE_CHECKING:
    from textual.app import App


class Guarded(Protocol):
    """What the driver needs of the app."""

    guard: StallGuard

    def terminal_gone(self) -> None:
        """Nobody is at the other end any more. Called on a thread of the driver's."""


class CockpitDriver(LinuxDriver):
    """Writes through `WatchedOutput`; drops keys that were typed at a frozen picture; notices a hang-up."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._guarded = cast("Guarded", app)
        terminal = cast("TextIO", self._file)
        self.output = WatchedOutput(terminal, self._guarded.guard, self._guarded.terminal_gone)
        self._file = cast("TextIOWrapper", self.output)

    @property
    def queued(self) -> int:
        """Writes that wait for the writer thread."""
        thread = self._writer_thread
        return 0 if thread is None else thread._queue.qsize()

    @property
    def behind(self) -> bool:
        """Whether something that was drawn is not yet with the terminal."""
        return self.queued > 0 or self._guarded.guard.writing

    def process_message(self, message: Message) -> None:
        """Runs on the reading thread, which lives on while the loop is frozen: the place to drop type-ahead."""
        if isinstance(message, (events.Key, events.Paste)) and not self._guarded.guard.accepts_key():
            return
        super().process_message(message)

    def _run_input_thread(self) -> None:
        """Read until the end; a terminal that has gone is told, not shown as a traceback."""
        try:
            self.run_input_thread()
        except (OSError, EOFError):
            self._guarded.terminal_gone()

    def hung_up(self) -> bool:
        """Whether the other end of the terminal is closed: its reader would otherwise spin on end-of-file."""
        poll = select.poll()
        poll.register(self.fileno, select.POLLHUP)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
