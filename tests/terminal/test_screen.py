"""The screen as a process: how it begins, how it ends, and what it refuses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.hostile_drawn import drawn, foreign
from tests.terminal.pty_support import BEGINS_SCREEN, LEAVES_SCREEN, ROOT, SHOWS_CURSOR, Terminal

NOBODY = "http://127.0.0.1:9"
"""A port where nothing answers: every question fails at once."""

CRASHING = """
import sys
from services.settings.loading import find, load, at_endpoint
import tui.app
token = "AKIA" + "ABCDEFGHIJKLMNOP"
def fault(self):
    secret_local = "canary-" + "in-a-local"
    raise RuntimeError("lost " + token)
tui.app.CockpitApp.do_refresh = fault
from tui.launch import open_screen
settings = load()
sys.exit(open_screen(settings, at_endpoint(find(settings, "prod"), "http://127.0.0.1:9")))
"""


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_frame_is_painted_before_anybody_has_answered(tmp_path: Path) -> None:
    with Terminal(
        ["-m", "tui.cli", "prod", "--endpoint-url", NOBODY], environment={"COCKPIT_STATE_HOME": str(tmp_path)}
    ) as terminal:
        terminal.until_text("PRODUCTION")
        terminal.until_text("API latency")
        assert terminal.leave() == 0
        assert BEGINS_SCREEN in terminal.bytes
        assert terminal.bytes.rindex(LEAVES_SCREEN) > terminal.bytes.index(BEGINS_SCREEN)
        assert SHOWS_CURSOR in terminal.bytes


def test_a_stray_endpoint_variable_is_told_and_not_obeyed(tmp_path: Path) -> None:
    with Terminal(
        ["-m", "tui.cli", "prod", "--endpoint-url", NOBODY],
        environment={"COCKPIT_STATE_HOME": str(tmp_path), "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:1"},
    ) as terminal:
        terminal.until_text("AWS_ENDPOINT_URL_LAMBDA")
        terminal.until_text("not obeyed")
        assert terminal.leave() == 0


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_suspending_gives_the_terminal_back_and_coming_back_paints_afresh(tmp_path: Path) -> None:
    with Terminal(
        ["-m", "tui.cli", "prod", "--endpoint-url", NOBODY], environment={"COCKPIT_STATE_HOME": str(tmp_path)}
    ) as terminal:
        terminal.until_text("PRODUCTION")
        terminal.until_text("STALE")
        terminal.insist("\x1a", lambda: _state(terminal.pid) == "T")
        terminal.until(lambda: LEAVES_SCREEN in terminal.bytes, 1.0)
        before = len(terminal.bytes)
        terminal.signal(signal.SIGCONT)
        terminal.until(lambda: BEGINS_SCREEN in terminal.bytes[before:])
        terminal.until(lambda: b"PRODUCTION" in terminal.bytes[before:])
        terminal.pump(1.5)
        assert terminal.leave() == 0


def test_an_unforeseen_exception_leaves_a_clean_terminal_a_sentence_and_no_locals(tmp_path: Path) -> None:
    with Terminal(["-c", CRASHING], environment={"COCKPIT_STATE_HOME": str(tmp_path)}) as terminal:
        terminal.until_text("PRODUCTION")
        terminal.press("r")
        assert terminal.wait() == 70
        assert LEAVES_SCREEN in terminal.bytes
        said = terminal.bytes[terminal.bytes.rindex(LEAVES_SCREEN) :].decode()
        assert "fault of its own (RuntimeError)" in said
        assert "Traceback" not in said
        everything = terminal.bytes.decode(errors="replace")
        (crash,) = (tmp_path / "crashes").iterdir()
        for text in (everything, crash.read_text()):
            assert "canary" not in text
            assert "AKIAABCDEFGHIJKLMNOP" not in text
        assert "in fault" in crash.read_text(), "the place is named"
        assert crash.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_place_its_cursor_is_refused(term: str, tmp_path: Path) -> None:
    with Terminal(
        ["-m", "tui.cli", "prod"], environment={"TERM": term, "COCKPIT_STATE_HOME": str(tmp_path)}
    ) as terminal:
        assert terminal.wait(20) == 2
        assert "TERM is" in terminal.text
        assert b"\x1b" not in terminal.bytes


@pytest.mark.parametrize("arguments", [("prod",), (), ("demo",)])
def test_without_a_terminal_the_screen_never_starts(arguments: tuple[str, ...]) -> None:
    done = _run(*arguments, TERM="xterm")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert done.stdout == ""
    assert "\x1b" not in done.stderr


def test_an_unknown_environment_is_answered_with_the_nearest(tmp_path: Path) -> None:
    done = _run("produktion", COCKPIT_STATE_HOME=str(tmp_path), TERM="xterm")
    assert done.returncode == 2
    assert "production" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_word_that_is_nearly_a_command_is_answered_with_the_command() -> None:
    done = _run("statsu")
    assert done.returncode == 2
    assert "cockpit status" in done.stderr


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
def test_hostile_data_never_acts_on_the_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    program = str(Path(__file__).with_name("hostile_app.py"))
    with Terminal([program], size=size, environment={"COCKPIT_STATE_HOME": str(tmp_path)}) as terminal:
        terminal.until_text("the end of it")
        terminal.press("g")  # to the oldest line: the corpus itself
        terminal.pump(1.0)
        for _ in range(20):
            terminal.press("\x1b[6~")  # page down
            terminal.pump(0.1)
        terminal.insist("3", lambda: "unfold" in terminal.text)
        terminal.press("gw")  # the corpus again, wrapped, with a line unfolded here and there
        for _ in range(12):
            terminal.press("\r\x1b[6~")
            terminal.pump(0.1)
        terminal.insist("=", lambda: "Errors by kind" in terminal.text)
        terminal.insist("\x1b", lambda: "Errors by kind" not in terminal.text)
        terminal.insist("?", lambda: "Keys" in terminal.text)
        terminal.press("\x1b")
        terminal.pump(0.5)
        assert terminal.leave() == 0
    assert foreign(terminal.bytes) == []
    assert terminal.screen.title in ("", ";default")  # pyte takes the pointer's shape for a title
    assert b"owned" in terminal.bytes, "the hostile text was really shown"


@pytest.mark.parametrize("sent", [b"\x1b]0;owned\x07", b"\x1b[2J", b"a\x00b", b"\xc2\x9b2J", "\u202eevil".encode()])
def test_a_foreign_byte_would_be_seen(sent: bytes) -> None:
    assert foreign(b"\x1b[31mtext" + sent + b"\x1b[0m")


def test_thousands_of_hostile_lines_are_all_drawn_and_none_acts(tmp_path: Path) -> None:
    found = drawn(2_400, tmp_path, size=(120, 340))  # the bench draws a million
    assert (found.strings, found.missing, found.foreign) == (2_400, [], [])


@pytest.mark.parametrize("colour", ["1", ""])
def test_no_color_counts_only_when_it_is_not_empty(colour: str, tmp_path: Path) -> None:
    with Terminal(
        ["-m", "tui.cli", "prod", "--endpoint-url", NOBODY],
        environment={"COCKPIT_STATE_HOME": str(tmp_path), "NO_COLOR": colour},
    ) as terminal:
        terminal.until_text("PRODUCTION")
        terminal.pump(0.3)
        assert terminal.leave() == 0
    used = {match.groups() for match in re.finditer(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.bytes)}
    grey = all(red == green == blue for red, green, blue in used)
    assert grey == bool(colour)
    assert "PRODUCTION" in terminal.bytes.decode(errors="replace"), "the environment is a word, not only a colour"


@pytest.mark.parametrize("locale", [{"COCKPIT_ASCII": "1"}, {"PYTHONIOENCODING": "iso-8859-1"}])
def test_a_terminal_without_unicode_gets_ascii_alone_dialogs_included(tmp_path: Path, locale: dict[str, str]) -> None:
    with Terminal(
        ["-m", "tui.cli", "prod", "--endpoint-url", NOBODY], environment={"COCKPIT_STATE_HOME": str(tmp_path), **locale}
    ) as terminal:
        terminal.until_text("STALE")
        terminal.until_text("+- Logs")
        terminal.insist("?", lambda: "+- Keys" in terminal.text)
        assert terminal.bytes.isascii()
        terminal.press("\x1b")
        terminal.pump(0.3)
        assert terminal.leave() == 0
        assert b"\\x" not in terminal.bytes and b"\\u" not in terminal.bytes
