"""The tail against the simulated account: what boto3 finds afterwards is what the tail has handed on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from services.aws.logs import describe_groups
from services.aws.session import Account
from services.model.logs import Level, LogLine
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.watch.tailing import Tail, TailGroup
from services.watch.updates import LinesArrived, Update
from tests.contract.test_simulated_logs import ACCESS, APP, BASE, PROD, everything
from tests.simulated_support import boto, manual, simulated

GROUPS = (TailGroup(ACCESS, "api"), TailGroup(PROD, "lambda"), TailGroup(APP, "app"))

STEP_S = 4


class Counted:
    """Questions to an account, with the number of those that wait for their answer."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.under_way = 0

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = 20.0,
    ) -> Mapping[str, Any]:
        self.under_way += 1
        try:
            return await self.account.ask(service, operation, parameters, region=region, deadline=deadline)
        finally:
            self.under_way -= 1


class Scene:
    """A tail that runs on the simulated account while the test moves the clock."""

    def __init__(self, simulation: SimulatedAccount) -> None:
        self.simulation = simulation
        self.clock = manual(simulation)
        environment = at_endpoint(find(load(), "prod"), simulation.endpoint)
        self.account = Account(environment, self.clock, attempts=1)
        self.asked = Counted(self.account)
        self.updates: list[Update] = []
        self.tail = Tail(self.asked, GROUPS, self.clock, self.updates.append)

    async def __aenter__(self) -> Scene:
        self._task = asyncio.create_task(self.tail.run())
        await self.rest()
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.account.close()

    async def rest(self) -> None:
        """Until no question waits for its answer and every line has been handed on."""
        limit = time.monotonic() + 20
        quiet = 0
        while quiet < 3:
            assert time.monotonic() < limit, "the tail does not come to rest"
            assert not self._task.done(), "the tail has ended"
            quiet = quiet + 1 if not self.asked.under_way and not self.tail.pending else 0
            await asyncio.sleep(0.001)

    async def pass_(self, seconds: int) -> None:
        for _ in range(seconds // STEP_S):
            self.clock.advance(STEP_S)
            await self.rest()

    @property
    def lines(self) -> list[LogLine]:
        return [line for update in self.updates if isinstance(update, LinesArrived) for line in update.batch.lines]


@pytest.mark.runbook("R089", "R090", "R091")
async def test_the_tail_hands_on_every_line_once() -> None:
    with simulated("bad-deploy") as simulation:
        async with Scene(simulation) as scene:
            await scene.pass_(210)
            complete = scene.tail.status.complete_to
            assert complete is not None
            assert complete > BASE + 170_000
            assert scene.tail.status.gaps == ()
            handed = Counter(line.id for line in scene.lines)
        assert set(handed.values()) == {1}
        client = boto(simulation, "logs")
        for group in GROUPS:
            events, _ = everything(client, group.name, startTime=BASE - 60_000, endTime=complete)
            ingested = {event["eventId"] for event in events if event["ingestionTime"] <= complete}
            assert ingested
            assert ingested <= set(handed), group.short
        levels = Counter((line.group, line.level) for line in scene.lines)
        assert levels["api", Level.ERROR] and levels["lambda", Level.ERROR] and levels["app", Level.ERROR]
        assert scene.tail.status.late > 0


async def test_faults_leave_no_line_out_in_the_end() -> None:
    with simulated("calm") as simulation:
        async with Scene(simulation) as scene:
            await scene.pass_(30)
            for kind, nth in ((FaultKind.THROTTLE, 2), (FaultKind.HTML_200, 9), (FaultKind.RESET_AFTER, 15)):
                simulation.faults.add(Fault("logs", "FilterLogEvents", kind, nth=nth, times=3))
            await scene.pass_(60)
            simulation.faults.clear()
            await scene.pass_(120)
            status = scene.tail.status
            assert status.complete_to is not None
            assert status.gaps == ()
            handed = Counter(line.id for line in scene.lines)
        assert set(handed.values()) == {1}
        client = boto(simulation, "logs")
        for group in GROUPS:
            events, _ = everything(client, group.name, startTime=BASE, endTime=status.complete_to)
            assert {e["eventId"] for e in events if e["ingestionTime"] <= status.complete_to} <= set(handed)


async def test_a_denied_account_is_said_and_not_hammered() -> None:
    with simulated("calm") as simulation:
        simulation.faults.add(Fault("logs", "FilterLogEvents", FaultKind.DENY, times=None))
        async with Scene(simulation) as scene:
            await scene.pass_(50)
            assert set(scene.tail.status.denied) == {group.name for group in GROUPS}
            assert scene.account.spending.calls["logs:FilterLogEvents"] == len(GROUPS)


async def test_groups_are_described_as_values() -> None:
    with simulated("calm") as simulation:
        environment = at_endpoint(find(load(), "prod"), simulation.endpoint)
        account = Account(environment, manual(simulation))
        try:
            groups = await describe_groups(account, "/aws/ec2-manager")
        finally:
            await account.close()
    assert [group.name for group in groups] == [
        "/aws/ec2-manager/dev",
        "/aws/ec2-manager/prod",
        "/aws/ec2-manager/staging",
    ]
    assert [group.retention_days for group in groups] == [7, 30, 7]
    assert all(group.readable and not group.arn.endswith(":*") for group in groups)
