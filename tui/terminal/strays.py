"""Faults that nobody waits for: of a callback of the loop, of a task that nobody awaits, of a thread.

asyncio and threading would write a traceback to standard error, where Textual swallows it: something would have stopped
and nobody would know. The screen goes on, says so, and keeps a crash file.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from tui.terminal.crash import stray_sentence
from tui.terminal.ending import Ending
from tui.threads import in_loop

MOST = 5
"""Faults that are told in one run; what fails with every beat is told often enough by then."""


class Strays(Ending):
    """An app that hears of the faults around it."""

    _strays: frozenset[str] = frozenset()
    _thread_hook: Any = None

    def on_mount(self) -> None:
        """Listen, from here on."""
        asyncio.get_running_loop().set_exception_handler(self._in_loop)
        tell = in_loop(self._stray)
        self._thread_hook = threading.excepthook

        def in_thread(args: threading.ExceptHookArgs) -> None:
            if isinstance(args.exc_value, Exception):  # a thread may end itself
                tell(args.exc_value)

        threading.excepthook = in_thread

    def on_unmount(self) -> None:
        """The loop ends with the app; threads are the interpreter's again."""
        if self._thread_hook is not None:
            threading.excepthook, self._thread_hook = self._thread_hook, None

    def _in_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._stray(error)

    def _stray(self, error: Exception) -> None:
        """Say it once for each kind of fault."""
        kind = f"{type(error).__qualname__}: {error}"
        if kind in self._strays or len(self._strays) >= MOST:
            return
        self._strays |= {kind}
        self.notify(stray_sentence(error), title="Cockpit", severity="error", timeout=30, markup=False)
