"""The real screen on a real account, with a storm of log lines poured in at the place where the tail hands them over.

`python -m tests.bench.storm --endpoint URL --rate N --beats FILE`. A heartbeat in the screen's loop writes the longest
gap between two beats to FILE, once a second; to FILE.gaps how many gaps there were of each length, and the seconds of
CPU that making the lines has taken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

BATCHES_PER_SECOND = 20

GAPS_MS = (5, 10, 20, 40, 80, 160, 320)
"""Limits of the lengths that gaps are counted by: how much later than it should a beat came."""

BEAT_S = 0.02

_made = [0.0]
"""Seconds of CPU of the thread that makes the lines: the bench's, and not the screen's."""


def _pour(rate: int, post: Callable[[object], None], stop: threading.Event) -> None:
    from services.model.logs import Level, LineBatch, LogLine
    from services.safe_text import safe
    from services.watch.updates import LinesArrived

    levels = (Level.INFO, Level.INFO, Level.INFO, Level.WARN, Level.ERROR)
    number, due = 0, time.monotonic()
    while not stop.is_set():
        now = int(time.time() * 1000)
        lines = []
        for _ in range(rate // BATCHES_PER_SECOND):
            number += 1
            text = safe(f"request {number:012d} " + "listed 14 instances in us-west-2 for user 19bc " * 2)
            lines.append(LogLine(now, "app", levels[number % 5], text, str(number)))
        post(LinesArrived(LineBatch(tuple(lines))))
        _made[0] = time.thread_time()
        due += 1.0 / BATCHES_PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))


async def _beat(path: Path) -> None:
    longest, last, written = 0.0, time.monotonic(), time.monotonic()
    counts = [0] * (len(GAPS_MS) + 1)
    while True:
        await asyncio.sleep(BEAT_S)
        now = time.monotonic()
        counts[bisect_right(GAPS_MS, (now - last - BEAT_S) * 1000)] += 1
        longest, last = max(longest, now - last), now
        if now - written >= 1.0:
            path.write_text(f"{longest:.3f}")  # noqa: ASYNC240 - four bytes once a second
            Path(f"{path}.gaps").write_text(json.dumps([_made[0], *counts]))  # noqa: ASYNC240 - as few
            written = now


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--beats", type=Path, required=True)
    options = parser.parse_args()

    from tui import collecting
    from tui.launch import TEXTUAL_ENVIRONMENT

    for name, value in TEXTUAL_ENVIRONMENT.items():
        os.environ.setdefault(name, value)

    from services.settings.loading import at_endpoint, find, load
    from services.settings.values import Environment, Settings
    from services.watch.updates import Update
    from tui.app import CockpitApp
    from tui.session import Opened, open_watch

    stop = threading.Event()

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        opened = open_watch(environment, settings, post)
        if options.rate:
            threading.Thread(target=_pour, args=(options.rate, post, stop), daemon=True).start()
        return opened

    settings = load()
    collecting.begin()
    environment = at_endpoint(find(settings, "production"), options.endpoint)
    app = CockpitApp(settings, environment, opener=opener, started=collecting.settle)

    async def run() -> None:
        beating = asyncio.create_task(_beat(options.beats))
        await app.run_async()
        beating.cancel()

    asyncio.run(run())
    stop.set()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
