"""Textual's driver for Linux and macOS with its four gaps closed: stalls, hang-ups, type-ahead and idle looking."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from codecs import getincrementaldecoder
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.terminal.output import WatchedOutput
from tui.terminal.stall import StallGuard
from widgets.charset import charset_of, plain

if TYPE_CHECKING:
    from textual.app import App


class Guarded(Protocol):
    """What the driver needs of the app."""

    guard: StallGuard

    def terminal_gone(self) -> None:
        """Nobody is at the other end any more. Called on a thread of the driver's."""


READ_SIZE = 4096

PATIENCE = 0.05
"""Seconds to wait for the rest of a sequence that has begun: a lone escape is a key of its own."""


class Bell(threading.Event):
    """An event that also wakes whoever waits on a descriptor."""

    def __init__(self) -> None:
        super().__init__()
        self.descriptor, self._cord = os.pipe()
        os.set_blocking(self._cord, False)

    def set(self) -> None:
        super().set()
        with contextlib.suppress(BlockingIOError):  # a full pipe has been rung often enough
            os.write(self._cord, b"!")

    def clear(self) -> None:
        super().clear()
        while select.select([self.descriptor], [], [], 0)[0]:
            os.read(self.descriptor, READ_SIZE)


class CockpitDriver(LinuxDriver):
    """Writes through `WatchedOutput`; drops keys that were typed at a frozen picture; notices a hang-up."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._guarded = cast("Guarded", app)
        terminal = cast("TextIO", self._file)
        spell = {} if charset_of(app).braille else {"spell": plain}
        self.output = WatchedOutput(terminal, self._guarded.guard, self._guarded.terminal_gone, **spell)
        self._file = cast("TextIOWrapper", self.output)
        self._bell = Bell()
        self.exit_event = self._bell

    @property
    def guard(self) -> StallGuard:
        """The app's."""
        return self._guarded.guard

    @property
    def queued(self) -> int:
        """Writes that wait for the writer thread."""
        thread = self._writer_thread
        return 0 if thread is None else thread._queue.qsize()

    @property
    def behind(self) -> bool:
        """Whether something that was drawn is not yet with the terminal."""
        return self.queued > 0 or self._guarded.guard.writing

    def write(self, data: str) -> None:
        """Queue `data` for the writer thread. Waits when the queue is full."""
        super().write(data)
        self.guard.write_queued()

    def start_application_mode(self) -> None:
        """At the beginning, and when the process comes back to the foreground: with a writer thread of its own, so that
        nothing that was queued before is written any more."""
        self.guard.writer_begins()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual says no types here

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

    def run_input_thread(self) -> None:
        """Sleep until the terminal or the bell has something. Textual's own wakes ten times a second, spins on the
        end of a file, and takes a tenth of a second to end. Raises EOFError and OSError for a terminal that has gone.
        """
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        waited_for = [self.fileno, self._bell.descriptor]
        try:
            while not self.exit_event.is_set():
                begun = parser._timeout_time is not None
                ready, _, _ = select.select(waited_for, [], [], PATIENCE if begun else None)
                if self.fileno in ready:
                    data = os.read(self.fileno, READ_SIZE)
                    if not data:
                        raise EOFError
                    text = decode(data)
                    for message in parser.feed(text) if text else ():  # nothing yet of a character of several bytes
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        finally:
            with contextlib.suppress(EOFError, ParseError):
                list(parser.feed(""))
