"""Credentials that run out in the middle of an operation: it waits, says what renews them, and goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from services.aws.identity import whoami
from services.aws.session import Account
from services.executor.credentials import renewable
from services.executor.pace import Pace
from services.executor.taking_up import take_up
from services.model.entry import Operation, Outcome, Phase
from services.model.identity import Identity
from services.settings.values import Environment, EnvironmentKind
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import NO_WAITING, Desk, invalidation, rollback, text_of
from tests.contract.stage_support import StageAt
from tests.contract.test_executor_layers import both
from tests.simulated_support import boto, manual, simulated

PATIENT = msgspec.structs.replace(NO_WAITING, read_gap_s=0.02)


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """A quarter of an hour after the bad deploy."""
    with simulated("bad-deploy") as opened:
        manual(opened).advance(15 * 60)
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    return Desk(account, tmp_path)


class Killed(BaseException):
    """What kill -9 is to a task."""


def expire(desk: Desk, service: str = "*", operation: str = "*") -> None:
    """From now on the account takes these credentials for run out."""
    desk.account.faults.add(Fault(service, operation, FaultKind.EXPIRED, times=None))


async def watched(
    desk: Desk, operation: str, seen: Callable[[Operation], None], pace: Pace = PATIENT, **more: object
) -> Outcome | None:
    """Carried out to its end, with a look at each turn."""
    task = asyncio.ensure_future(
        take_up(desk.home, operation, clock=desk.clock, pace=pace, **more)  # type: ignore[arg-type]  # a test's own point
    )
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=0.01)
            seen(desk.read(operation))
            if desk.clock.sleepers:
                desk.clock.advance(15)
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Renewing:
    """Lets the credentials be valid again when the operation has been seen to pause."""

    def __init__(self, desk: Desk, move: Callable[[], None] | None = None) -> None:
        self.desk, self.move, self.paused = desk, move, 0

    def __call__(self, operation: Operation) -> None:
        if operation.phase is Phase.PAUSED and self.desk.account.faults.pending:
            self.paused += 1
            self.desk.account.faults.clear()
            if self.move is not None:
                self.move()


@pytest.mark.parametrize("at", ["before-intent", "intent", "reply", "applied"])
async def test_wherever_they_run_out_it_waits_with_the_remedy_and_goes_on_when_they_are_renewed(
    desk: Desk, at: str
) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))

    points = [at]

    def crash(step: int, point: str) -> None:
        if point in points:
            points.remove(point)  # once: it comes by here again
            expire(desk)

    renewing = Renewing(desk)
    assert await watched(desk, operation, renewing, crash=crash) is Outcome.RECOVERED
    assert renewing.paused == 1
    told = text_of(desk.read(operation), Phase.PAUSED)
    assert "the session's credentials are no longer valid" in told
    assert "Renew the session (for SSO: aws sso login); it is picked up by itself." in told
    taken = [one for one in desk.account.calls if one.operation == "UpdateAlias" and one.status == 200]
    assert len(taken) == 1
    assert desk.live() == "41"


async def test_between_two_layers_what_stands_stays_and_the_rest_follows(desk: Desk) -> None:
    plan = await both(desk)
    operation = desk.order(plan)

    points = [(1, "before-intent")]

    def crash(step: int, point: str) -> None:
        if (step, point) in points:
            points.remove((step, point))
            expire(desk)
            desk.clock.advance(6 * 60)  # longer than the plan could be confirmed

    assert await watched(desk, operation, Renewing(desk), crash=crash) is Outcome.RECOVERED
    assert (desk.live(), StageAt(desk.account).deployment) == ("41", plan.steps[1].after["deployment"])
    assert (desk.sends("UpdateAlias"), desk.sends("UpdateStage")) == (1, 1)


async def test_what_somebody_else_did_during_the_pause_voids_the_rest(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    function = desk.account.state.estate.environment("production").function
    expire(desk, "lambda", "UpdateAlias")

    def move() -> None:
        boto(desk.account, "lambda").update_alias(FunctionName=function, Name="LIVE", FunctionVersion="40")

    assert await watched(desk, operation, Renewing(desk, move)) is Outcome.VOID
    assert "alias.version was 42, is 40" in desk.read(operation).text
    assert desk.live() == "40"


async def test_other_credentials_that_come_back_are_not_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account number of whoever is asked changes meanwhile: nothing is sent to another account."""
    plan = await rollback(desk.environment, desk.clock)
    operation = desk.order(plan)
    expire(desk, "lambda", "UpdateAlias")
    asked: list[str] = []

    async def other(account: Account) -> Identity:
        found = await whoami(account)
        asked.append(str(found.account))
        return msgspec.structs.replace(found, account="999999999999") if len(asked) < 3 else found

    monkeypatch.setattr("services.executor.credentials.whoami", other)
    assert await watched(desk, operation, Renewing(desk)) is Outcome.RECOVERED
    paused = [str(entry.text) for entry in desk.read(operation).entries if entry.phase is Phase.PAUSED]
    assert "these credentials are for account 999999999999, the plan is for 123456789012" in paused[1]
    assert len(paused) == 2


@pytest.mark.parametrize("service", ["lambda", "cloudfront"])
async def test_killed_in_the_pause_a_resume_carries_it_on_with_one_call(desk: Desk, service: str) -> None:
    if service == "lambda":
        plan, name = await rollback(desk.environment, desk.clock), "UpdateAlias"
    else:
        plan, name = await invalidation(desk.environment, desk.clock, "/index.html"), "CreateInvalidation"
    operation = desk.order(plan)
    expire(desk, service, name)

    def crash(step: int, point: str) -> None:
        if point == "paused":
            raise Killed

    with pytest.raises(Killed):
        await watched(desk, operation, lambda _: None, crash=crash)
    assert desk.read(operation).phase is Phase.PAUSED
    desk.account.faults.clear()
    assert await desk.carry_out(operation) in (Outcome.RECOVERED, Outcome.COMPLETED)
    assert sum(one.operation == name and one.status in (200, 201) for one in desk.account.calls) == 1


async def test_the_wait_is_bounded_and_what_is_left_can_be_resumed(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    expire(desk)
    pace = msgspec.structs.replace(NO_WAITING, pause_s=0.0)
    assert await watched(desk, operation, lambda _: None, pace) is None
    left = desk.read(operation)
    assert (left.open, left.phase) == (True, Phase.PAUSED)
    assert "Resume it" in left.text
    desk.account.faults.clear()
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    assert desk.sends() == 1


@pytest.mark.parametrize(
    ("variables", "profile", "answer"),
    [
        ({}, "", True),
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, "", False),
        ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_PROFILE": "prod"}, "", True),
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, "prod", True),
    ],
)
def test_keys_in_the_process_s_own_environment_are_not_waited_for(
    variables: dict[str, str], profile: str, answer: bool
) -> None:
    environment = Environment(name="production", stack="s", region="us-west-2", profile=profile)
    assert renewable(environment, variables) is answer
    sandbox = msgspec.structs.replace(environment, kind=EnvironmentKind.SANDBOX, endpoint_url="http://127.0.0.1:1")
    assert renewable(sandbox, variables)
