"""Log lines on standard output: written by a thread of its own, so that a slow reader is waited for and nothing else.

The file descriptor is written to directly: what is not taken is still here, and nothing is flushed at the end behind
our back. A reader that goes away is noticed even while there is nothing to write.
"""

from __future__ import annotations

import asyncio
import os
import queue
import select
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from services.model.logs import LogLine

FORMAT = 1
"""Version of a line's JSON. Grows only when a field changes its meaning or goes away; fields may be added."""

WAITING_BATCHES = 4
"""Batches that wait for the reader before the next page waits for them."""

LOOK_S = 0.5
"""Machine seconds between two looks whether the reader is still there."""

_PIECE = 65_536


class Output:
    """Where lines go. `write` is called on the loop that made it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._batches: queue.Queue[bytes | None] = queue.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._done = asyncio.Event()
        self.closed = asyncio.Event()
        """Set once the reader has gone away."""
        self._thread = threading.Thread(target=self._run, name="output", daemon=True)
        self._thread.start()

    def put(self, data: bytes) -> None:
        """Hand data over. Whoever can wait awaits `room` before."""
        self._batches.put(data)
        if self._batches.qsize() >= WAITING_BATCHES:
            self._room.clear()

    async def room(self) -> None:
        """Until the reader has taken enough."""
        await self._room.wait()

    async def finish(self) -> None:
        """Until everything has been taken, or the reader has gone away."""
        self._batches.put(None)
        await self._done.wait()

    def _run(self) -> None:
        try:
            while (data := self._next()) is not None:
                view = memoryview(data)
                while view:
                    view = view[self._written(view[:_PIECE]) :]
                if self._batches.qsize() < WAITING_BATCHES:
                    self._tell(self._room)
        except OSError:
            # EPIPE and whatever else ends a stream for good: nobody reads any more.
            self._tell(self.closed)
        self._tell(self._room)
        self._tell(self._done)

    def _written(self, piece: memoryview) -> int:
        try:
            return os.write(self._descriptor, piece)
        except BlockingIOError:  # somebody else made the pipe one that does not wait
            select.select([], [self._descriptor], [], LOOK_S)
            return 0

    def _next(self) -> bytes | None:
        while True:
            try:
                return self._batches.get(timeout=LOOK_S)
            except queue.Empty:
                if _abandoned(self._descriptor):
                    raise BrokenPipeError from None

    def _tell(self, event: asyncio.Event) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(event.set)


def _abandoned(descriptor: int) -> bool:
    """Whether the other end of a pipe is closed. A file or a terminal never is."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def as_text(lines: Iterable[LogLine], width: int) -> bytes:
    """One line each: when, which group (with `*` where it came late), what. `width`: the longest short name's."""
    told = [f"{moment(line.at)} {line.group + ('*' if line.late else ''):<{width + 1}} {line.text}\n" for line in lines]
    return "".join(told).encode("utf-8", "replace")


def as_json(lines: Iterable[LogLine], names: Mapping[str, str]) -> bytes:
    """One JSON object a line; see the help of `cockpit logs` for its fields. `names`: short name → group."""
    encoder = msgspec.json.Encoder()
    return b"".join(encoder.encode(_fields(line, names)) + b"\n" for line in lines)


def _fields(line: LogLine, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "version": FORMAT,
        "at": moment(line.at),
        "at_ms": line.at,
        "group": names.get(line.group, line.group),
        "name": line.group,
        "level": line.level or None,
        "request": line.request or None,
        "id": line.id,
        "late": line.late,
        "text": line.text,
    }


def moment(at: int) -> str:
    """Epoch milliseconds as ISO 8601, UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"
