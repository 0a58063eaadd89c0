"""`cockpit simulate` as a process: one line when it is ready, a clean end, a sentence for what is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.simulated.world.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tui.cli", "simulate"]


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ready(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    told: dict[str, object] = json.loads(process.stdout.readline())
    return told


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 0)])
def test_it_says_one_line_serves_and_ends_cleanly(ending: signal.Signals, code: int) -> None:
    options = ("--scenario", "bad-deploy", "--seed", "4", "--start", "2026-11-23T03:07:00Z", "--speed", "2")
    with running(*options) as process:
        told = ready(process)
        assert set(told) == {"endpoint", "scenario", "seed", "now"}
        assert (told["scenario"], told["seed"]) == ("bad-deploy", 4)
        assert str(told["now"]).startswith("2026-11-23T03:07:0")
        with urllib.request.urlopen(f"{told['endpoint']}/_simulated/clock", timeout=10) as answer:
            assert json.load(answer)["speed"] == 2.0
        process.send_signal(ending)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (code, "", "")


def test_a_burst_of_signals_ends_it_as_one_does() -> None:
    """The kernel tells of a parent's death once for each of its threads, faster than a handler returns."""
    with running() as process:
        ready(process)
        for _ in range(500):
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        # The last of them may come when the handlers are gone again.
        assert process.returncode in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--scenario", "nonsense"), f"there is no scenario 'nonsense'; there are: {', '.join(sorted(SCENARIOS))}."),
        (("--start", "noon"), "--start 'noon' is no time in ISO form"),
        (("--start", "0001-01-01"), "between 2000 and 2100"),
        (("--port", "70000"), "'--port'"),
        (("--speed", "0"), "'--speed'"),
        (("--speed", "nan"), "'--speed'"),
    ],
)
def test_a_wrong_option_is_a_sentence_and_exit_code_two(options: tuple[str, ...], sentence: str) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_a_sentence_and_exit_code_two() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


def test_it_needs_nothing_of_the_screen() -> None:
    program = (
        "import sys\n"
        "import tui.commands.simulate, services.simulated.account\n"
        "print([name for name in ('textual', 'rich', 'plotext', 'widgets') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
