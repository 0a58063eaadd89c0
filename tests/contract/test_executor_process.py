"""The executor as the process that it is: placed, detached, killed at every point, resumed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services.actions.guards import resource_of
from services.aws.session import Account
from services.clock import ScaledClock
from services.executor.crash import VARIABLE
from services.executor.orders import OrderRefused, executor_gone, place, resume
from services.journal.home import JournalHome
from services.journal.leases import Held, Holder, take_lease
from services.journal.reading import Beat, read_operation, read_records
from services.journal.who import actor
from services.model.entry import Actor, Operation, Outcome, Phase
from services.model.plan import Plan
from services.safe_text import SafeText
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import (
    SETTINGS,
    environment_at,
    invalidation,
    patient,
    planned,
    rollback,
    situation_of,
)
from tests.simulated_support import START, boto, simulated
from tui.restoring import restoration

SPEED = 600.0
LIMIT_S = 100.0
"""Machine seconds after which a condition that must come is called missing."""

WHO = Actor(os_user="oncall", host="bastion")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """The bad deploy at high speed; one account for all, each test puts LIVE back to v42."""
    with simulated("bad-deploy", clock=ScaledClock(START, SPEED)) as opened:
        yield opened


class Bench:
    """One test's journal, and the account with LIVE at v42."""

    def __init__(self, account: SimulatedAccount, path: Path) -> None:
        self.account, self.home = account, JournalHome(path / "journal")
        self.environment: Environment = environment_at(account)
        self.clock = account.clock
        self.before = 0

    async def ready(self) -> None:
        await self.until(lambda: self.clock.now() > START + timedelta(minutes=9))
        estate = self.account.state.estate.environment("production")
        client = boto(self.account, "lambda")
        client.update_alias(FunctionName=estate.function, Name="LIVE", FunctionVersion="42")
        self.before = self.updates

    @property
    def updates(self) -> int:
        return sum(call.operation == "UpdateAlias" for call in self.account.calls)

    @property
    def sends(self) -> int:
        return self.updates - self.before

    @property
    def live(self) -> str:
        estate = self.account.state.estate.environment("production")
        return str(boto(self.account, "lambda").get_alias(FunctionName=estate.function, Name="LIVE")["FunctionVersion"])

    async def place(self, plan: Plan) -> str:
        return await asyncio.to_thread(
            place,
            patient(plan),
            self.environment,
            actor("arn:aws:iam::1:user/x"),
            "a test",
            self.home,
            self.clock.now(),
        )

    async def resume(self, operation: str) -> None:
        await asyncio.to_thread(resume, operation, self.environment, WHO, self.home, self.clock.now())

    def read(self, operation: str) -> Operation:
        found = read_operation(self.home, operation)
        assert found is not None
        return found

    async def ended(self, operation: str) -> Operation:
        await self.until(lambda: not self.read(operation).open and executor_gone(self.home, operation))
        return self.read(operation)

    async def until(self, condition: Callable[[], bool | Awaitable[bool]]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                await asyncio.sleep(0.02)

    def pid(self, operation: str) -> int:
        return msgspec.json.decode(self.home.read(f"{operation}.beat"), type=Beat).pid


def web_bucket(bench: Bench) -> str:
    return str(bench.account.state.estate.environment("production").bucket)


def publish(bench: Bench, keys: list[str], body: bytes) -> None:
    s3 = boto(bench.account, "s3")
    for key in keys:
        s3.put_object(Bucket=web_bucket(bench), Key=key, Body=body)


def copies(bench: Bench, keys: list[str]) -> int:
    """Copies that were applied, of any of these."""
    return sum(
        call.operation == "CopyObject" and call.status == 200 and call.parameters["Key"] in set(keys)
        for call in bench.account.calls
    )


async def content_as_of(bench: Bench, moment: datetime) -> Plan:
    """A restoration of the web bucket, its manifest written."""
    situation = await situation_of(bench.environment, bench.clock)
    account = Account(bench.environment, bench.clock)
    try:
        found = await restoration(situation, bench.environment, SETTINGS, bench.clock, moment, home=bench.home)(account)
    finally:
        await account.close()
    return planned(found)


def kinship(pid: int) -> tuple[int, int, int, set[str]]:
    """Parent, session and terminal of a process, and what its first three descriptors are."""
    process = Path(f"/proc/{pid}")
    stat = (process / "stat").read_text().rpartition(") ")[2].split()
    files = {str((process / "fd" / str(number)).readlink()) for number in range(3)}
    return int(stat[1]), int(stat[3]), int(stat[4]), files


@pytest.fixture
async def bench(account: SimulatedAccount, tmp_path: Path) -> Bench:
    account.faults.clear()
    made = Bench(account, tmp_path)
    await made.ready()
    return made


async def test_an_order_is_carried_out_by_nobodys_child(bench: Bench) -> None:
    operation = await bench.place(await rollback(bench.environment, bench.clock))
    await bench.until(lambda: bench.read(operation).phase is not Phase.ORDERED)
    pid = bench.pid(operation)
    parent, session, terminal, files = kinship(pid)
    assert parent != os.getpid()
    assert session != os.getsid(0)
    assert terminal == 0
    assert files == {"/dev/null"}
    os.kill(pid, signal.SIGHUP)
    done = await bench.ended(operation)
    assert done.outcome is Outcome.RECOVERED
    assert (bench.sends, bench.live) == (1, "41")
    assert done.entries[0].actor is not None
    assert done.entries[0].reason == "a test"


@pytest.mark.parametrize("point", ["intent", "reply"])  # all points of all kinds: test_killed.py
async def test_killed_at_any_point_and_resumed_it_ends_the_same_with_one_send(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setenv(VARIABLE, f"0:{point}")
    operation = await bench.place(await rollback(bench.environment, bench.clock))
    monkeypatch.delenv(VARIABLE)
    await bench.until(lambda: executor_gone(bench.home, operation))
    killed = bench.read(operation)
    assert killed.open
    assert bench.sends == (0 if point in ("before-intent", "intent") else 1)
    assert (killed.switched is not None) is (point in ("applied", "verifying", "before-done"))
    await bench.resume(operation)
    done = await bench.ended(operation)
    assert done.outcome is Outcome.RECOVERED, done.text
    assert (bench.sends, bench.live) == (1, "41")
    assert not read_records(bench.home, operation).damage
    assert any(entry.text == "resumed by oncall on bastion" for entry in done.entries)


async def test_two_hundred_objects_killed_in_the_middle_are_each_copied_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"assets/{number:03d}.js" for number in range(200)]
    publish(bench, keys, b"good")
    good = bench.clock.now()
    await bench.until(lambda: bench.clock.now() > good + timedelta(minutes=3))
    publish(bench, keys, b"worse")
    monkeypatch.setenv(VARIABLE, "0:half@1")
    operation = await bench.place(await content_as_of(bench, good + timedelta(seconds=60)))
    monkeypatch.delenv(VARIABLE)
    await bench.until(lambda: executor_gone(bench.home, operation))
    assert bench.read(operation).open
    assert bench.read(operation).progress == (128, 200)
    assert 128 < copies(bench, keys) <= 200
    await bench.resume(operation)
    assert (await bench.ended(operation)).outcome is Outcome.RECOVERED, bench.read(operation).text
    copied = [one.data["progress"] for one in bench.read(operation).entries if "progress" in one.data]
    assert copied[-1] == [200, 200], "then minutes are counted"
    assert copies(bench, keys) == 200
    s3, bucket = boto(bench.account, "s3"), web_bucket(bench)
    assert {s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys[::10]} == {b"good"}


async def test_crash_points_are_for_sandboxes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from services.executor.crash import crash_point

    monkeypatch.setenv(VARIABLE, "0:intent")
    crash_point(Environment(name="production", stack="s", region="us-west-2"))(0, "intent")


async def test_while_one_acts_a_second_order_on_the_same_alias_learns_who(bench: Bench) -> None:
    plan = patient(await rollback(bench.environment, bench.clock))
    bench.account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.SLOW_BODY, seconds=0.01))
    operation = await bench.place(plan)
    with pytest.raises(Held, match=operation):
        await bench.place(plan)
    with pytest.raises(Held):
        await bench.resume(operation)
    done = await bench.ended(operation)
    assert done.outcome is Outcome.RECOVERED
    assert bench.sends == 1


