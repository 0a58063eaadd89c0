"""`cockpit demo`: a simulated account in a process of its own, and the screen on it; both end together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING

import click
import msgspec

from services.clock import RealClock
from services.problems import ConfigurationError
from tui.commands.common import Common, chosen, common_options, equipped, load_settings

if TYPE_CHECKING:
    from services.settings.values import Environment

READY_WITHIN = 30.0
"""Seconds the simulated account has to say that it is ready; it needs about two."""

ENDS_WITHIN = 3.0
"""Seconds it has to end when asked to, before it is killed."""

ENVIRONMENT = "production"

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


@click.command(name="demo", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--scenario", default="bad-deploy", show_default=True, metavar="NAME", help="What goes wrong.")
@click.option(
    "--speed", default=12.0, show_default=True, type=click.FloatRange(min=0.1, max=240), help="How fast time goes."
)
@click.option("--seed", default=1, show_default=True, type=int, help="Same seed, same course of events.")
@common_options
def command(scenario: str, speed: float, seed: int, common: Common) -> int:
    """Open the screen on a simulated account: calm, then a bad deployment. Press R when it is red.

    Twelve seconds of the account pass in each of yours. Nothing outside this machine is touched.
    """
    from tui.launch import open_screen, require_terminal

    if common.endpoint_url:
        raise click.UsageError("the demo brings its own account; --endpoint-url is for `cockpit ENV`.")
    require_terminal()
    settings = load_settings(common)
    environment = chosen(settings, ENVIRONMENT)
    with (
        terminated_by_signals(),
        simulated_account(["--scenario", scenario, "--speed", str(speed), "--seed", str(seed)]) as ready,
    ):
        at = Common(ready.endpoint, common.config, common.read_only)
        return open_screen(settings, _there(environment, at, ready), lambda other: _there(other, at, ready))


class Ready(msgspec.Struct, frozen=True):
    """What a simulated account says of itself when it can be asked."""

    endpoint: str
    lease_table: str = ""


def _there(environment: Environment, at: Common, ready: Ready) -> Environment:
    """The environment in the demo's account, with the lease table of that."""
    return msgspec.structs.replace(equipped(environment, at), lease_table=ready.lease_table or environment.lease_table)


@contextlib.contextmanager
def terminated_by_signals() -> Iterator[None]:
    """A signal before the screen has its own handlers still ends the child: it becomes SystemExit."""

    def ended(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    former = {number: signal.signal(number, ended) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def simulated_account(options: Sequence[str]) -> Iterator[Ready]:
    """A simulated account while the block runs; gives what it says of itself.

    It is ended when the block is left, and by the kernel when we are killed. Raises ConfigurationError with its own
    words when it does not come up.
    """
    sys.stderr.write("Starting the simulated account …\n")
    sys.stderr.flush()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module, no shell
            [sys.executable, "-P", "-m", "tui.cli", "simulate", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_child_environment(),
            preexec_fn=_dying_with_parent(),
            start_new_session=True,
        )
        try:
            yield _ready(child, said)
        finally:
            _end(child)


def _child_environment() -> dict[str, str]:
    """Our own code first on the path: `-P` leaves the working folder out, and we may run from a checkout."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path}


def _dying_with_parent() -> Callable[[], object] | None:
    """What the child does first: ask Linux to end it when its parent dies, however that dies. Elsewhere nothing."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        return partial(library.prctl, _PR_SET_PDEATHSIG, int(signal.SIGTERM))
    except (OSError, AttributeError):
        return None


def _ready(child: subprocess.Popen[bytes], errors: IO[bytes]) -> Ready:
    """Read the child's one line; raise ConfigurationError with its own words when it ends instead."""
    assert child.stdout is not None
    clock = RealClock()
    deadline = clock.monotonic() + READY_WITHIN
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - clock.monotonic()
        if left <= 0:
            raise ConfigurationError(f"the simulated account did not come up within {READY_WITHIN:.0f} s.")
        if not select.select([child.stdout], [], [], min(left, 0.5))[0]:
            continue
        piece = os.read(child.stdout.fileno(), 65_536)
        if not piece:
            break
        line += piece
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(line, type=Ready)
    child.wait(ENDS_WITHIN)
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip()
    raise ConfigurationError(said.removeprefix("cockpit: ") or "the simulated account ended without a word.")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child: asked first, then killed."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout is not None:
        child.stdout.close()
