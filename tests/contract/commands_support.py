"""The commands as processes of their own, against a simulated account that is a process too."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]
LIMIT_S = 90.0
"""A command that takes longer hangs."""


class Ended(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cockpit(msgspec.Struct, frozen=True):
    """A shell in which `cockpit` is run: one state folder, one account."""

    home: Path
    endpoint: str

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tui.cli", *words, "--endpoint-url", self.endpoint]

    @property
    def variables(self) -> dict[str, str]:
        return clean() | {"COCKPIT_STATE_HOME": str(self.home)}

    def run(self, *words: str) -> Ended:
        return self.run_with({}, *words)

    def run_with(self, variables: Mapping[str, str], *words: str) -> Ended:
        """The command, with these in its environment."""
        return self._ended(self.command(*words), variables)

    def alone(self, *words: str) -> Ended:
        """A command that asks no account and takes none of the common options."""
        return self._ended([sys.executable, "-m", "tui.cli", *words], {})

    def _ended(self, command: list[str], variables: Mapping[str, str]) -> Ended:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The command, running; both streams are pipes."""
        return subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def typed(self, early: str, answer: str, *words: str) -> tuple[int, str]:
        """The command on a terminal of its own: its exit code and what the terminal showed.

        `early` is typed before the command has said anything, `answer` when it asks to go ahead.
        """
        ours, its = pty.openpty()
        os.write(ours, early.encode())
        process = subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            env=self.variables,
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)
        shown, answered = bytearray(), False
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
                if not answered and b"to go ahead:" in shown:
                    answered = os.write(ours, f"{answer}\n".encode()) > 0
        except OSError:
            pass  # Linux says EIO when the last holder of the other side has gone
        finally:
            os.close(ours)
        return process.wait(LIMIT_S), shown.decode()


def clean() -> dict[str, str]:
    """The process's environment without what would steer the cockpit."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COCKPIT_", "AWS_"))}


@contextmanager
def simulated(home: Path, scenario: str, speed: float) -> Iterator[Cockpit]:
    """`cockpit simulate` for the length of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "simulate", "--scenario", scenario, "--speed", str(speed)],
        cwd=ROOT,
        env=clean(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Cockpit(home, json.loads(process.stdout.readline())["endpoint"])
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