async def test_of_orders_at_the_same_instant_exactly_one_wins(bench: Bench) -> None:
    plan = patient(await rollback(bench.environment, bench.clock))
    # Until all six have tried, the first to win is at work: what ends within a second frees the alias again.
    bench.account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.SLOW_BODY, seconds=0.02))
    barrier = threading.Barrier(6)
    won: list[str] = []
    lost: list[Held] = []

    def press() -> None:
        barrier.wait()
        try:
            won.append(place(plan, bench.environment, WHO, "", bench.home, bench.clock.now()))
        except Held as held:
            lost.append(held)

    await asyncio.gather(*(asyncio.to_thread(press) for _ in range(6)))
    assert (len(won), len(lost)) == (1, 5)
    assert (await bench.ended(won[0])).outcome is Outcome.RECOVERED
    assert bench.sends == 1


async def test_an_ended_operation_is_not_resumed(bench: Bench) -> None:
    operation = await bench.place(await invalidation(bench.environment, bench.clock, "/a"))
    await bench.ended(operation)
    with pytest.raises(OrderRefused, match="has ended: COMPLETED"):
        await bench.resume(operation)
    with pytest.raises(OrderRefused, match="no operation"):
        await bench.resume("0" * 26)


@pytest.mark.parametrize("why", ["read-only", "expired", "other environment", "secret"])
async def test_what_must_not_be_ordered_is_refused_with_nothing_written(bench: Bench, why: str) -> None:
    plan, environment = await invalidation(bench.environment, bench.clock, "/a"), bench.environment
    if why == "read-only":
        environment = msgspec.structs.replace(environment, read_only=True)
    elif why == "expired":
        plan = msgspec.structs.replace(plan, expires=plan.made - timedelta(seconds=1))
    elif why == "other environment":
        environment = environment_at(bench.account, "staging")
    else:
        plan = await invalidation(bench.environment, bench.clock, "/a?token=abcdef")
    with pytest.raises(OrderRefused):
        await asyncio.to_thread(place, plan, environment, WHO, "", bench.home, bench.clock.now())
    assert bench.home.names() == ()


