"""The whole loop with the real processes on a real terminal: calm, a bad deployment, red, R, RECOVERED."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.journal.home import JournalHome
from services.journal.reading import operations
from services.model.entry import Outcome, Phase
from tests.terminal.pty_support import LEAVES_SCREEN, ROOT, SHOWS_CURSOR, Terminal

RECOVERED = "█▀▀▄ █▀▀▀ ▄▀▀▀ ▄▀▀▄ █   █ █▀▀▀ █▀▀▄ █▀▀▀ █▀▀▄"
"""The upper row of its large letters."""

BUDGET = 8
"""Keystrokes from red to RECOVERED, not counting the typed name (the product's promise)."""


def _demo(state: Path, size: tuple[int, int], speed: int = 60) -> Terminal:
    return Terminal(
        ["-m", "tui.cli", "demo", "--speed", str(speed)], size=size, environment={"COCKPIT_STATE_HOME": str(state)}
    )


def _critical(terminal: Terminal) -> bool:
    """Whether the verdict says so; above it alerts that wait may stand."""
    return any(row.lstrip().startswith("✖ CRIT") for row in terminal.screen.display[1:5])


def _simulated(parent: int) -> list[int]:
    """Processes of the simulated account that `parent` has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(status[1]) == parent and b"simulate" in words:
            found.append(int(entry.name))
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _journal(state: Path) -> JournalHome:
    folder = next((state / "journal-sandbox").iterdir())
    return JournalHome(folder)


def _plan_opened(terminal: Terminal) -> None:
    """`R`, until the plan is there and its reading time over."""
    terminal.insist("R", lambda: "Cancel" in terminal.text)
    terminal.until_text("then enter", 20)


def _confirmed(terminal: Terminal) -> None:
    """The environment's name, whole, and enter."""
    for _ in range(4):
        terminal.press("production")
        with contextlib.suppress(AssertionError):
            terminal.until(lambda: "Type production production" in terminal.text, 8)
            break
        terminal.press("\x15")  # what is left of a name that was dropped in part
    terminal.insist("\r", lambda: "Type production" not in terminal.text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_from_a_bad_deployment_to_a_verified_recovery_with_few_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    keys = 0
    with _demo(tmp_path, size) as terminal:
        terminal.until_text("PRODUCTION", 30)
        terminal.until(lambda: _critical(terminal) and "v42" in terminal.text, 60)

        _plan_opened(terminal)
        keys += 1
        _confirmed(terminal)
        keys += 1
        # In large letters: on a small screen the sentence above them makes room for the checks that follow.
        terminal.until(lambda: RECOVERED in terminal.text, 90)
        assert keys <= BUDGET

        terminal.insist("\x1b", lambda: RECOVERED not in terminal.text)
        terminal.until(lambda: "RECOVERED: LIVE v42 → v41" in " ".join(terminal.text.split()), 20)
        assert terminal.leave() == 0
        assert LEAVES_SCREEN in terminal.bytes
        assert SHOWS_CURSOR in terminal.bytes

    done = operations(_journal(tmp_path), "production")
    assert [one.outcome for one in done] == [Outcome.RECOVERED]
    phases = [entry.phase for entry in done[0].entries]
    assert (
        phases.index(Phase.ORDERED) < phases.index(Phase.INTENT) < phases.index(Phase.REPLY) < phases.index(Phase.DONE)
    )


@pytest.mark.timeout(400)  # two screens one after the other, on a busy machine
def test_killing_the_screen_in_the_middle_changes_nothing_for_the_rollback(tmp_path: Path) -> None:
    with _simulated_account(tmp_path) as url:
        with _screen(tmp_path, url) as terminal:
            terminal.until(lambda: _critical(terminal) and "v42" in terminal.text, 60)
            _plan_opened(terminal)
            _confirmed(terminal)
            terminal.until_text("judging", 90)
            terminal.signal(signal.SIGKILL)
            terminal.wait()
        with _screen(tmp_path, url) as again:
            again.until_text("Roll back LIVE", 30)  # shown by itself: it was under way, or has just ended
            again.until_text("RECOVERED", 180)
    assert [one.outcome for one in operations(_journal(tmp_path), "production")] == [Outcome.RECOVERED]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_demo_screen_and_account_together(tmp_path: Path, number: signal.Signals) -> None:
    with _demo(tmp_path, (100, 30)) as terminal:
        terminal.until_text("PRODUCTION", 30)
        (child,) = _simulated(terminal.pid)
        terminal.signal(number)
        assert terminal.wait(8) == 128 + number
        assert LEAVES_SCREEN in terminal.bytes
        assert SHOWS_CURSOR in terminal.bytes
        assert not _alive(child)


def test_a_demo_that_is_killed_takes_its_account_with_it(tmp_path: Path) -> None:
    with _demo(tmp_path, (100, 30)) as terminal:
        terminal.until_text("PRODUCTION", 30)
        (child,) = _simulated(terminal.pid)
        terminal.signal(signal.SIGKILL)
        terminal.wait()
        deadline = time.monotonic() + 5
        while _alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _alive(child)


def test_an_unknown_scenario_is_a_sentence_that_names_those_there_are(tmp_path: Path) -> None:
    with Terminal(
        ["-m", "tui.cli", "demo", "--scenario", "nonsense"], environment={"COCKPIT_STATE_HOME": str(tmp_path)}
    ) as terminal:
        assert terminal.wait(20) == 2
        assert "bad-deploy" in terminal.text
        assert "Traceback" not in terminal.text
        assert LEAVES_SCREEN not in terminal.bytes


def _screen(state: Path, url: str) -> Terminal:
    return Terminal(["-m", "tui.cli", "prod", "--endpoint-url", url], environment={"COCKPIT_STATE_HOME": str(state)})


@contextlib.contextmanager
def _simulated_account(state: Path) -> Iterator[str]:
    """`cockpit simulate` as a process of its own; gives its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "simulate", "--scenario", "bad-deploy", "--speed", "60"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "COCKPIT_STATE_HOME": str(state)},
    )
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["endpoint"])
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
