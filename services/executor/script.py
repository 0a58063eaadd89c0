"""`script.run`: a program of this machine, run once. What it writes goes into the journal as it comes.

Its exit status is all that can be known of it. One that ran while the executor died is never run again: whether it came
to its end nobody can read, and a second run may do harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from typing import Any, BinaryIO

from services.actions.script import DIGEST
from services.aws.session import Account
from services.executor.checking import fail, unchanged, void
from services.executor.holding import lost
from services.executor.record import Work
from services.executor.standing import Found, Standing
from services.model.entry import Outcome, Phase
from services.model.plan import Step
from services.safe_text import safe
from services.script_file import digest_of
from services.settings.values import Environment, EnvironmentKind

MOST_RECORDS = 400
"""Records of output that are kept one by one; of what comes after them the last lines are."""

LAST_LINES = 40
LINE_CELLS = 400
CHUNK = 16_384
LOOK_S = 0.2
"""Seconds of machine time between two looks at what it has written."""


class ScriptStep:
    """Reads whether the script is still the one the plan was made for."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        given = step.call.parameters
        argv = _argv(step)
        return {DIGEST: await asyncio.to_thread(digest_of, str(given.get("folder", "")), argv[0])}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"live": dict(step.before)}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        line = shlex.join(_argv(step))
        if "exit" not in known:
            return Found(Standing.UNKNOWN, f"whether {line} came to its end is not known", {})
        standing = Standing.APPLIED if known["exit"] == 0 else Standing.NOT_APPLIED
        return Found(standing, f"{line} ended with exit status {known['exit']}", {"exit": known["exit"]})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"exit": reply.get("exit")}


async def run_script(work: Work, number: int, step: Step) -> Found | None:
    """Run it, or find out from the records what became of it. None: the operation has ended."""
    if work.newest(Phase.INTENT, step=number) is None:
        if not await unchanged(work, number, step):
            return None
        if reason := await lost(work):
            void(work, reason, step=number)
            return None
        return await _run(work, number, step)
    found = await ScriptStep().look_up(work.reader, step, work.known(number))
    return _judged(work, number, step, found)


async def _run(work: Work, number: int, step: Step) -> Found | None:
    line = shlex.join(_argv(step))
    call = step.call
    exact = {"service": call.service, "operation": call.operation, "region": call.region, "parameters": call.parameters}
    work.crash(number, "before-intent")
    work.record(Phase.INTENT, f"{line} is run", step=number, data={"call": exact, **work.fence})
    work.crash(number, "intent")
    try:
        process, written = await asyncio.to_thread(_started, work, number, step)
    except OSError as error:
        reason = f"{line} could not be started ({error.strerror or error})"
        work.record(Phase.REPLY, reason, step=number, data={"problem": reason})
        fail(work, f"{reason}. Nothing was changed", step=number)
        return None
    try:
        work.crash(number, "sent")
        status = await _followed(work, number, process, written)
    finally:
        written.close()
    work.record(Phase.REPLY, f"{line} ended with exit status {status}", step=number, data={"exit": status})
    work.crash(number, "reply")
    return _judged(work, number, step, await ScriptStep().look_up(work.reader, step, work.known(number)))


def _started(work: Work, number: int, step: Step) -> tuple[subprocess.Popen[bytes], BinaryIO]:
    """The program under way and what it writes: into a file, so that it lives on when the executor dies. Raises
    OSError."""
    descriptor = work.home.create(f"{work.operation}.{number}.output", os.O_RDWR | os.O_TRUNC)
    written = os.fdopen(descriptor, "rb")
    try:
        process = subprocess.Popen(  # noqa: S603 - the words of the confirmed plan, no shell
            _argv(step),
            cwd=str(step.call.parameters.get("folder") or "."),
            env=_variables(work.environment),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError:
        written.close()
        raise
    return process, written


def _judged(work: Work, number: int, step: Step, found: Found) -> Found | None:
    if found.standing is Standing.APPLIED:
        return found
    if found.standing is Standing.UNKNOWN:
        text = f"INCONCLUSIVE: {found.text}. It is not run again: look at the stack and at what the script wrote"
        work.record(Phase.DONE, text, step=number, outcome=Outcome.INCONCLUSIVE)
        return None
    last = _last(work, number)
    fail(work, f"{found.text}{f': {last}' if last else ''}", {"found": found.data}, step=number)
    return None


async def _followed(work: Work, number: int, process: subprocess.Popen[bytes], written: BinaryIO) -> int:
    """Its exit status once it has ended, what it wrote recorded on the way; one that takes too long is ended."""
    output = Output(work, number)
    place, deadline = 0, work.machine.monotonic() + work.pace.script_s
    while True:
        status = process.poll()
        while chunk := os.pread(written.fileno(), CHUNK, place):
            place += len(chunk)
            output.take(chunk)
        if status is not None:
            output.end()
            return status
        if work.machine.monotonic() > deadline:
            deadline = float("inf")
            _output(work, number, [f"it is ended: it took more than {work.pace.script_s / 60:.0f} minutes"])
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        await asyncio.sleep(LOOK_S)  # machine time: a program follows no simulated account's clock


class Output:
    """What a program writes, a record for each piece that comes; after MOST_RECORDS of them the last lines only."""

    def __init__(self, work: Work, number: int) -> None:
        self._work, self._number = work, number
        self._records = 0
        self._rest = b""
        self._unkept: list[str] = []

    def take(self, chunk: bytes) -> None:
        """The next piece; an unfinished line waits for its end."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > CHUNK:
            lines, self._rest = [*lines, self._rest], b""
        told = [_shown(one) for one in lines]
        if told and self._records < MOST_RECORDS:
            _output(self._work, self._number, told)
            self._records += 1
        else:
            self._unkept = [*self._unkept, *told][-LAST_LINES:]

    def end(self) -> None:
        """Nothing comes any more."""
        told = [*self._unkept, *([_shown(self._rest)] if self._rest else [])]
        if told:
            _output(self._work, self._number, told)


def _shown(line: bytes) -> str:
    return str(safe(line.decode("utf-8", "replace").rstrip("\r"), LINE_CELLS))


def _output(work: Work, number: int, lines: list[str]) -> None:
    shown = next((one for one in reversed(lines) if one.strip()), "")
    work.record(Phase.OUTPUT, shown, step=number, data={"output": lines})


def _last(work: Work, number: int) -> str:
    """The last line that it wrote."""
    told = work.newest(Phase.OUTPUT, step=number)
    return str(told.text) if told is not None else ""


def _argv(step: Step) -> list[str]:
    words = step.call.parameters.get("argv")
    return [str(one) for one in words] if isinstance(words, list | tuple) else []


def _variables(environment: Environment) -> dict[str, str]:
    """This process's own, with the environment's region and profile: a script that asks AWS asks the same account."""
    variables = {**os.environ, "AWS_REGION": environment.region, "AWS_DEFAULT_REGION": environment.region}
    if environment.profile:
        variables["AWS_PROFILE"] = environment.profile
    if environment.kind is EnvironmentKind.SANDBOX:
        variables["AWS_ENDPOINT_URL"] = environment.endpoint_url
    return variables
