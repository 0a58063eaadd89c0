"""A program on a real pseudo-terminal, measured from outside: bytes with their times, CPU and memory of its tree."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """Starts `argv` on a pty of the given size and reads everything it draws, until told to stop reading."""

    def __init__(
        self, argv: Sequence[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
    ) -> None:
        self.began = time.perf_counter()
        self.chunks: list[tuple[float, bytes]] = []
        self.reading = threading.Event()
        self.reading.set()
        self._closed = False
        full = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], list(argv), full)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._closed:
            if not self.reading.wait(0.1):
                continue
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if not ready:
                continue
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            self.chunks.append((time.perf_counter(), data))

    @property
    def output(self) -> bytes:
        return b"".join(data for _, data in list(self.chunks))

    @property
    def received(self) -> int:
        return sum(len(data) for _, data in list(self.chunks))

    def send(self, keys: bytes) -> float:
        """Type; returns the moment it was written."""
        at = time.perf_counter()
        os.write(self._master, keys)
        return at

    def when(self, seen: Callable[[bytes], bool], limit: float, start: int = 0) -> float | None:
        """The moment from which `seen(everything since chunk start)` holds; None when `limit` seconds pass."""
        deadline = time.perf_counter() + limit
        gathered = bytearray()
        index = start
        while time.perf_counter() < deadline:
            chunks = self.chunks
            while index < len(chunks):
                at, data = chunks[index]
                gathered += data
                index += 1
                if seen(bytes(gathered)):
                    return at
            time.sleep(0.0005)
        return None

    def tree(self) -> list[int]:
        """The process and all its descendants."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
                children.setdefault(parent, []).append(int(entry.name))
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def cpu_seconds(self, *, own: bool = False) -> float:
        """User and system time of the tree so far, or of the process alone."""
        total = 0
        for pid in [self.pid] if own else self.tree():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def waited_seconds(self) -> float:
        """How long the main thread has waited for a core so far; 0 where the kernel does not say."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    def rss_mib(self) -> float:
        """Resident memory of the process itself."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def close(self) -> int:
        """End the program (TERM, then KILL) and return its exit status."""
        status = 0
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, sent)
            except ProcessLookupError:
                break
            deadline = time.perf_counter() + 4
            while time.perf_counter() < deadline:
                done, status = os.waitpid(self.pid, os.WNOHANG)
                if done:
                    self._closed = True
                    os.close(self._master)
                    return os.waitstatus_to_exitcode(status)
                time.sleep(0.01)
        self._closed = True
        return status
