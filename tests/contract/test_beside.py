"""Environments watched beside each other: what is asked of the account, how often, and that none holds up another."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from services.aws.budget import Limits
from services.clock import ManualClock
from services.model.situation import Situation
from services.problems import ProblemKind
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from services.watch.beside import Beside
from services.watch.scope import LIGHT
from services.watch.updates import FeedUpdate, SpendingUpdate, Update
from services.watch.watch import Watch
from tests.contract.watch_support import counted
from tests.simulated_support import START, manual, simulated

LIMIT_S = 30.0


class Seen:
    """One environment as its updates tell it."""

    def __init__(self, environment: Environment, beside: Beside, clock: ManualClock) -> None:
        self.situation = Situation(environment.name, clock.now())
        self._clock = clock
        self.watch: Watch = beside.watch(environment, load(), clock, self._take)
        self.watch.start()

    def _take(self, update: Update) -> None:
        if isinstance(update, FeedUpdate):
            self.situation = self.situation.folded(update.feed, update.reading, self._clock.now())
        elif isinstance(update, SpendingUpdate):
            self.situation = msgspec.structs.replace(self.situation, spending=update.spending)


def wait(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.005)


@contextmanager
def beside(account: SimulatedAccount, *environments: Environment) -> Iterator[list[Seen]]:
    """Light watches of these environments, each settled once."""
    watching = Beside(Limits())
    try:
        seen = [Seen(environment, watching, manual(account)) for environment in environments]
        wait(lambda: settled(account, seen), "they do not settle")
        yield seen
    finally:
        watching.close()
        watching.join(10)


def settled(account: SimulatedAccount, seen: list[Seen]) -> bool:
    """Whether all have asked what they want; who waits for the account's rates is given some of its time."""
    if all(one.watch.settled for one in seen):
        return True
    manual(account).advance(0.05)
    return False


def at(simulation: SimulatedAccount, word: str, **changes: object) -> Environment:
    environment = at_endpoint(find(load(), word), simulation.endpoint)
    return msgspec.structs.replace(environment, **changes)


@pytest.fixture
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        yield account


def test_a_light_watch_asks_for_what_judgement_needs_and_for_nothing_else(calm: SimulatedAccount) -> None:
    with beside(calm, at(calm, "prod")) as (prod,):
        for feed in (*LIGHT.plain, *LIGHT.measured):
            assert getattr(prod.situation, feed).value is not None, feed
        asked = set(counted(calm))
    unasked = {"logs:FilterLogEvents", "cloudfront:ListInvalidations", "cognito-idp:DescribeUserPool", "s3:HeadBucket"}
    assert not asked & unasked
    assert "cloudwatch:GetMetricData" in asked


def test_it_asks_half_as_often_and_costs_half_as_much(calm: SimulatedAccount) -> None:
    with beside(calm, at(calm, "prod")) as (prod,):
        before = counted(calm)
        for _ in range(20):
            manual(calm).advance(30)
            wait(lambda: prod.watch.settled, "it does not settle")
        asked = counted(calm) - before
        assert 9 <= asked["cloudformation:DescribeStacks"] - 2 <= 11, "once a minute, not twice; two for the parts"
        light = prod.situation.spending.per_hour
    settings = load()
    assert 0.002 < light < 0.01
    assert LIGHT.paced(settings.cadence).metrics == 2 * settings.cadence.metrics
    assert LIGHT.paced(settings.cadence).backfill_s == settings.cadence.backfill_s


def test_all_run_on_one_thread_and_share_their_clients(calm: SimulatedAccount) -> None:
    before = threading.active_count()
    with beside(calm, at(calm, "prod"), at(calm, "staging"), at(calm, "dev")) as seen:
        assert all(one.situation.metrics.value is not None for one in seen)
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("watch beside") == 1
        assert not [name for name in names if name.startswith("watch ") and name != "watch beside"]
    wait(lambda: threading.active_count() <= before + 1, "a thread was left behind")


def test_the_failure_of_one_is_in_no_other(calm: SimulatedAccount) -> None:
    nowhere = at(calm, "staging", stack="EC2Manager-nowhere")
    stranger = at(calm, "dev", account="999999999999")
    gone = msgspec.structs.replace(at(calm, "dev"), name="gone", endpoint_url="http://127.0.0.1:9")
    with beside(calm, nowhere, at(calm, "prod"), stranger, gone) as (missing, prod, wrong, dead):
        kinds = [one.situation.stack.problem.kind for one in (missing, wrong, dead) if one.situation.stack.problem]
        assert kinds == [ProblemKind.NOT_FOUND, ProblemKind.WRONG_ACCOUNT, ProblemKind.UNREACHABLE]
        for feed in (*LIGHT.plain, *LIGHT.measured):
            assert getattr(prod.situation, feed).problem is None, feed


def test_an_environment_that_never_answers_holds_up_no_other(calm: SimulatedAccount) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = msgspec.structs.replace(at(calm, "dev"), endpoint_url=f"http://127.0.0.1:{mute.getsockname()[1]}")
        watching = Beside(Limits())
        try:
            waiting, quick = Seen(silent, watching, manual(calm)), Seen(at(calm, "prod"), watching, manual(calm))
            wait(lambda: quick.watch.settled, "held up")
            assert quick.situation.metrics.value is not None
            assert waiting.situation.stack.waiting
        finally:
            watching.close()
            watching.join(30)


def test_after_the_close_nothing_is_asked_and_no_thread_is_left(calm: SimulatedAccount) -> None:
    with beside(calm, at(calm, "prod")):
        pass
    before = counted(calm)
    manual(calm).advance(600)
    assert counted(calm) == before
    assert "watch beside" not in [thread.name for thread in threading.enumerate()]


def test_environments_of_one_account_share_its_rates_and_no_others() -> None:
    limits = Limits()
    settings = load()
    prod, staging = find(settings, "prod"), find(settings, "staging")
    other = msgspec.structs.replace(staging, account="999999999999")
    assert limits.of(prod) is limits.of(staging)
    assert limits.of(prod) is not limits.of(other)
    assert limits.of(at_endpoint(prod, "http://127.0.0.1:1")) is not limits.of(prod)
    waits = [limits.of(one).take("cloudwatch:GetMetricData", "us-west-2", START) for one in (prod, staging) * 7]
    assert waits[:12] == [0.0] * 12
    assert waits[12:] == [0.5, 1.0], "two a second, whoever asks"
    assert limits.of(prod).take("cloudwatch:GetMetricData", "eu-west-1", START) == 0.0


def test_however_many_begin_at_once_the_environment_on_the_screen_finds_its_rate() -> None:
    limiter = Limits().of(find(load(), "prod"))
    call = "cloudformation:DescribeStacks"
    crowd = [limiter.take(call, "us-west-2", START, LIGHT.share) for _ in range(60)]
    assert max(crowd) > 60, "thirty environments wait for each other"
    admitted = sum(1 for wait in crowd if wait == 0)
    for _ in range(admitted):
        assert limiter.take(call, "us-west-2", START) == 0.0
    assert limiter.take(call, "us-west-2", START) == 0.0, "and the one on the screen for none of them"
