"""`make bench`: how fast and how small the cockpit is, as ratios within one run.

Machines differ and are noisy, so a figure of ours always stands beside one of another program, taken in turn with it.
`python -m tests.bench [start|keys|stall|cost|lines|loop|content …]` runs some of it; without arguments all of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.telling import goal, ratio, spread
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    pass

PYTHON = sys.executable
COCKPIT = [PYTHON, "-m", "tui.cli", "production", "--endpoint-url"]
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "SIMULATED",
    "AWS_SECRET_ACCESS_KEY": "SIMULATED",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}
FIRST_FRAME = re.compile(rb"PRODUCTION")
FIRST_DATA = re.compile(rb"(?:OK|CRIT|WARN|ELEVATED)\b")
"""A band is the first word that takes an answered metric."""


@contextlib.contextmanager
def account(*options: str) -> Iterator[str]:
    """A simulated account in a process of its own; gives its URL."""
    with served(*options) as (url, _):
        yield url


@contextlib.contextmanager
def served(*options: str) -> Iterator[tuple[str, int]]:
    """The same with the number of its process."""
    child = subprocess.Popen([PYTHON, "-m", "tui.cli", "simulate", *options], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        yield str(json.loads(child.stdout.readline())["endpoint"]), child.pid
    finally:
        child.terminate()
        child.wait()


@contextlib.contextmanager
def home() -> Iterator[dict[str, str]]:
    """A state folder of its own, so that no journal of anybody's is shown."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"COCKPIT_STATE_HOME": folder}


