"""Hostile strings through the running log screen to a real pty: which were drawn, and which foreign bytes came out.

A string counts as drawn when its number was read back from the pty, and the next screenful is asked for only then: no
string is skipped because a frame was. HTTP is left out: façade and parser take 3,000 to 20,000 lines a second, and what
is tried here is everything behind them, from the ring to the terminal.
"""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.terminal.pty_support import Terminal

OWN = re.compile(
    rb"\x1b\[[0-9;]*[mH]"  # colours, cursor
    rb"|\x1b\[\?(1049|1000|1003|1015|1006|1016|25|1004|2004|2026|2048|7)[hl]"  # the modes of a session
    rb"|\x1b\[\?20(26|48)\$p|\x1b\[>25u|\x1b\[<u"  # its questions, its keyboard
    rb"|\x1b\]22;default\x07"  # the pointer's shape
)
"""Everything that the screen itself sends besides text."""

_CONTROL = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_DIRECTION = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069\u200b]")
_NUMBER = re.compile(rb"#(\d{7})#")

CHROME = 40
"""Rows that are not the log's, at most."""


class Drawn(msgspec.Struct):
    """What came of it."""

    strings: int = 0
    """Drawn, each counted once."""
    missing: list[int] = []
    foreign: list[bytes] = []
    bytes: int = 0
    seconds: float = 0.0


def foreign(sent: bytes) -> list[bytes]:
    """What was sent to the terminal and neither is the screen's own nor text."""
    rest = OWN.sub(b"", sent)
    return _CONTROL.findall(rest) + [one.encode() for one in _DIRECTION.findall(rest.decode())]


def drawn(
    strings: int,
    folder: Path,
    *,
    size: tuple[int, int] = (200, 640),
    seconds: float = 60.0,
    told: Callable[[Drawn], None] = lambda so_far: None,
) -> Drawn:
    """Draw so many strings on a terminal of that size; `seconds` is the longest that a screenful may take.

    `told` is called after each screenful.
    """
    fifo, program, a_time = folder / "asked", str(Path(__file__).with_name("hostile_flood.py")), size[1] - CHROME
    os.mkfifo(fifo)
    environment = {"COCKPIT_STATE_HOME": str(folder)}
    found = Drawn()
    with Terminal([program, str(strings), str(a_time), str(fifo)], size=size, environment=environment) as terminal:
        # Not through pyte: that takes a second for a screenful of this size.
        reader = _Reader(terminal.master)
        reader.until(b"PRODUCTION", seconds)
        terminal.press("3")
        reader.until(b"unfold", seconds)
        began = time.monotonic()
        with os.fdopen(os.open(fifo, os.O_RDWR), "wb", buffering=0) as ask:  # read and write: waits for no reader
            for first in range(0, strings, a_time):
                ask.write(b".")
                wanted = set(range(first, min(strings, first + a_time)))
                found.missing += reader.until_seen(wanted, seconds)
                found.strings = first + len(wanted) - len(found.missing)
                found.foreign, found.bytes, found.seconds = reader.foreign, reader.count, time.monotonic() - began
                told(found)
        reader.close()
        terminal.leave()
    return found


class _Reader:
    """Reads a pty and judges whole sequences as they come; what may be half a sequence waits for its rest."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._rest = b""
        self.foreign: list[bytes] = []
        self.count = 0

    def until(self, text: bytes, seconds: float) -> None:
        """Read until `text` was drawn in one piece."""
        deadline, seen = time.monotonic() + seconds, b""
        while text not in seen:
            assert time.monotonic() < deadline, f"{text!r} was not drawn within {seconds} s"
            if select.select([self._master], [], [], 0.2)[0]:
                seen += self._judged(os.read(self._master, 262_144))

    def until_seen(self, wanted: set[int], seconds: float) -> list[int]:
        """Read until the line of each number was drawn; those that were not in time."""
        deadline = time.monotonic() + seconds
        left = set(wanted)
        while left and time.monotonic() < deadline:
            if select.select([self._master], [], [], 0.2)[0]:
                left.difference_update(map(int, _NUMBER.findall(self._judged(os.read(self._master, 262_144)))))
        return sorted(left)

    def close(self) -> None:
        """Judge what is left."""
        self.foreign += foreign(self._rest)
        self._rest = b""

    def _judged(self, sent: bytes) -> bytes:
        self.count += len(sent)
        whole, escape, begun = (self._rest + sent).rpartition(b"\x1b")
        if not escape:
            whole, begun = b"", begun
        self._rest = escape + begun
        self.foreign += foreign(whole)
        return whole
