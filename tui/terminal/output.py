"""The way out to the terminal, watched: how long a write takes, and whether anyone is there at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import IO

from tui.terminal.stall import StallGuard


class WatchedOutput:
    """Stands between Textual's writer thread and the terminal's file.

    A terminal that has gone (EIO after a hang-up) would end the writer thread, fill its queue and block the loop for
    ever; here the bytes are discarded and `gone` is told once.
    """

    def __init__(self, file: IO[str], guard: StallGuard, gone: Callable[[], None]) -> None:
        self._file = file
        self._guard = guard
        self._gone = gone
        self._is_gone = threading.Event()

    @property
    def is_gone(self) -> bool:
        return self._is_gone.is_set()

    def write(self, text: str) -> int:
        """Hand `text` on; blocks as long as the terminal does not read."""
        return self._do(lambda: self._file.write(text))

    def flush(self) -> None:
        """Hand on what the file still holds back."""

        def flush() -> int:
            self._file.flush()
            return 0

        self._do(flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()

    def _do(self, write: Callable[[], int]) -> int:
        if self._is_gone.is_set():
            return 0
        self._guard.write_began()
        try:
            return write()
        except (OSError, ValueError):
            # ValueError: the file was closed under us. Either way nobody reads any more.
            self._is_gone.set()
            self._gone()
            return 0
        finally:
            self._guard.write_ended()