def start() -> None:
    """First frame and first live data, against one `aws cloudwatch describe-alarms` on the same endpoint."""
    print("Start-up (medians of 7, in turn)")
    aws = shutil.which("aws")
    frames, data, theirs = [], [], []
    with account() as url, home() as env:
        for turn in range(8):
            terminal = Terminal([*COCKPIT, url], columns=200, rows=50, env=env)
            frame = terminal.when(lambda seen: bool(FIRST_FRAME.search(seen)), 20)
            live = terminal.when(lambda seen: bool(FIRST_DATA.search(seen)), 20)
            terminal.close()
            if frame is None or live is None:
                print("    the screen did not come up within 20 s")
                return
            taken = 0.0
            if aws:
                began = time.perf_counter()
                subprocess.run(
                    [aws, "cloudwatch", "describe-alarms", "--endpoint-url", url],
                    env={**os.environ, **CREDENTIALS},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                taken = time.perf_counter() - began
            if turn:  # the first turn warms the disk cache
                frames.append(frame - terminal.began)
                data.append(live - terminal.began)
                theirs.append(taken)
    print(f"    first frame {spread(frames)}, first live data {spread(data)}")
    if not aws:
        print("    no `aws` command here: nothing to compare with (pip install awscli)")
        return
    print(f"    aws cloudwatch describe-alarms {spread(theirs)}")
    ratio("first frame / aws", statistics.median(frames), statistics.median(theirs), 0.5)
    ratio("first live data / aws", statistics.median(data), statistics.median(theirs), 1.0)


def _steady(argv: list[str], columns: int, rows: int, env: dict[str, str], warm: float, seconds: float) -> list[float]:
    terminal = Terminal(argv, columns=columns, rows=rows, env=env)
    time.sleep(warm)
    cpu, received, began = terminal.cpu_seconds(), terminal.received, time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - began
    figures = [
        100 * (terminal.cpu_seconds() - cpu) / passed,
        (terminal.received - received) / passed,
        terminal.rss_mib(),
    ]
    terminal.close()
    return figures


def steady() -> None:
    """CPU and bytes to the terminal once everything is drawn, against btop at its own pace."""
    print("Steady state (calm account at speed 1, 60 s after 25 s)")
    btop = shutil.which("btop")
    with account() as url, home() as env:
        for columns, rows, cpu_goal, byte_goal in ((200, 50, 1.0, 1.0), (80, 24, 0.5, 0.5)):
            ours = _steady([*COCKPIT, url], columns, rows, env, 25, 60)
            print(f"    {columns}x{rows}: cockpit {ours[0]:.2f} % CPU, {ours[1]:,.0f} B/s, {ours[2]:.0f} MiB")
            if columns == 200:
                goal("memory at start", ours[2], 120, "MiB")
            if not btop:
                print("    no btop here: nothing to compare with (apt install btop)")
                continue
            theirs = _steady([btop, "--utf-force"], columns, rows, {"LANG": "C.UTF-8"}, 8, 60)
            print(f"    {columns}x{rows}: btop    {theirs[0]:.2f} % CPU, {theirs[1]:,.0f} B/s, {theirs[2]:.0f} MiB")
            ratio("CPU / btop", ours[0], theirs[0], cpu_goal)
            ratio("bytes per second / btop", ours[1], theirs[1], byte_goal)


def _storm(url: str, rate: int, beats: Path, env: dict[str, str]) -> Terminal:
    return Terminal(
        [PYTHON, "-m", "tests.bench.storm", "--endpoint", url, "--rate", str(rate), "--beats", str(beats)],
        columns=200,
        rows=50,
        env=env,
    )


def _key_times(
    terminal: Terminal,
    presses: int,
    key: bytes = b" ",
    answer: bytes = b"held",
    back: bytes = b" ",
    waits: list[float] | None = None,
) -> list[float]:
    """Milliseconds from writing `key` to the bytes that hold `answer`; by default to those that say the tail stands
    still. `back` undoes it. To `waits` goes how much of each the program's main thread waited for a core."""
    times: list[float] = []
    for press in range(presses):
        before = len(terminal.chunks)
        waited = terminal.waited_seconds()
        at = terminal.send(key)
        seen = terminal.when(lambda data: answer in data, 5, before)
        times.append(5000.0 if seen is None else (seen - at) * 1000)
        if waits is not None:
            waits.append((terminal.waited_seconds() - waited) * 1000)
        if seen is not None:  # a key that was not answered has changed nothing
            terminal.send(back)
        time.sleep(0.11 + 0.013 * (press % 7))
    return times


def keys() -> None:
    """Key to paint while 0, 10,000 and 50,000 log lines a second arrive; memory with 100,000 lines."""
    print("Key to paint (space pauses the tail; 100 presses each, 200x50)")
    goals = {0: 30.0, 10_000: 30.0, 50_000: 50.0}
    with account() as url, home() as env, tempfile.TemporaryDirectory() as folder:
        for rate, limit in goals.items():
            terminal = _storm(url, rate, Path(folder) / "beats", env)
            time.sleep(14 if rate == 10_000 else 6)
            cpu, began = terminal.cpu_seconds(own=True), time.perf_counter()
            times = sorted(_key_times(terminal, 100))
            share = 100 * (terminal.cpu_seconds(own=True) - cpu) / (time.perf_counter() - began)
            memory = terminal.rss_mib()
            terminal.close()
            p50, p99 = times[len(times) // 2], times[-2]
            print(f"    {rate:6,} lines/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms; {share:.0f} % CPU")
            goal("p99", p99, limit, "ms")
            if rate:
                goal("memory with 100,000 lines and more seen", memory, 120, "MiB")


def stall() -> None:
    """The longest gap of the screen's loop while nobody reads the terminal for 5 s and lines pour in."""
    print("A terminal that is not read for 5 s")
    with account() as url, home() as env, tempfile.TemporaryDirectory() as folder:
        beats = Path(folder) / "beats"
        terminal = _storm(url, 10_000, beats, env)
        time.sleep(8)
        before = float(beats.read_text())
        terminal.reading.clear()
        time.sleep(5)
        terminal.reading.set()
        time.sleep(2)
        gap = float(beats.read_text())
        terminal.close()
    print(f"    longest gap before {before:.3f} s, with the stall {gap:.3f} s")
    goal("longest gap", gap, 0.25, "s")


def cost() -> None:
    """What the screen asks of AWS in an hour."""
    from services.clock import RealClock
    from services.settings.loading import at_endpoint, find, load
    from services.watch.updates import SpendingUpdate, Update
    from services.watch.watch import Watch

    print("What watching costs (calm account at speed 60: an hour in a minute)")
    newest: list[SpendingUpdate] = []

    def post(update: Update) -> None:
        if isinstance(update, SpendingUpdate):
            newest[:] = [update]

    with account("--speed", "60") as url:
        from services.aws.endpoint import clock_at

        settings = load()
        environment = at_endpoint(find(settings, "production"), url)
        watch = Watch(environment, settings, clock_at(environment), post)
        watch.start()
        machine = RealClock()
        began = machine.monotonic()
        while machine.monotonic() - began < 63:
            time.sleep(0.5)
        watch.stop()
    if not newest:
        print("    nothing was spent: the watch did not report")
        return
    spending = newest[0].spending
    for operation, count in sorted(spending.calls.items(), key=lambda item: -item[1]):
        print(f"    {operation:44} {count:5} calls")
    print(f"    {spending.metrics_requested} metrics requested, ${spending.dollars:.4f} in that hour")
    goal("dollars per hour, as the header shows it", spending.per_hour, 0.02, "$/h")


def scale() -> None:
    from tests.bench.scale import scale as measure

    with account("--functions", "1000") as url:
        measure(url)


def complete() -> None:
    from tests.bench.tail import complete as prove

    prove()


def race() -> None:
    from tests.bench.race import race as measure

    measure()


def loop() -> None:
    from tests.bench.loop import loop as walk

    walk()


def content() -> None:
    from tests.bench.content import content as measure

    with served("--speed", "10") as (url, process):
        measure(url, process, CREDENTIALS)


def pieces() -> None:
    from tests.bench.pieces import pieces as measure

    measure()


def lines() -> None:
    from tests.bench.tail import lines as measure

    measure()


SECTIONS: dict[str, Callable[[], None]] = {
    "start": start,
    "steady": steady,
    "keys": keys,
    "stall": stall,
    "cost": cost,
    "scale": scale,
    "lines": lines,
    "complete": complete,
    "race": race,
    "loop": loop,
    "content": content,
    "pieces": pieces,
}


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in SECTIONS]
    if unknown:
        print(f"no such section: {unknown[0]}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    for name in arguments or SECTIONS:
        SECTIONS[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
