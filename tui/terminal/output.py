"""The way out to the terminal, watched: how long a write takes, and whether anyone is there at all."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable
from typing import TextIO

from tui.terminal.stall import StallGuard

PIECE = 65_536
"""Most bytes handed to the kernel at once."""

LOOK_EVERY_MS = 50
"""How long a wait for the terminal lasts before it is looked whether anybody still wants it."""


class WatchedOutput:
    """Stands between Textual's writer thread and the terminal's file.

    Writes through a descriptor of its own that never blocks: a write that hangs in the kernel holds the terminal's
    lock, and nobody could restore the terminal any more. A terminal that has gone (EIO after a hang-up) would end the
    writer thread, fill its queue and block the loop for ever; here the bytes are discarded and `gone` is told once.
    """

    def __init__(
        self,
        file: TextIO,
        guard: StallGuard,
        gone: Callable[[], None],
        spell: Callable[[str], str] = lambda text: text,
    ) -> None:
        """`gone` is told when nobody reads any more; `spell` puts text into signs that the terminal has."""
        self._file = file
        self._spell = spell
        self._guard = guard
        self._gone = gone
        self._is_gone = threading.Event()
        self._silent = threading.Event()
        self._descriptor = _own_descriptor(file)

    def silence(self) -> bool:
        """Write nothing more. Returns whether the last write has ended: only then is the terminal free."""
        self._silent.set()
        return not self._guard.writing

    def write(self, text: str) -> int:
        """Hand `text` on; takes as long as the terminal does, unless it goes away or is silenced."""
        if self._silent.is_set() or self._is_gone.is_set():
            return 0
        self._guard.write_began()
        try:
            self._send(memoryview(self._spell(text).encode(self._file.encoding or "utf-8", "backslashreplace")))
        except (OSError, ValueError):
            # ValueError: the file was closed under us. Either way nobody reads any more.
            self._is_gone.set()
            self._gone()
        finally:
            self._guard.write_ended()
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()

    def _send(self, data: memoryview) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        while data and not self._silent.is_set():
            if not poll.poll(LOOK_EVERY_MS):
                continue
            try:
                data = data[os.write(self._descriptor, data[:PIECE]) :]
                self._guard.write_moved()
            except BlockingIOError:
                self._silent.wait(LOOK_EVERY_MS / 1000)


def _own_descriptor(file: TextIO) -> int:
    """A non-blocking descriptor of the same terminal; the file's own where that cannot be had (after `su`, a pipe).

    The file's own is left as it is: its flags are shared with the shell.
    """
    with contextlib.suppress(OSError):
        return os.open(os.ttyname(file.fileno()), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return file.fileno()
