"""`cockpit simulate`: the simulated account on loopback, until it is ended."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING

import click

from services.problems import ConfigurationError

if TYPE_CHECKING:
    from services.simulated.account import SimulatedAccount

INTERRUPTED = 130

CLOSES_WITHIN = 2.0
"""Machine seconds for the account to close its connections; its threads end with the process anyway."""

FASTEST = 1_000.0
"""Above this a minute passes between two polls of anything."""


@click.command(name="simulate", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", default=0, type=click.IntRange(0, 65_535), help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--scenario", default="calm", show_default=True, metavar="NAME", help="What happens in the account.")
@click.option("--seed", default=1, show_default=True, type=int, help="Same seed, same account.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, FASTEST, min_open=True),
    help="Seconds of the account's time per second.",
)
@click.option("--start", default="", metavar="ISO-TIME", help="The account's time at the start; now if left out.")
@click.option(
    "--lines-per-second",
    default=0,
    type=click.IntRange(0, 100_000),
    metavar="N",
    help="Flood production's four logs with so many lines together, some huge, some hostile.",
)
@click.option(
    "--functions",
    default=6,
    show_default=True,
    type=click.IntRange(1, 1_000),  # CloudFormation takes 500 resources a stack; a thousand is more than enough
    help="How many functions the account's second application has.",
)
def command(
    port: int, scenario: str, seed: int, speed: float, start: str, lines_per_second: int, functions: int
) -> int:
    """Serve an AWS account that holds EC2 Manager in production, staging and dev, on this machine alone.

    It holds one more stack, OrderDesk-production in eu-central-1: an HTTP API, as many functions as --functions says,
    tables with indexes, two sign-in clients, no content and no CDN.

    Prints one line of JSON with the endpoint when it is ready (and the lease table, where the scenario has one), and
    serves until it is ended. Point any AWS client
    at it: `aws --endpoint-url URL cloudformation describe-stacks`.
    """
    if math.isnan(speed):
        raise click.BadParameter("a speed is a number.", param_hint="'--speed'")
    began = _moment(start)
    account = _account(port, scenario, seed, speed, began, lines_per_second, functions)
    with _until_ended() as ending:
        _open(account)
        try:
            ready = {
                "endpoint": account.endpoint,
                "scenario": scenario,
                "seed": seed,
                "now": account.clock.now().isoformat(),
            }
            if account.lease_table:
                ready["lease_table"] = account.lease_table
            click.echo(json.dumps(ready))
            sys.stdout.flush()
            _silence_stdout()
            return ending.wait()
        finally:
            _close(account)


def _moment(text: str) -> datetime | None:
    """What `--start` says, aware; a time without an offset is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"--start {text!r} is no time in ISO form; write it like 2026-11-23T03:07:00Z."
        ) from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    if not datetime(2000, 1, 1, tzinfo=UTC) <= moment.astimezone(UTC) <= datetime(2100, 1, 1, tzinfo=UTC):
        raise ConfigurationError(f"--start {text!r} is out of reach; the account lives between 2000 and 2100.")
    return moment


def _account(
    port: int,
    scenario: str,
    seed: int,
    speed: float,
    start: datetime | None,
    lines_per_second: int,
    functions: int,
) -> SimulatedAccount:
    try:
        from services.simulated.account import SimulatedAccount
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the simulated account needs the package {error.name!r}, which is not installed; "
            "install it with: pip install 'ec2-manager-cockpit[simulated]'"
        ) from error
    return SimulatedAccount(
        scenario=scenario,
        seed=seed,
        speed=speed,
        start=start,
        port=port,
        lines_per_second=lines_per_second,
        functions=functions,
    )


def _open(account: SimulatedAccount) -> None:
    from services.simulated.account import PortTaken, UnknownScenario

    try:
        account.open()
    except UnknownScenario as error:
        raise ConfigurationError(f"{error}.") from error
    except PortTaken as error:
        raise ConfigurationError(f"{error}; choose another with --port, or leave it out for a free one.") from error


def _close(account: SimulatedAccount) -> None:
    """End the serving. A thread of the account that is busy when it is told to end does not hold the process up."""
    closing = threading.Thread(target=account.close, daemon=True)
    closing.start()
    closing.join(CLOSES_WITHIN)


class _Ending:
    """How the serving ends: SIGTERM and SIGHUP are an order (0), an interrupt is one (130).

    Waits on a pipe, because a handler may be interrupted by the next signal: the kernel tells of a parent's death more
    than once, and an Event that is set while it is being set waits for itself for ever.
    """

    def __init__(self) -> None:
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)

    def wait(self) -> int:
        """Until the first signal; the exit code it stands for."""
        return os.read(self._told, 1)[0]

    def close(self) -> None:
        os.close(self._told)
        os.close(self._tell)

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        code = INTERRUPTED if number == signal.SIGINT else 0
        with suppress(BlockingIOError):
            os.write(self._tell, bytes([code]))


@contextmanager
def _until_ended() -> Iterator[_Ending]:
    """Signals end the waiting while the block runs."""
    ending = _Ending()
    former = {number: signal.signal(number, ending) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield ending
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        ending.close()


def _silence_stdout() -> None:
    """Nothing may follow the one line: moto prints to standard output when it meets what it does not know."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
