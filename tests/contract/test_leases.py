"""The lease between operators on different machines: a table of the account, and nothing that they share besides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from services.actions.guards import resource_of
from services.aws.footing import footing
from services.aws.session import Account
from services.clock import ManualClock
from services.executor.crash import CrashPoint
from services.executor.pace import Pace
from services.executor.taking_up import take_up
from services.model.entry import Outcome, Phase
from services.model.plan import Plan
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import NO_WAITING, Desk, rollback, text_of
from tests.contract.lease_support import LASTING, QUICK, TABLE, LeaseTable, with_table
from tests.simulated_support import boto, manual, simulated


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """A quarter of an hour after the bad deploy, with a lease table; each test puts LIVE back to v42."""
    with simulated("bad-deploy") as opened:
        manual(opened).advance(15 * 60)
        LeaseTable(opened).create()
        yield opened


@pytest.fixture
def table(account: SimulatedAccount) -> LeaseTable:
    account.faults.clear()
    table = LeaseTable(account)
    for resource in table.rows():
        table.remove(resource)
    function = account.state.estate.environment("production").function
    boto(account, "lambda").update_alias(FunctionName=function, Name="LIVE", FunctionVersion="42")
    return table


@pytest.fixture
def desk(account: SimulatedAccount, table: LeaseTable, tmp_path: Path) -> Desk:
    return with_table(Desk(account, tmp_path / "alice"))


class Counted:
    """UpdateAlias calls from here on."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._before = desk, desk.sends()

    def __call__(self) -> int:
        return self._desk.sends() - self._before


async def going(
    desk: Desk, operation: str, pace: Pace, crash: CrashPoint | None = None, meanwhile: Callable[[], None] | None = None
) -> Outcome | None:
    """Carried out until it is applied or has ended; `meanwhile` is done each time that one looks."""
    task = asyncio.ensure_future(take_up(desk.home, operation, clock=desk.clock, pace=pace, crash=crash))
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=0.01)
            if desk.read(operation).phase is Phase.VERIFYING:
                return None
            if meanwhile is not None:
                meanwhile()
            if desk.clock.sleepers:
                desk.clock.advance(15)
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def resource(plan: Plan) -> str:
    return resource_of(plan.steps[0].call.parameters)


async def test_it_is_taken_before_the_world_is_read_renewed_while_it_runs_and_let_go_when_applied(
    desk: Desk, table: LeaseTable
) -> None:
    plan = await rollback(desk.environment, desk.clock)
    operation, sends = desk.order(plan), Counted(desk)
    seen: list[dict[str, dict[str, str]]] = []

    def crash(step: int, point: str) -> None:
        if point == "intent":
            seen.append(table.row(resource(plan)))

    assert await going(desk, operation, LASTING, crash) is None
    assert desk.phases(operation)[:4] == ["ordered", "started", "leased", "snapshot"]
    entries = {entry.phase: entry for entry in desk.read(operation).entries}
    fence = {resource(plan): 1}
    assert entries[Phase.LEASED].data["fences"] == fence
    assert entries[Phase.INTENT].data["fence"] == fence
    assert seen[0]["operation"]["S"] == operation
    assert int(seen[0]["beat"]["N"]) >= 1, "asked for right before the call"
    assert set(table.row(resource(plan))) == {"resource", "fence", "beat", "expires"}, "let go of, the fence stays"
    assert sends() == 1


async def test_a_missing_table_is_refused_with_the_lines_that_create_it_and_never_made(desk: Desk) -> None:
    desk.environment = msgspec.structs.replace(desk.environment, lease_table="not-there")
    operation, sends = desk.order(await rollback(desk.environment, desk.clock)), Counted(desk)
    assert await going(desk, operation, LASTING) is Outcome.VOID
    text = desk.read(operation).text
    assert "there is no lease table not-there in us-west-2" in text
    assert "aws dynamodb create-table --region us-west-2 --table-name not-there" in text
    assert "--key-schema AttributeName=resource,KeyType=HASH" in text
    assert "not-there" not in boto(desk.account, "dynamodb").list_tables()["TableNames"]
    assert sends() == 0


