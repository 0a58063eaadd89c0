"""What the log screen costs: run by hand, `python -m tests.bench.log_screen`; prints figures, asserts nothing.

Filters over 100,000 lines to the first and the last result; memory of the lines with their filter; the longest piece of
work between two keys; keys and CPU at 10,000 lines/s beside `lnav`, `tl` and `tail -f` on a file that grows as fast;
and with `hostile` a million hostile strings (or STRINGS of them) through the running screen to a pty.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from services.line_search.query import parse
from services.model.logs import Level
from tests.bench.__main__ import _key_times, _storm, account, home
from tests.bench.log_pane import batch, resident
from tests.bench.storm import GAPS_MS
from tests.bench.terminal import Terminal
from tests.terminal.hostile_drawn import Drawn, drawn
from widgets.log_ring import LogRing

LINES = 100_000
RATE = 10_000
LNAV_KEYS = (b"?", b"HELP", b"?")
"""A key of lnav's, what stands on the screen then, and the key that goes back."""
TL_KEYS = (b"\x06", "┏".encode(), b"\x1b")
"""The same of Toolong (`tl`): ctrl+f opens its search, which has the only frame."""
FILTERS = (
    "99999", "XXXXxx99", "!x", r"/9{3} x/", r"/\d+ x+y/", r"/[0-9]+ x*$/", r"/(a|b)*c/", r"/(x|xx)+y$/",
    r"/\d\d+ [xy]+$/", r"/(?i)timeout|refused|XXXY/", r"/\b\w+\b$/", r"/(x|y)*x(x|y){12}$/", r"/^ *\d+ .{20,90}$/",
    ".status>=500", "level:error group:app",
)  # fmt: skip


def filled() -> LogRing:
    ring = LogRing()
    for start in range(0, LINES, 1_000):
        ring.extend(batch(start, 1_000, RATE).lines)
    return ring


