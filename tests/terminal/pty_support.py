"""A program on a real pseudo-terminal: its bytes, its screen as pyte sees it, its keys, its end."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]

BEGINS_SCREEN = b"\x1b[?1049h"
LEAVES_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"


class Terminal:
    """One program on one pseudo-terminal. A context manager; leaving it kills what is left of the program."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        environment: Mapping[str, str] | None = None,
        controlling: bool = True,
    ) -> None:
        self._columns, self._rows = size
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.reading = True
        child, self.master = pty.fork() if controlling else (0, -1)
        if child == 0:
            os.chdir(ROOT)
            settings = {
                "PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"), "TERM": "xterm-256color",
                "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **(environment or {}),
            }  # fmt: skip
            os.execve(sys.executable, [sys.executable, *arguments], settings)
        self.pid = child
        self._status: int | None = None
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", self._rows, self._columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._status is None:
            self.signal(signal.SIGKILL)
            self.wait(5)
        self.close()

    def close(self) -> None:
        """Close our end: what an SSH line does that drops."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def insist(self, keys: str, condition: Callable[[], bool], *, seconds: float = 10.0, tries: int = 4) -> None:
        """Type until `condition` holds, as a person would: a key typed while the picture stands still is dropped, and
        on a busy machine every picture does at times."""
        for _ in range(tries):
            self.press(keys)
            with contextlib.suppress(AssertionError):
                self.until(condition, seconds)
                return
        raise AssertionError(f"{keys!r} does nothing; the screen was\n{self.text}")

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def pump(self, seconds: float) -> None:
        """Read and show what comes for at most `seconds`, or until nothing more can come."""
        deadline = time.monotonic() + seconds
        while self.master >= 0 and (left := deadline - time.monotonic()) > 0:
            if not select.select([self.master], [], [], min(left, 0.05))[0]:
                if self.ended():
                    return
                continue
            try:
                piece = os.read(self.master, 65_536)
            except OSError as error:
                if error.errno == errno.EIO:
                    return
                raise
            if not piece:
                return
            self.bytes += piece
            self._stream.feed(piece)

    def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Read until `condition` holds; fail with the screen when it does not within `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                raise AssertionError(f"not within {seconds} s; the screen was\n{self.text}")
            self.pump(0.05)
            if self.ended() and not condition():
                self.pump(0.2)
                if not condition():
                    raise AssertionError(f"ended with {self._status}; its last words were\n{self.text}")

    def until_text(self, text: str, seconds: float = 20.0) -> None:
        """Read until `text` is on the screen."""
        self.until(lambda: text in self.text, seconds)

    @property
    def text(self) -> str:
        """The screen's rows."""
        return "\n".join(self.screen.display)

    def ended(self) -> bool:
        """Whether the program has ended."""
        if self._status is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                self._status = status
        return self._status is not None

    def leave(self, seconds: float = 15.0) -> int:
        """Press `q` until the program ends, as a person would: keys typed into a freeze are dropped. The exit code."""
        deadline = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < deadline:
            with contextlib.suppress(OSError):  # it may end meanwhile
                self.press("q")
            self.until_ended(1.0)
        return self.wait(1.0)

    def until_ended(self, seconds: float) -> None:
        """Read until the program ends, `seconds` at most."""
        deadline = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < deadline:
            self.pump(0.05)

    def wait(self, seconds: float = 10.0) -> int:
        """Wait for the end, reading meanwhile if `reading`; returns the exit code, or minus the signal."""
        deadline = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() >= deadline:
                raise AssertionError(f"still running after {seconds} s; the screen was\n{self.text}")
            if self.reading and self.master >= 0:
                self.pump(0.05)
            else:
                time.sleep(0.02)
        if self.reading:
            self.pump(10.0)  # until nothing more comes
        assert self._status is not None
        return os.waitstatus_to_exitcode(self._status)
