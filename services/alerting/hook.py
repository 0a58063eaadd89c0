"""The command that hears of an alert: a process of its own, no shell, and an end to it whatever it does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable

from services.alerting.outputs import Output
from services.safe_text import SafeText, safe


def start(output: Output, limit: float, failed: Callable[[SafeText], None]) -> None:
    """Run the command of `output` and return at once. `failed` is called on another thread with what went wrong."""

    def run() -> None:
        said = told(output, limit)
        if said:
            failed(said)

    threading.Thread(target=run, name="alert command", daemon=True).start()


def told(output: Output, limit: float) -> SafeText:
    """Run the command to its end, `limit` seconds of machine time at most; empty when it was well, else a sentence."""
    name = safe(output.command[0], 120)
    try:
        child = subprocess.Popen(  # noqa: S603 - the operator's own command, as a list, no shell
            output.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **output.variables},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return safe(f"{name} could not be started: {getattr(error, 'strerror', None) or error}", 300)
    try:
        child.communicate(output.payload, timeout=limit)
    except subprocess.TimeoutExpired:
        _kill(child)
        return safe(f"{name} was still running after {limit:g} s and was ended")
    if child.returncode < 0:
        return safe(f"{name} was ended by signal {-child.returncode}")
    return safe(f"{name} ended with {child.returncode}" if child.returncode else "")


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End it with everything that it has started; what it started may still hold its pipes, nobody waits for that."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()