def filters() -> None:
    before = resident()
    ring = filled()
    print(f"memory of {LINES:,} lines of 127 characters: {resident() - before:.1f} MiB (goal <= 25)")
    print("to the first result (goal <= 50 ms) and to the last (goal <= 300 ms)")
    for text in FILTERS:
        began, busy = time.perf_counter(), time.process_time()
        ring.filter_by(parse(text))
        pieces: list[float] = []
        more = True
        while more:
            piece = time.perf_counter()
            more = ring.look()
            pieces.append((time.perf_counter() - piece) * 1000)
        last, own = (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000
        found = ring.shown(Level.DEBUG).count(1)
        longest = max(pieces)
        print(
            f"{text:>26}: first {pieces[0]:6.1f} ms, last {last:6.0f} ms, {own:5.0f} ms of it this process's own, "
            f"longest piece {longest:5.1f} ms, {found:,}"
        )


def _growing(path: Path, stop: threading.Event) -> None:
    """Append RATE lines a second, in tenths."""
    with path.open("a") as file:
        number = 0
        while not stop.is_set():
            began = time.perf_counter()
            for line in batch(number, RATE // 10, RATE).lines:
                file.write(f"2026-11-23T03:11:40 {line.level.value} {line.text}\n")
            file.flush()
            number += RATE // 10
            time.sleep(max(0.0, 0.1 - (time.perf_counter() - began)))


class Figures(NamedTuple):
    """What was read off a program at one moment; two of them make figures a second."""

    at: float
    cpu: float
    received: int
    made: float = 0.0
    """Seconds of CPU that making the lines took inside the program."""
    gaps: tuple[int, ...] = ()

    @staticmethod
    def of(terminal: Terminal, beats: Path | None = None) -> Figures:
        now, cpu, received = time.perf_counter(), terminal.cpu_seconds(own=True), terminal.received
        if beats is None:
            return Figures(now, cpu, received)
        made, *gaps = json.loads(Path(f"{beats}.gaps").read_text())
        return Figures(now, cpu, received, made, tuple(gaps))

    def told(self, since: Figures) -> str:
        """CPU without the making of lines, and bytes a second."""
        passed = self.at - since.at
        cpu, made = self.cpu - since.cpu, self.made - since.made
        making = f" (and {100 * made / passed:.1f} % for making the lines)" if made else ""
        return f"{100 * (cpu - made) / passed:.1f} % CPU{making}, {(self.received - since.received) / passed:,.0f} B/s"


def _latency(times: list[float]) -> str:
    times = sorted(times)
    return (
        f"p50 {times[len(times) // 2]:.1f} ms, p90 {times[len(times) * 9 // 10]:.1f} ms, p99 {times[-2]:.1f} ms, "
        f"longest {times[-1]:.1f} ms; {sum(one <= 30 for one in times)} of {len(times)} within 30 ms"
    )


def _gaps(before: Figures, after: Figures) -> str:
    counts = [late - early for early, late in zip(before.gaps, after.gaps, strict=True)]
    names = [f"<{limit}" for limit in GAPS_MS] + [f">={GAPS_MS[-1]}"]
    return ", ".join(f"{name} ms: {count}" for name, count in zip(names, counts, strict=True) if count)


def _others(argv: list[str], folder: Path, seconds: float, keys: tuple[bytes, bytes, bytes] | None) -> None:
    """CPU and bytes while nobody types; then a key that shows `keys[1]` and one that goes back."""
    path = folder / f"{argv[0].rpartition('/')[2]}.log"
    path.write_text("")
    stop = threading.Event()
    writer = threading.Thread(target=_growing, args=(path, stop))
    terminal = Terminal([*argv, str(path)], columns=200, rows=50, env={"HOME": str(folder), "LANG": "C.UTF-8"})
    writer.start()
    time.sleep(4)
    before = Figures.of(terminal)
    time.sleep(seconds)
    print(f"    {argv[0]}: {Figures.of(terminal).told(before)}, {terminal.rss_mib():.0f} MiB")
    if keys:
        said = _latency(_key_times(terminal, 20, *keys))
        print(f"    {argv[0]}: key {keys[0].decode()!r} {said}")
    stop.set()
    writer.join()
    terminal.close()


def _on_screen_3(terminal: Terminal) -> bool:
    """Key 3, until it is answered: keys that are typed at a screen that is still starting are dropped."""
    terminal.when(lambda seen: b"listed" in seen, 30)
    for _ in range(10):
        before = len(terminal.chunks)
        terminal.send(b"3")
        if terminal.when(lambda seen: b"unfold" in seen, 3, before) is not None:
            return True
    return False


def _ours(url: str, folder: Path, env: dict[str, str]) -> None:
    beats = folder / "beats"
    terminal = _storm(url, RATE, beats, env)
    if not _on_screen_3(terminal):
        print("    screen 3 did not come up")
        terminal.close()
        return
    time.sleep(12)  # the start is over, the ring is full
    quiet = Figures.of(terminal, beats)
    time.sleep(10)
    begun = Figures.of(terminal, beats)
    print(f"    screen 3, nobody types: {begun.told(quiet)} (goal <= 10 %), {terminal.rss_mib():.0f} MiB")
    waits: list[float] = []
    times = _key_times(terminal, 100, waits=waits)
    over = Figures.of(terminal, beats)
    print(f"    screen 3, twelve keys a second: {over.told(begun)}")
    print(f"    screen 3: key space {_latency(times)} (goal p99 <= 30)")
    own = [max(0.0, taken - waited) for taken, waited in zip(times, waits, strict=True)]
    print(f"    screen 3: less what its main thread waited for a core {_latency(own)}")
    print(f"    screen 3: its loop was late by {_gaps(quiet, over)}")
    terminal.close()


def keys() -> None:
    """Keys and CPU at 10,000 lines/s. Wall time is the machine's as much as ours: its load is printed with it."""
    print(f"At {RATE:,} lines/s, 200x50; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with account() as url, home() as env, tempfile.TemporaryDirectory() as folder:
        _ours(url, Path(folder), env)
        for argv, answered in ((["lnav", "-q"], LNAV_KEYS), (["tl"], TL_KEYS), (["tail", "-f"], None)):
            if shutil.which(argv[0]):
                _others(argv, Path(folder), 10, answered)
            else:
                print(f"    no {argv[0]} here: nothing to compare with")
    print(f"    load {os.getloadavg()[0]:.1f} at the end; tail -f answers no key")


def hostile() -> None:
    """A million strings through the running screen to a pty, each of them read back from it; no foreign byte."""
    strings = int(os.environ.get("STRINGS", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        found = drawn(strings, Path(folder), size=(100, 2_000), seconds=180, told=_drawn_so_far)
    _drawn_so_far(found)
    print()


def _drawn_so_far(found: Drawn) -> None:
    print(
        f"\r{found.strings:,} hostile strings drawn on a pty, {len(found.missing)} not, {found.bytes / 1e6:,.0f} MB, "
        f"{found.seconds:.0f} s: {len(found.foreign)} foreign bytes {found.foreign[:5] or ''}",
        end="",
        flush=True,
    )


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["filters", "keys"]
    for name, run in (("filters", filters), ("keys", keys), ("hostile", hostile)):
        if name in chosen:
            run()
