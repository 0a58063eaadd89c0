"""Ten thousand objects restored as of an instant: once through, once killed twice, beside `aws s3 sync` of the same."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median

import msgspec

from services.aws.content import held
from services.aws.endpoint import clock_at
from services.aws.session import Account
from services.executor.orders import executor_gone, place, resume
from services.journal.home import JournalHome
from services.journal.reading import Beat, read_operation
from services.journal.who import actor
from services.model.entry import Entry, Operation, Phase
from services.model.plan import Plan
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment
from tests.bench.telling import goal, ratio
from tests.contract.executor_support import SETTINGS, planned, situation_of

OBJECTS = 10_000
INTERRUPTED = (0.3, 0.7)
"""Shares of the objects that stand when the executor is killed."""

LIMIT_S = 1_800.0
"""Machine seconds after which a run is given up."""

GOOD, BAD = 2_000, 1_500
"""Bytes of an object before and after the bad publication; `aws s3 sync` leaves out what has the same size."""


class Took(msgspec.Struct, frozen=True):
    """What one of both took."""

    seconds: float
    """Machine time; waits for what a killed executor left on its way included."""
    cpu: float
    """Seconds of its own processes."""
    account: float
    """CPU seconds that the account spent on it: less than that no client can take, it is one process."""

    @property
    def told(self) -> str:
        return f"{self.seconds:6.1f} s, {self.cpu:5.1f} s of CPU, {self.account:5.1f} s of the account's"


class Run(msgspec.Struct, frozen=True):
    """One restoration, from the order until every object stands."""

    took: Took
    memory: float
    """MiB, the most that any of them held."""
    counts: int
    """Different counts of progress that the journal showed."""
    copies: str
    """What the journal says of the objects."""


def content(url: str, process: int, credentials: dict[str, str], objects: int = OBJECTS) -> None:
    """Print the figures; `url`: a calm account, in the process of that number."""
    print(f"{objects:,} objects restored as of an instant (the account at speed 10)")
    aws = shutil.which("aws")
    if aws is None:
        print("    no `aws` command here: nothing to compare with, and nothing that publishes (pip install awscli)")
        return
    environment = at_endpoint(find(load(), "production"), url)
    with tempfile.TemporaryDirectory() as folder:
        shelf = _Shelf(environment, Path(folder), [aws, "--endpoint-url", url], credentials, process)
        shelf.write(objects)
        shelf.sync("good")
        time.sleep(1.5)  # S3 tells whole seconds
        good = shelf.clock.now()
        time.sleep(1.5)
        theirs, runs = [], []
        for kills in ((), INTERRUPTED):
            theirs.append(shelf.sync("bad"))
            runs.append(shelf.restore(good, objects, kills))
    _say(theirs, runs)


def _say(theirs: list[Took], runs: list[Run]) -> None:
    for one in theirs:
        print(f"    aws s3 sync     {one.told}")
    for name, run in zip(("once through", "killed twice"), runs, strict=True):
        print(f"    {name}    {run.took.told}, {run.memory:.0f} MiB")
        print(f"                    progress told {run.counts} times; {run.copies}")
    seconds, cpu = median(one.seconds for one in theirs), median(one.cpu for one in theirs)
    ratio("once through / aws s3 sync", runs[0].took.seconds, seconds, 0.5)
    ratio("killed twice / aws s3 sync", runs[1].took.seconds, seconds, 0.5)
    ratio("CPU of the executor / of aws s3 sync", runs[0].took.cpu, cpu, 0.5)
    ratio("the account's own CPU for it / aws s3 sync", runs[0].took.account, seconds, 0.5)
    goal("memory of the executor", max(run.memory for run in runs), 150, "MiB")


class _Shelf:
    """Production's web bucket, what is published into it, and the executor that restores it."""

    def __init__(
        self, environment: Environment, folder: Path, aws: list[str], credentials: dict[str, str], account: int
    ) -> None:
        self.environment, self.folder, self._aws, self._account = environment, folder, aws, account
        self._variables = {**os.environ, **credentials, "AWS_CONFIG_FILE": os.devnull}
        self.clock = clock_at(environment)
        self.home = JournalHome(folder / "journal")
        situation = asyncio.run(situation_of(environment, self.clock))
        assert situation.parts.value is not None
        self.bucket = str(situation.parts.value.buckets[0])

    def write(self, objects: int) -> None:
        """Both releases, as files."""
        for name, size in (("good", GOOD), ("bad", BAD)):
            for number in range(objects):
                file = self.folder / name / f"{number % 100:02d}" / f"{number:05d}.js"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(f"{name} {number} ".encode().ljust(size, b"."))

    def sync(self, release: str) -> Took:
        """The runbook's own line, `aws s3 sync ./release s3://bucket/`."""
        account, before, began = _cpu(self._account), os.times(), time.perf_counter()
        line = [
            *self._aws,
            "s3",
            "sync",
            str(self.folder / release),
            f"s3://{self.bucket}/bench/",
            "--only-show-errors",
        ]
        subprocess.run(line, env=self._variables, check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return Took(time.perf_counter() - began, cpu, _cpu(self._account) - account)

    def restore(self, good: datetime, objects: int, kills: tuple[float, ...]) -> Run:
        """Order it, kill and resume the executor at these shares, and wait until every object stands."""
        plan = asyncio.run(self._plan(good))
        following = _Following(self.home, plan, objects)
        account, began = _cpu(self._account), time.perf_counter()
        following.operation = place(plan, self.environment, actor(), "a measure", self.home, self.clock.now())
        for share in kills:
            following.until(lambda one, share=share: one.progress[0] >= share * objects)  # type: ignore[misc]  # bound now
            following.kill()
            resume(following.operation, self.environment, actor(), self.home, self.clock.now())
        done = following.until(_restored)
        took = Took(time.perf_counter() - began, following.cpu, _cpu(self._account) - account)
        following.until(lambda one: not one.open and executor_gone(self.home, one.id))
        asyncio.run(self._checked(objects))
        text = next(str(entry.text) for entry in done.entries if _applied(entry))
        return Run(took, following.memory, len(following.counts), text.removeprefix("applied: "))

    async def _plan(self, good: datetime) -> Plan:
        from tui.restoring import restoration

        situation = await situation_of(self.environment, self.clock)
        account = Account(self.environment, self.clock)
        try:
            asked = restoration(situation, self.environment, SETTINGS, self.clock, good, home=self.home)
            return planned(await asked(account))
        finally:
            await account.close()

    async def _checked(self, objects: int) -> None:
        """By the account's own word: every object is a good one again."""
        account = Account(self.environment, self.clock)
        try:
            there = await held(account, self.bucket)
        finally:
            await account.close()
        good = sum(one.size == GOOD for key, one in there.items() if key.startswith("bench/"))
        assert good == objects, f"{good} of {objects} objects are good again"


class _Following:
    """An operation's journal and the executor's process, looked at until something is true of them."""

    def __init__(self, home: JournalHome, plan: Plan, objects: int) -> None:
        self._home, self.operation = home, ""
        self.counts: set[int] = set()
        self.memory = 0.0
        self._seconds: dict[int, float] = {}

    @property
    def cpu(self) -> float:
        return sum(self._seconds.values())

    def until(self, true: Callable[[Operation], bool]) -> Operation:
        """The operation when `true` of it."""
        began = time.perf_counter()
        while time.perf_counter() - began < LIMIT_S:
            found = read_operation(self._home, self.operation)
            if found is not None:
                self._look()
                self.counts.add(found.progress[0])
                if true(found):
                    return found
            time.sleep(0.25)
        raise TimeoutError(f"operation {self.operation} did not come so far within {LIMIT_S:g} s")

    def kill(self) -> None:
        """SIGKILL, and wait until the process has gone."""
        os.kill(self._pid(), signal.SIGKILL)
        while not executor_gone(self._home, self.operation):
            time.sleep(0.01)

    def _pid(self) -> int:
        return msgspec.json.decode(self._home.read(f"{self.operation}.beat"), type=Beat).pid

    def _look(self) -> None:
        """Memory and CPU of the executor that lives."""
        try:
            process = self._pid()
            status = Path(f"/proc/{process}/status").read_text()
            self._seconds[process] = _cpu(process)
        except (OSError, msgspec.DecodeError):
            return  # not begun, or gone
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
        self.memory = max(self.memory, int(peak) / 1024)


def _cpu(process: int) -> float:
    """CPU seconds of a process so far. Raises OSError when it has gone."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _restored(operation: Operation) -> bool:
    applied = any(_applied(entry) for entry in operation.entries)
    if operation.outcome is not None and not applied:
        raise RuntimeError(f"the restoration ended: {operation.text}")
    return applied


def _applied(entry: Entry) -> bool:
    return entry.phase is Phase.RECONCILED and entry.step == 0 and entry.data.get("standing") == "applied"
