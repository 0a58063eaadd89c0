"""The watch when the account, the network or the credentials fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.model.reading import Reading
from services.problems import ProblemKind
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.watch_support import FEEDS, counted, watched
from tests.simulated_support import simulated


@pytest.fixture
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        yield account


def test_one_denied_service_touches_no_other_feed(calm: SimulatedAccount) -> None:
    calm.faults.add(Fault("dynamodb", "*", FaultKind.DENY, times=None))
    with watched(calm) as scene:
        tables = scene.situation.tables
        assert tables.value is None
        assert tables.problem is not None
        assert tables.problem.kind is ProblemKind.DENIED
        assert "dynamodb:DescribeTable" in tables.problem.message
        others = [feed for feed in FEEDS if feed != "tables"]
        assert not [feed for feed in others if getattr(scene.situation, feed).problem is not None]
        assert scene.situation.metrics.value is not None
        assert scene.situation.metrics.value.find("api.count")
        assert not scene.situation.metrics.value.find("table.reads")


def test_a_failing_feed_keeps_its_value_ages_and_comes_back(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("cloudformation", "DescribeStacks", FaultKind.HTML_200, times=4))
        scene.advance(30)
        failed: Reading[Any] = scene.situation.stack
        assert failed.problem is not None
        assert failed.problem.kind is ProblemKind.GARBLED
        assert failed.value is not None
        assert failed.age(scene.clock.now()) == 30
        scene.advance(600)
        assert scene.situation.stack.problem is None
        assert scene.situation.stack.failures == 0


def test_after_a_cut_of_the_network_everything_is_fresh_within_seconds(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("*", "*", FaultKind.RESET_BEFORE, times=None))
        scene.advance(30)
        cut = {feed for feed in FEEDS if getattr(scene.situation, feed).problem is not None}
        assert {"stack", "alarms", "releases", "metrics"} <= cut
        for feed in cut:
            reading = getattr(scene.situation, feed)
            assert reading.problem.kind is ProblemKind.UNREACHABLE, feed
            assert reading.value is not None, feed
        calm.faults.clear()
        scene.advance(5, step=5)
        assert not [feed for feed in FEEDS if getattr(scene.situation, feed).problem is not None]


def test_a_question_that_keeps_failing_is_asked_less_often(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("cloudfront", "ListInvalidations", FaultKind.DENY, times=None))
        before = counted(calm)["cloudfront:ListInvalidations"]
        scene.advance(900, step=60)
        assert 3 <= counted(calm)["cloudfront:ListInvalidations"] - before <= 8
        assert scene.situation.invalidations.value


def test_credentials_of_another_account_stop_every_feed(calm: SimulatedAccount) -> None:
    with watched(calm, account="999999999999") as scene:
        scene.advance(120)
        assert scene.situation.probes.value is not None, (
            "the health check needs no credentials and asks nothing of the account"
        )
        for feed in (feed for feed in FEEDS if feed != "probes"):
            reading = getattr(scene.situation, feed)
            assert reading.value is None, feed
            assert reading.problem.kind is ProblemKind.WRONG_ACCOUNT, feed
            assert "999999999999" in reading.problem.message
            assert "123456789012" in reading.problem.message
        assert set(counted(calm)) == {"sts:GetCallerIdentity"}


def test_expired_credentials_are_probed_by_one_question_and_everything_comes_back(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("*", "*", FaultKind.EXPIRED, times=None))
        scene.advance(120)
        before = counted(calm)
        scene.advance(300)
        asked = counted(calm) - before
        assert set(asked) == {"sts:GetCallerIdentity"}
        assert 8 <= asked["sts:GetCallerIdentity"] <= 11
        stack = scene.situation.stack
        assert stack.problem is not None
        assert stack.problem.kind is ProblemKind.EXPIRED
        assert stack.value is not None
        calm.faults.clear()
        scene.advance(35, step=5)
        assert not [feed for feed in FEEDS if getattr(scene.situation, feed).problem is not None]


def test_after_expired_credentials_the_tail_goes_on_without_a_line_twice(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.advance(60, step=5)
        calm.faults.add(Fault("*", "*", FaultKind.EXPIRED, times=None))
        scene.advance(120)
        before = len(scene.lines)
        cut = scene.clock.now()
        scene.advance(120)
        tail = scene.told("tail")[-1]
        assert tail.problem is not None
        assert tail.problem.kind is ProblemKind.EXPIRED
        assert len(scene.lines) == before
        calm.faults.clear()
        scene.advance(35, step=5)
        for _ in range(100):
            if scene.told("tail")[-1].problem is None and len(scene.lines) > before:
                break
            scene.advance(1)
        assert scene.told("tail")[-1].problem is None
        outage = (cut.timestamp() * 1000, cut.timestamp() * 1000 + 100_000)
        assert any(outage[0] < line.at < outage[1] for line in scene.lines), "what happened meanwhile is told"
        assert len({(line.group, line.id) for line in scene.lines}) == len(scene.lines)


def test_the_pinned_account_is_let_through(calm: SimulatedAccount) -> None:
    with watched(calm, account="123456789012") as scene:
        assert scene.situation.stack.value is not None
        assert calm.calls[0].operation == "GetCallerIdentity"


def test_a_stack_that_is_not_there_is_named_with_its_place(calm: SimulatedAccount) -> None:
    with watched(calm, stack="EC2Manager-nowhere") as scene:
        for feed in ("parts", "stack", "metrics", "releases"):
            problem = getattr(scene.situation, feed).problem
            assert problem.kind is ProblemKind.NOT_FOUND, feed
            assert "no stack EC2Manager-nowhere in us-west-2" in problem.message
            assert problem.remedy
