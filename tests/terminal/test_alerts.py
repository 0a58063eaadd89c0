"""What a terminal hears of alerts: the bell and the desktop notification, as bytes, once for each alert."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.pty_support import Terminal

PROGRAM = str(Path(__file__).with_name("ringing_app.py"))

TOLD = "production: DynamoDB Throttling: 1 throttle event in 5 min"
RAW = f"\x1b]9;{TOLD}\x07".encode()
WRAPPED = f"\x1bPtmux;\x1b\x1b]9;{TOLD}\x07\x1b\\".encode()


def _bells(sent: bytes) -> int:
    """BEL that rings: not one that ends a sequence."""
    return sent.replace(WRAPPED, b"").replace(RAW, b"").replace(b"\x1b]22;default\x07", b"").count(b"\x07")


def _next(terminal: Terminal, *texts: str) -> None:
    terminal.insist("r", lambda: all(text in terminal.text for text in texts))


@pytest.mark.runbook("R061")
@pytest.mark.parametrize(("variables", "expected"), [({}, RAW), ({"TMUX": "/tmp/tmux-0/default,1,0"}, WRAPPED)])
def test_an_alert_rings_once_and_a_flap_and_a_restart_ring_nothing(
    tmp_path: Path, variables: dict[str, str], expected: bytes
) -> None:
    environment = {"COCKPIT_STATE_HOME": str(tmp_path), **variables}
    with Terminal([PROGRAM], environment=environment) as terminal:
        terminal.until_text("1 ALERT UNACKNOWLEDGED")
        terminal.until(lambda: expected in terminal.bytes)
        terminal.until(lambda: _bells(terminal.bytes) == 1)
        _next(terminal, "All five key metrics normal")
        _next(terminal, "WARN", "1 ALERT UNACKNOWLEDGED")
        assert (_bells(terminal.bytes), terminal.bytes.count(expected)) == (1, 1), "a flap is the same alert"
        _next(terminal, "All five key metrics normal")
        terminal.insist("r", lambda: "UNACKNOWLEDGED" not in terminal.text)
        _next(terminal, "1 ALERT UNACKNOWLEDGED")
        terminal.until(lambda: terminal.bytes.count(expected) == 2)
        assert _bells(terminal.bytes) == 2, "another alert rings anew"
        assert terminal.leave() == 0
    with Terminal([PROGRAM, "5"], environment=environment) as terminal:
        terminal.until_text("1 ALERT UNACKNOWLEDGED")
        terminal.insist("a", lambda: "UNACKNOWLEDGED" not in terminal.text)
        assert terminal.leave() == 0
        assert (_bells(terminal.bytes), terminal.bytes.count(expected)) == (0, 0), "it was open before"
