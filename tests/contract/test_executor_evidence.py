"""The evidence beside the limits, read by the executor from the simulated account and kept with the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.model.entry import Operation, Outcome, Phase
from services.model.evidence import Bearing, Piece, pieces_in
from services.safe_text import SafeText
from services.simulated.faults import Fault, FaultKind
from services.simulated.platform.application import OPERATION, SERVICE
from tests.contract.executor_support import Desk, rollback
from tests.simulated_support import manual, simulated

READS = (("logs", "FilterLogEvents"), ("cloudwatch", "DescribeAlarms"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Production a quarter of an hour after the bad deploy: alarms ring, LIVE is at v42, v41 was good."""
    with simulated("bad-deploy") as account:
        manual(account).advance(15 * 60)
        yield Desk(account, tmp_path)


def evidence(operation: Operation, phase: Phase = Phase.DONE) -> dict[str, Piece]:
    found = next(entry for entry in reversed(operation.entries) if entry.phase is phase)
    return {one.about: one for one in pieces_in(found.data)}


@pytest.mark.runbook("R237")
async def test_recovered_is_borne_out_by_yesterday_alarms_health_and_log(desk: Desk) -> None:
    operation = desk.order(await rollback(desk.environment, desk.clock))
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    shown = desk.read(operation)
    found = evidence(shown)
    assert {one.bearing for name, one in found.items() if name != "alarms"} == {Bearing.GOOD}
    assert "yesterday 1" in found["latency"].text
    assert "still ring" in found["alarms"].text, "their window is longer than the verdict's: said, not waited for"
    assert found["health"].text == "/health 200 JSON"
    assert found["log"].text == "no new error shape"


async def test_a_health_address_that_fails_twice_is_not_recovered_whatever_the_metrics_say(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault(SERVICE, OPERATION, FaultKind.UNAVAILABLE, times=None))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.NOT_RECOVERED
    assert evidence(desk.read(operation))["health"] == Piece("health", Bearing.BAD, SafeText("/health 503 JSON"))
    assert desk.read(operation).text.endswith("but /health 503 JSON")


async def test_a_log_and_alarms_that_cannot_be_read_are_never_counted_as_good(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    for service, name in READS:
        desk.account.faults.add(Fault(service, name, FaultKind.UNAVAILABLE, times=None))
    operation = desk.order(plan)
    assert await desk.carry_out(operation, step_s=60) is Outcome.INCONCLUSIVE
    found = evidence(desk.read(operation))
    assert found["log"].bearing is found["alarms"].bearing is Bearing.UNREAD
    assert "log not read" in desk.read(operation).text


async def test_what_may_not_be_read_is_said_at_once_and_judged_without(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    for service, name in READS:
        desk.account.faults.add(Fault(service, name, FaultKind.DENY, times=None))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.RECOVERED
    done = desk.read(operation)
    found = evidence(done)
    assert found["log"].bearing is found["alarms"].bearing is Bearing.DENIED
    assert "on what may be read: alarms not judged: " in done.text
    assert "logs:FilterLogEvents" in done.text
    assert done.switched is not None
    assert done.ended is not None
    assert plan.criterion is not None
    assert done.ended - done.switched < timedelta(seconds=plan.criterion.window_s + 300), "no patience was used up"


async def test_metrics_that_may_not_be_read_are_said_at_once_and_no_verdict_is_waited_for(desk: Desk) -> None:
    plan = await rollback(desk.environment, desk.clock)
    desk.account.faults.add(Fault("cloudwatch", "GetMetricData", FaultKind.DENY, times=None))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.INCONCLUSIVE
    done = desk.read(operation)
    assert "the metrics may not be read" in done.text
    assert "cloudwatch:GetMetricData" in done.text
    assert done.switched is not None
    assert done.ended is not None
    assert done.ended - done.switched < timedelta(minutes=3)