async def test_a_table_of_another_shape_is_refused_and_left_as_it_is(desk: Desk) -> None:
    name = desk.account.state.estate.environment("production").table
    desk.environment = msgspec.structs.replace(desk.environment, lease_table=name)
    operation, sends = desk.order(await rollback(desk.environment, desk.clock)), Counted(desk)
    assert await going(desk, operation, LASTING) is Outcome.VOID
    assert "is not a lease table" in desk.read(operation).text
    assert sends() == 0


async def test_somebody_who_is_alive_is_named_with_what_and_since_when(desk: Desk, table: LeaseTable) -> None:
    plan = await rollback(desk.environment, desk.clock)
    table.put(resource(plan), since="2026-11-23T03:12:40+00:00")
    operation, sends = desk.order(plan), Counted(desk)
    assert await going(desk, operation, LASTING, meanwhile=lambda: table.beat(resource(plan))) is Outcome.VOID
    text = desk.read(operation).text
    assert "bob on laptop since 03:12:40Z: Roll back LIVE" in text
    assert "is alive" in text
    assert "Nothing was changed" in text
    assert sends() == 0
    assert table.row(resource(plan))["token"]["S"] == "theirs"


async def test_a_holder_that_died_is_waited_for_by_our_own_clock_and_gets_a_higher_fence_behind_it(
    desk: Desk, table: LeaseTable
) -> None:
    """Its instant lies in the future: what another machine's clock said plays no part."""
    plan = await rollback(desk.environment, desk.clock)
    table.put(resource(plan), fence=7, since="2031-01-01T00:00:00+00:00", expires="1")
    operation, sends = desk.order(plan), Counted(desk)
    assert await going(desk, operation, QUICK) is None
    entries = {entry.phase: entry for entry in desk.read(operation).entries}
    assert "seeing whether that is alive" in entries[Phase.PAUSED].text
    assert entries[Phase.INTENT].data["fence"] == {resource(plan): 8}
    assert sends() == 1


@pytest.mark.parametrize("how", ["taken over", "removed"])
async def test_a_lease_that_was_lost_stops_it_before_the_call_and_says_who_has_it(
    desk: Desk, table: LeaseTable, how: str
) -> None:
    plan = await rollback(desk.environment, desk.clock)
    operation, sends = desk.order(plan), Counted(desk)

    def crash(step: int, point: str) -> None:
        if point == "before-intent":
            table.remove(resource(plan))
            if how == "taken over":
                table.put(resource(plan), fence=2)

    assert await going(desk, operation, LASTING, crash) is Outcome.VOID
    text = desk.read(operation).text
    assert ("is now bob on laptop" if how == "taken over" else "was taken away by hand") in text
    assert "Nothing was changed" in text
    assert sends() == 0
    assert "intent" not in desk.phases(operation)
    if how == "taken over":
        assert table.row(resource(plan))["token"]["S"] == "theirs", "what is another's is not let go of by us"


async def test_a_lease_not_renewed_in_time_holds_the_call_back_until_it_is_known_to_be_ours(
    desk: Desk, table: LeaseTable
) -> None:
    """The machine slept between the last renewal and the call."""
    machine = ManualClock(desk.clock.now())
    plan = await rollback(desk.environment, desk.clock)
    operation, sends = desk.order(plan), Counted(desk)
    slept: list[int] = []

    def crash(step: int, point: str) -> None:
        if point == "intent" and not slept:
            slept.append(sends())
            machine.advance(20)

    task = take_up(desk.home, operation, clock=desk.clock, pace=NO_WAITING, crash=crash, machine=machine)
    await driven(desk, operation, task)
    told = [str(entry.text) for entry in desk.read(operation).entries if entry.phase is Phase.REPLY]
    assert told == [
        "the lease was not renewed in time, so the call was not sent",
        "UpdateAlias was accepted",
    ]
    assert (slept, sends()) == ([0], 1)