async def test_an_executor_that_cannot_be_started_leaves_a_void_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = patient(await rollback(bench.environment, bench.clock))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OrderRefused, match="could not be started"):
        await bench.place(plan)
    monkeypatch.undo()
    (order,) = [name for name in bench.home.names() if name.endswith(".order.jsonl")]
    found = bench.read(order.removesuffix(".order.jsonl"))
    assert found.outcome is Outcome.VOID
    assert bench.sends == 0


async def test_asked_to_end_while_judging_it_leaves_the_operation_open(bench: Bench) -> None:
    operation = await bench.place(await rollback(bench.environment, bench.clock))
    await bench.until(lambda: bench.read(operation).phase is Phase.VERIFYING)
    os.kill(bench.pid(operation), signal.SIGTERM)
    await bench.until(lambda: executor_gone(bench.home, operation))
    assert bench.read(operation).open
    await bench.resume(operation)
    assert (await bench.ended(operation)).outcome is Outcome.RECOVERED
    assert bench.sends == 1


PLACER = """
import sys
from datetime import datetime
from pathlib import Path
import msgspec
from services.executor.orders import place
from services.journal.home import JournalHome
from services.journal.who import actor
from services.model.plan import Plan
from services.safe_text import SafeText
from services.settings.values import Environment
plan, environment = (msgspec.json.decode(text, type=kind) for text, kind in zip(sys.argv[1:3], (Plan, Environment)))
print(place(plan, environment, actor(), "a test", JournalHome(Path(sys.argv[3])), plan.made), flush=True)
sys.stdin.read()
"""


async def test_killing_the_one_who_ordered_changes_nothing(bench: Bench) -> None:
    """The screen, its whole process group, dies by SIGKILL as soon as the order is placed."""
    plan = patient(await rollback(bench.environment, bench.clock))
    values = (msgspec.json.encode(plan).decode(), msgspec.json.encode(bench.environment).decode())
    screen = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PLACER, *values, str(bench.home.path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert screen.stdout is not None
        operation = (await asyncio.wait_for(screen.stdout.readline(), LIMIT_S)).decode().strip()
    finally:
        os.killpg(screen.pid, signal.SIGKILL)
        await screen.communicate()
    assert bench.read(operation).open
    done = await bench.ended(operation)
    assert (done.outcome, bench.sends, bench.live) == (Outcome.RECOVERED, 1, "41")


async def test_a_hanging_executor_keeps_its_operation_but_not_the_alias_it_only_watches(bench: Bench) -> None:
    """Stopped while it judges: nobody else takes the operation up, yet the next rollback need not wait for it."""
    plan = patient(await rollback(bench.environment, bench.clock))
    operation = await bench.place(plan)
    await bench.until(lambda: bench.read(operation).phase is Phase.VERIFYING)
    pid = bench.pid(operation)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert bench.read(operation).open
        assert not executor_gone(bench.home, operation)
        with pytest.raises(Held):
            await bench.resume(operation)
        resource = resource_of(plan.steps[0].call.parameters)
        take_lease(bench.home, "production", resource, Holder("X" * 26, SafeText("bob"), bench.clock.now())).release()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert (await bench.ended(operation)).outcome is Outcome.RECOVERED
