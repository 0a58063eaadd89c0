"""A terminal that stops reading never stops the loop, and what was typed at the frozen picture does nothing."""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path

import pytest

from tests.terminal.pty_support import LEAVES_SCREEN, SHOWS_CURSOR, Terminal

PROGRAM = str(Path(__file__).with_name("busy_app.py"))


def _said(diary: Path, word: str) -> list[str]:
    return [line.partition(" ")[2] for line in diary.read_text().splitlines() if line.startswith(f"{word} ")]


def _longest_gap(diary: Path) -> float:
    beats = [float(beat) for beat in _said(diary, "beat")]
    return max(later - earlier for earlier, later in itertools.pairwise(beats))


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


def test_a_terminal_that_is_not_read_for_five_seconds_never_stops_the_loop(diary: Path) -> None:
    with Terminal([PROGRAM, str(diary)], size=(200, 50)) as terminal:
        terminal.until(lambda: len(_said(diary, "beat")) > 20)
        terminal.press("a")
        terminal.until(lambda: "a" in _said(diary, "key"))
        diary.write_text("")
        time.sleep(2.5)  # the stall itself: nobody reads
        terminal.press("yyy\r")
        time.sleep(2.5)
        stalled_beats = len(_said(diary, "beat"))
        gap = _longest_gap(diary)
        terminal.until(lambda: bool(_said(diary, "frozen")))
        terminal.press("b")
        terminal.until(lambda: "b" in _said(diary, "key"))

        # A loop that waited for the terminal would have stood for as long as nobody read, and nearly without a beat.
        assert gap < 1.5
        assert stalled_beats > 30
        assert _said(diary, "key") == ["b"], "what was typed at the frozen picture was dropped"
        seconds, keys = _said(diary, "frozen")[0].split()
        assert float(seconds) > 2
        assert int(keys) == 4
        assert int(_said(diary, "dropped")[0]) > 20

        terminal.press("q")
        assert terminal.wait() == 0


def test_the_picture_after_a_stall_is_fresh_not_a_replay(diary: Path) -> None:
    with Terminal([PROGRAM, str(diary)], size=(200, 50)) as terminal:
        terminal.until(lambda: len(_said(diary, "beat")) > 20)
        time.sleep(3)
        drawn = len(_said(diary, "beat"))
        terminal.until(lambda: bool(_said(diary, "frozen")))
        terminal.pump(0.5)
        shown = {int(row.split(" ", 1)[0]) for row in terminal.screen.display if row.strip()}
        assert min(shown) > drawn, "every row shows a count drawn after the stall"


def test_keys_count_again_after_a_stall_on_a_line_that_never_catches_up(diary: Path) -> None:
    with Terminal([PROGRAM, str(diary)], size=(200, 50)) as terminal:
        terminal.until(lambda: len(_said(diary, "beat")) > 20)
        time.sleep(2.5)  # the stall itself
        deadline = time.monotonic() + 30
        while not _said(diary, "key"):
            assert time.monotonic() < deadline, "every key is dropped for ever"
            for _ in range(50):
                os.read(terminal.master, 512)  # a quarter of what is drawn
                time.sleep(0.01)
            terminal.press("b")
        assert _said(diary, "frozen")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_restores_the_terminal_and_tells_its_number(diary: Path, number: signal.Signals) -> None:
    with Terminal([PROGRAM, str(diary)]) as terminal:
        terminal.until(lambda: len(_said(diary, "beat")) > 3)
        began = time.monotonic()
        terminal.signal(number)
        assert terminal.wait(5) == 128 + number
        assert time.monotonic() - began < 3
        assert LEAVES_SCREEN in terminal.bytes
        assert SHOWS_CURSOR in terminal.bytes


def test_a_signal_ends_the_process_even_while_the_terminal_does_not_read(diary: Path) -> None:
    with Terminal([PROGRAM, str(diary)], size=(200, 50)) as terminal:
        terminal.until(lambda: len(_said(diary, "beat")) > 20)
        time.sleep(2)
        terminal.reading = False
        began = time.monotonic()
        terminal.signal(signal.SIGTERM)
        assert terminal.wait(5) == 128 + signal.SIGTERM
        assert time.monotonic() - began < 3.5
        terminal.reading = True
        terminal.pump(0.5)
        assert LEAVES_SCREEN in terminal.bytes


def test_a_terminal_that_goes_away_ends_the_process(diary: Path) -> None:
    with Terminal([PROGRAM, str(diary)]) as terminal:
        terminal.until(lambda: len(_said(diary, "beat")) > 3)
        terminal.close()
        assert terminal.wait(4) in (99, 128 + signal.SIGHUP)
