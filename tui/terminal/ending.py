"""How the app ends: by a signal, by a terminal that has gone, by an exception that nobody foresaw.

Textual would print a traceback with the values of all variables (reliability.md, section 6) and end with 0; ours
leaves a crash file, one sentence and an exit code that tells.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import App

from tui.messages import TerminalGone
from tui.terminal.crash import crash_sentence

CRASHED = 70
HUNG_UP = 129
"""128 + SIGHUP: what the kernel's own signal would have given."""


class Ending(App[int]):
    """An app that leaves a clean terminal and a true exit code behind."""

    crash = ""
    """The sentence about an exception that ended the app; empty when none did."""

    def end(self, code: int) -> None:
        """Leave with this exit code, from a signal handler or another thread."""
        loop = self._loop
        if loop is None:
            raise SystemExit(code)
        loop.call_soon_threadsafe(partial(self.exit, 0, return_code=code))

    def terminal_gone(self) -> None:
        """Nobody is at the other end any more. Any thread."""
        self.post_message(TerminalGone())

    def on_terminal_gone(self) -> None:
        self.exit(0, return_code=HUNG_UP)

    def _handle_exception(self, error: Exception) -> None:
        """Replaces Textual's: no traceback, no locals; a crash file, a sentence, and an exit code that says so."""
        self._return_code = CRASHED
        if not self.crash:
            self.crash = crash_sentence(error)
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self._return_code = CRASHED
        self.crash = self.crash or "ended by a fault of its own"
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """Textual hands tracebacks here too; none of them is shown."""
        self._fatal_error()