async def driven(desk: Desk, operation: str, work: Awaitable[Outcome | None]) -> None:
    """Until it is applied or has ended."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done() and desk.read(operation).phase is not Phase.VERIFYING:
            await asyncio.wait({task}, timeout=0.01)
            if desk.clock.sleepers:
                desk.clock.advance(15)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE, FaultKind.THROTTLE])
async def test_a_table_that_fails_for_a_moment_only_delays_it(desk: Desk, table: LeaseTable, kind: FaultKind) -> None:
    plan = await rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("dynamodb", "UpdateItem", kind, times=2))
    operation, sends = desk.order(plan), Counted(desk)
    assert await going(desk, operation, LASTING) is None
    assert sends() == 1


async def test_another_account_s_table_is_never_written_to(desk: Desk, table: LeaseTable) -> None:
    plan = msgspec.structs.replace(await rollback(desk.environment, desk.clock), account="999999999999")
    operation, sends = desk.order(plan), Counted(desk)
    assert await going(desk, operation, LASTING) is Outcome.VOID
    assert "999999999999" in desk.read(operation).text
    assert (table.rows(), sends()) == ({}, 0)


async def test_read_only_does_not_even_take_a_lease(desk: Desk, table: LeaseTable) -> None:
    desk.environment = msgspec.structs.replace(desk.environment, read_only=True)
    operation = desk.order(await rollback(desk.environment, desk.clock))
    assert await going(desk, operation, LASTING) is Outcome.VOID
    assert table.rows() == {}


async def test_of_two_on_different_machines_one_acts_and_the_other_s_plan_is_void(
    desk: Desk, table: LeaseTable, tmp_path: Path
) -> None:
    other = with_table(Desk(desk.account, tmp_path / "bob"))
    plan = await rollback(desk.environment, desk.clock)
    sends = Counted(desk)
    first, second = desk.order(plan), other.order(plan)
    await asyncio.gather(going(desk, first, LASTING), going(other, second, LASTING))
    outcomes = {one.read(operation).outcome for one, operation in ((desk, first), (other, second))}
    assert outcomes == {None, Outcome.VOID}
    assert sends() == 1
    loser = other if other.read(second).outcome is Outcome.VOID else desk
    text = text_of(loser.read(second if loser is other else first), Phase.VOID)
    assert "is alive" in text or "changed since the plan was made" in text


async def test_readiness_names_who_holds_what_and_what_creates_a_missing_table(desk: Desk, table: LeaseTable) -> None:
    table.put("lambda fn:LIVE", since="2026-11-23T03:12:40+00:00")
    for name in (TABLE, "not-there"):
        asked = Account(msgspec.structs.replace(desk.environment, lease_table=name), desk.clock)
        try:
            found = await footing(asked, None, {}, "", "LIVE")
        finally:
            await asked.close()
        if name == TABLE:
            (holder,) = found.lease_holders
            assert holder.startswith("bob on laptop since 03:12:40Z: Roll back LIVE (operation B")
            assert holder.endswith("holds lambda fn:LIVE")
        else:
            assert found.lease_problem is not None
            assert "aws dynamodb create-table" in found.lease_problem.remedy


async def test_what_a_killed_life_held_is_taken_up_at_once_by_its_resume(desk: Desk, table: LeaseTable) -> None:
    plan = await rollback(desk.environment, desk.clock)
    operation, sends = desk.order(plan), Counted(desk)
    table.put(resource(plan), fence=4, operation=operation, token="an earlier life's")
    assert await going(desk, operation, LASTING) is None
    assert "paused" not in desk.phases(operation)
    assert table.row(resource(plan))["fence"]["N"] == "5"
    assert sends() == 1
