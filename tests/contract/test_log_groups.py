"""Which groups are followed: those of the stack by what its parts say, those of a wildcard as they come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from services.aws.session import Account
from services.model.log_sources import LogSources, Origin
from services.model.logs import TailStatus
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.watch.log_choice import choice
from services.watch.log_finding import find as find_groups
from tests.contract.watch_support import Watched, watched
from tests.simulated_support import boto, manual, simulated

LIMIT_S = 90.0
STEP_S = 0.5
"""Machine seconds that the watch gets for each step of time, when it needs them: no clock may run away from it."""


async def found(simulation: SimulatedAccount) -> LogSources:
    account = Account(at_endpoint(find(load(), "prod"), simulation.endpoint), manual(simulation))
    try:
        return await find_groups(account)
    finally:
        await account.close()


@pytest.mark.runbook("R089", "R090", "R091", "R092")
async def test_the_sources_are_those_that_the_stacks_parts_name() -> None:
    with simulated("calm") as simulation:
        trail = simulation.state.estate.trail_log_group
        there = await found(simulation)
        named = {source.origin: str(source.name) for source in there.sources}
        assert next(iter(there.sources)).name == "/aws/ec2-manager/prod"
        assert named[Origin.FUNCTION] == "/aws/lambda/ec2-manager-function-prod"
        assert named[Origin.EXECUTION].startswith("API-Gateway-Execution-Logs_")
        assert named[Origin.EXECUTION].endswith("/prod")
        assert named[Origin.TRAIL] == trail
        assert named[Origin.POOL].startswith("/aws/cognito/")
        assert not any(there.missing(source) for source in there.sources)
        assert len(choice(("stack",), there).groups) == len(there.sources)
        simulation.faults.add(Fault("cloudtrail", "DescribeTrails", FaultKind.DENY, times=None))
        guessed = await found(simulation)
        assert [str(one.name) for one in guessed.sources if one.origin is Origin.TRAIL] == [trail]
        assert "cloudtrail:DescribeTrails" in guessed.problems[0]
        simulation.faults.clear()
        boto(simulation, "logs").delete_log_group(logGroupName=trail)
        gone = await found(simulation)
        assert [str(one.name) for one in gone.sources if gone.missing(one)] == [trail]
        assert choice(("trail",), gone).unknown == ("trail",)


def tail_of(scene: Watched, holds: Callable[[TailStatus], bool], step: float = 15.0) -> TailStatus:
    """Let time go by until the tail's own reading is so."""
    limit = time.monotonic() + LIMIT_S
    while (status := scene.situation.tail.value) is None or not holds(status):
        assert time.monotonic() < limit, status
        scene.clock.advance(step)
        rest = time.monotonic() + STEP_S
        while not (scene.watch.settled and _at_rest(scene)) and time.monotonic() < rest:
            time.sleep(0.02)
    return status


def _at_rest(scene: Watched) -> bool:
    """Whether every group that is followed waits for its next look; while one waits for its turn, time has to go on."""
    tail = scene.watch._tail
    return tail is None or tail._tail.settled


@pytest.fixture(scope="module")
def scene() -> Iterator[Watched]:
    with simulated("calm") as simulation, watched(simulation) as scene:
        yield scene


def test_a_wildcards_groups_are_followed_as_they_come_and_told_when_they_go(scene: Watched) -> None:
    logs = boto(scene.account, "logs")
    tail_of(scene, lambda status: len(status.groups) == 3)
    scene.watch.follow_logs(("/team/*",))
    tail_of(scene, lambda status: status.groups == ())
    for name, kind in (("/team/rare", "INFREQUENT_ACCESS"), ("/team/new", "STANDARD")):
        logs.create_log_group(logGroupName=name, logGroupClass=kind)
    logs.put_retention_policy(logGroupName="/team/new", retentionInDays=7)
    logs.create_log_stream(logGroupName="/team/new", logStreamName="s")
    status = tail_of(scene, lambda status: status.groups == ("new",))
    assert status.unreadable == ("/team/rare",)
    now = int(scene.clock.now().timestamp() * 1000)
    event = {"timestamp": now, "message": "hello from the new group"}
    logs.put_log_events(logGroupName="/team/new", logStreamName="s", logEvents=[event])
    status = tail_of(scene, lambda status: status.lines > 0 and bool(status.claims))
    assert [line.text for line in scene.lines if line.group == "new"] == ["hello from the new group"]
    assert status.claims[0].retention_days == 7
    logs.delete_log_group(logGroupName="/team/new")
    status = tail_of(scene, lambda status: status.groups == ())
    assert any("/team/new is not followed any more" in note.text for note in status.notes)


def test_live_tail_is_off_until_it_is_chosen_and_off_again_when_it_is_not(scene: Watched) -> None:
    scene.watch.follow_logs(())
    assert tail_of(scene, lambda status: len(status.groups) == 3).live is None
    scene.watch.live_logs(True)
    status = tail_of(scene, lambda status: status.live is not None and status.live.connected, 1.0)
    assert status.live is not None
    assert status.live.groups == ("app", "api", "lambda")
    scene.watch.live_logs(False)
    tail_of(scene, lambda status: status.live is None, 1.0)
    assert sum(call.operation == "StartLiveTail" for call in scene.account.calls) == 1
