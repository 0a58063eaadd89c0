"""What the log path costs: run by hand, `python -m tests.bench.log_pane`; prints figures, asserts nothing.

Lines a second that the parser and the pane take, milliseconds of a repaint, key latency while lines pour in, memory
of a hundred thousand lines. Headless: no terminal is drawn to, so bytes are not counted.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import msgspec

from services.aws.logs import line as parse
from services.model.logs import Level, LineBatch, LogLine
from services.safe_text import SafeText
from tests.unit.tailing_support import BASE
from tests.unit.test_log_pane import PaneApp

SIZE = (200, 50)
UUID = "7f3a9c1e-52d4-4b8a-9d3e-1f2a3b4c5d6e"
PLAIN = f"[INFO]\t2026-11-23T03:11:40.123Z\t{UUID}\tlisted 14 instances of the account in the region us-west-2"
JSON = f'{{"level":"INFO","message":"listed 14 instances","request_id":"{UUID}","version":42,"user":"user-01"}}'
LEVELS = (Level.INFO, Level.INFO, Level.INFO, Level.REPORT, Level.ERROR)


def resident() -> float:
    """MiB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1048576


def batch(start: int, count: int, rate: int) -> LineBatch:
    """`count` lines of 127 characters; ten of them share a request id, as on AWS."""
    return LineBatch(
        tuple(
            LogLine(
                BASE + number * 1000 // rate,
                ("api", "lambda", "app")[number % 3],
                LEVELS[number % 5],
                SafeText(f"{number:>10} " + "x" * 116),
                f"{number:056d}",
                f"{number // 10:08d}-52d4-4b8a-9d3e-1f2a3b4c5d6e",
            )
            for number in range(start, start + count)
        )
    )


def parsing() -> None:
    for name, message in (("plain", PLAIN), ("JSON", JSON)):
        event = {"message": message, "timestamp": BASE, "eventId": "1" * 56}
        began = time.perf_counter()
        for _ in range(100_000):
            parse(event, "app")
        print(f"parse {name}: {100_000 / (time.perf_counter() - began):,.0f} lines/s")


async def memory() -> None:
    app = PaneApp()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        before = resident()
        for start in range(0, 100_000, 1_000):
            app.pane.extend(batch(start, 1_000, 10_000))
        await pilot.pause()
        print(f"memory of {len(app.pane):,} lines of 127 characters: {resident() - before:.1f} MiB")
        times = []
        for start in range(100_000, 100_200):
            app.pane.extend(batch(start, 1, 10_000))
            began = time.perf_counter()
            app.pane.paint()
            for y in range(app.pane.size.height):
                app.pane.render_line(y)
            times.append((time.perf_counter() - began) * 1000)
        print(f"repaint of {SIZE[0]}x{SIZE[1]}: median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms")


async def pouring(rate: int, late: bool = False) -> None:
    """Lines for three seconds at `rate`; meanwhile a key every 50 ms, timed to the end of its handling."""
    app = PaneApp()
    keys: list[float] = []
    async with app.run_test(size=SIZE) as pilot:
        app.pane.focus()
        await pilot.pause()
        batches = [batch(number * rate // 10, rate // 10, max(1, rate)) for number in range(30)] if rate else []
        began, busy, sent = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < 3:
            due = int((time.perf_counter() - began) * 10)
            while sent < min(due + 1, len(batches)):
                app.pane.extend(older(batches[sent]) if late else batches[sent])
                sent += 1
            pressed = time.perf_counter()
            app.simulate_key("up" if len(keys) % 2 else "G")
            await pilot._wait_for_screen()  # `press` waits on timers of its own
            keys.append((time.perf_counter() - pressed) * 1000)
            await asyncio.sleep(0.05)
        cpu = (time.process_time() - busy) / (time.perf_counter() - began) * 100
        keys.sort()
        taken = sum(len(one.lines) for one in batches[:sent])
        label = f"{rate:>7,} lines/s{' with 5 % late' if late else ''}"
        median, worst = keys[len(keys) // 2], keys[int(len(keys) * 0.99)]
        print(f"{label:<32} taken {taken:>8,}   key p50 {median:5.1f} ms  p99 {worst:5.1f} ms   CPU {cpu:4.0f} %")


def older(given: LineBatch) -> LineBatch:
    """The same with every twentieth line up to ten seconds older."""
    lines = [
        msgspec.structs.replace(one, at=one.at - number * 37 % 10_000) if number % 20 == 0 else one
        for number, one in enumerate(given.lines)
    ]
    return LineBatch(tuple(sorted(lines, key=lambda one: one.at)))


async def main() -> None:
    parsing()
    await memory()
    for rate in (0, 200, 1_000, 10_000, 50_000, 100_000):
        await pouring(rate)
    await pouring(10_000, late=True)


if __name__ == "__main__":
    asyncio.run(main())
