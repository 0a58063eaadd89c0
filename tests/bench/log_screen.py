"""What the log screen costs: run by hand, `python -m tests.bench.log_screen`; prints figures, asserts nothing.

Filters over 100,000 lines to the first and the last result; memory of the lines with their filter; the longest piece of
work between two keys; keys and CPU at 10,000 lines/s beside `lnav` and `tail -f` on a file that grows as fast; and with
`hostile` a million hostile strings made into the screen's rows (tests/terminal puts thousands on a real terminal).
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from services.line_search.query import parse
from services.model.logs import Level
from tests.bench.__main__ import _key_times, _storm, account, home
from tests.bench.log_pane import batch, resident
from tests.bench.terminal import Terminal
from widgets.log_ring import LogRing

LINES = 100_000
RATE = 10_000
FILTERS = (
    "99999", "XXXXxx99", "!x", r"/9{3} x/", r"/\d+ x+y/", r"/[0-9]+ x*$/", r"/(a|b)*c/", r"/(x|xx)+y$/",
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
    for text in FILTERS:
        began = time.perf_counter()
        ring.filter_by(parse(text))
        pieces: list[float] = []
        more = True
        while more:
            piece = time.perf_counter()
            more = ring.look()
            pieces.append((time.perf_counter() - piece) * 1000)
        last = (time.perf_counter() - began) * 1000
        found = ring.shown(Level.DEBUG).count(1)
        longest = max(pieces)
        print(f"{text:>24}: first {pieces[0]:6.1f} ms, last {last:6.0f} ms, longest piece {longest:5.1f} ms, {found:,}")


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


def _others(argv: list[str], folder: Path, seconds: float) -> None:
    path = folder / f"{argv[0].rpartition('/')[2]}.log"
    path.write_text("")
    stop = threading.Event()
    writer = threading.Thread(target=_growing, args=(path, stop))
    terminal = Terminal([*argv, str(path)], columns=200, rows=50, env={"HOME": str(folder), "LANG": "C.UTF-8"})
    writer.start()
    time.sleep(4)
    cpu, received, began = terminal.cpu_seconds(own=True), terminal.received, time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - began
    share = 100 * (terminal.cpu_seconds(own=True) - cpu) / passed
    sent = (terminal.received - received) / passed
    print(f"    {argv[0]}: {share:.0f} % CPU, {sent:,.0f} B/s, {terminal.rss_mib():.0f} MiB")
    stop.set()
    writer.join()
    terminal.close()


def keys() -> None:
    print(f"At {RATE:,} lines/s, 200x50")
    with account() as url, home() as env, tempfile.TemporaryDirectory() as folder:
        terminal = _storm(url, RATE, Path(folder) / "beats", env)
        time.sleep(8)
        terminal.send(b"3")
        terminal.when(lambda seen: b"unfold" in seen, 10)
        time.sleep(4)
        cpu, received, began = terminal.cpu_seconds(own=True), terminal.received, time.perf_counter()
        times = sorted(_key_times(terminal, 100))
        passed = time.perf_counter() - began
        share = 100 * (terminal.cpu_seconds(own=True) - cpu) / passed
        sent = (terminal.received - received) / passed
        print(f"    screen 3: space p50 {times[50]:.1f} ms, p99 {times[-2]:.1f} ms (goal <= 30)")
        print(f"    screen 3: {share:.0f} % CPU, {sent:,.0f} B/s, {terminal.rss_mib():.0f} MiB")
        terminal.close()
        for argv in (["lnav", "-q"], ["tail", "-f"]):
            if shutil.which(argv[0]):
                _others(argv, Path(folder), 10)
            else:
                print(f"    no {argv[0]} here: nothing to compare with")


def hostile() -> None:
    """A million strings, each of them a line that is made into rows; no foreign byte comes out."""
    from tests.terminal.hostile_app import CORPUS, _noise
    from tests.terminal.test_screen import _foreign
    from widgets.log_lines import Look, line_rows

    generator = random.Random(int(time.time()))
    look = Look(query=parse("a"), group_width=6)
    lines = batch(0, 1, RATE).lines
    import msgspec

    from services.safe_text import safe

    sent = bad = 0
    began = time.perf_counter()
    while sent < 1_000_000:
        ring = LogRing()
        texts = [generator.choice(CORPUS) + _noise(generator) for _ in range(1_000)]
        ring.extend([msgspec.structs.replace(lines[0], text=safe(text)) for text in texts])
        drawn = "\n".join(
            "".join(span.text for span in row)
            for index in range(len(ring))
            for row in line_rows(ring[index], 120, look)
        )
        bad += len(_foreign(drawn.encode()))
        sent += len(texts)
    print(f"{sent:,} hostile strings drawn in {time.perf_counter() - began:.0f} s: {bad} foreign bytes")


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["filters", "keys"]
    for name, run in (("filters", filters), ("keys", keys), ("hostile", hostile)):
        if name in chosen:
            run()
