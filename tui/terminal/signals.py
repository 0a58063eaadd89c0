"""SIGTERM, SIGHUP, SIGINT: the terminal is left clean and the exit code is 128+n, within three seconds, always.

The first signal asks the app to end in its own way. If it has not within `PATIENCE` (a terminal that does not read
can hold it), a thread restores the terminal by hand and ends the process; should even that thread not run, alarm(2)
does. Catching SIGHUP and carrying on would leave a process spinning without a terminal (reliability.md 0.3).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

PATIENCE = 2.0
"""Seconds the app has for its own ending."""

ALARM = 4
"""Seconds until the kernel ends the process, whatever it does."""

_FLUSHES = 25
_FLUSH_EVERY = 0.02
"""Seconds between attempts to throw away what a hanging writer still pushes."""

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

RESTORE = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
"""Ends every mode that Textual's driver begins."""


class Endings:
    """The signal handlers of one session of the screen. A context manager; entered before the app runs."""

    def __init__(self, end: Callable[[int], None], silence: Callable[[], bool]) -> None:
        """`end` ends the app with an exit code; `silence` stops its writing and tells whether it has stopped."""
        self._end = end
        self._silence = silence
        self._attributes: list[Any] | None = None
        self._former: dict[signal.Signals, Any] = {}
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self.signal: int | None = None

    def __enter__(self) -> Endings:
        with contextlib.suppress(termios.error, ValueError, OSError):
            self._attributes = termios.tcgetattr(sys.__stdin__.fileno())  # type: ignore[union-attr]  # a command has it
        for number in SIGNALS:
            self._former[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()  # either it has nothing to do, or it ends the process when the terminal is restored
        signal.alarm(0)
        for number, former in self._former.items():
            signal.signal(number, former)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.begin(number)

    def begin(self, number: int) -> None:
        """End the session as if signal `number` had come. May be called from any thread."""
        if self.signal is not None:
            return
        self.signal = number
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(ALARM)
        self._thread = threading.Thread(target=self._backstop, args=(number,), name="ending", daemon=True)
        self._thread.start()
        self._end(128 + number)

    def _backstop(self, number: int) -> None:
        if not self._done.wait(PATIENCE):
            restore_terminal(self._attributes, self._silence)
            os._exit(128 + number)


def restore_terminal(attributes: list[Any] | None, silence: Callable[[], bool]) -> None:
    """Put the terminal back by hand, without ever waiting for it. Best effort: it may have gone.

    A writer may hang in the middle of a frame. What the kernel holds of it is thrown away until the writer is done,
    so that nothing of the frame comes after the restoring sequence.
    """
    pause = threading.Event()
    with contextlib.suppress(OSError, termios.error, ValueError):
        name = os.ttyname(sys.__stderr__.fileno())  # type: ignore[union-attr]  # a command has it
        descriptor = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            for _ in range(_FLUSHES):
                quiet = silence()
                termios.tcflush(descriptor, termios.TCOFLUSH)
                if quiet:
                    break
                pause.wait(_FLUSH_EVERY)
            os.write(descriptor, RESTORE.encode())
            if attributes is not None:
                termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
        finally:
            os.close(descriptor)
