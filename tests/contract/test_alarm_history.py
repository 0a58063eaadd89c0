"""What is asked about alarms on demand, of the simulated account, through a running watch."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest

from services.aws import alarm_history
from services.aws.session import Account
from services.model.alarm_detail import AlarmDetail, History, HistoryKind
from services.problems import AccountError, ProblemKind
from services.settings.loading import at_endpoint, find, load
from services.watch.on_demand import ask
from services.watch.watch import Watch
from tests.contract.watch_support import watched
from tests.simulated_support import manual, simulated

NAMES = {"us-west-2": ["EC2Manager-production-api-5xx", "EC2Manager-production-impaired"],
         "us-east-1": ["EC2Manager-production-cloudfront-4xx"]}  # fmt: skip


def _done(future: Future[Any]) -> Any:
    return future.result(timeout=20)


def test_the_set_up_of_alarms_of_both_regions_and_kinds_is_read_through_the_watch() -> None:
    async def question(account: Account) -> tuple[AlarmDetail, ...]:
        return await alarm_history.details(account, NAMES)

    with simulated() as account, watched(account) as seen:
        seen.settle()
        found = {one.name: one for one in _done(ask(seen.watch, question))}
    assert {one.kind for one in found.values()} == {"metric", "composite"}
    plain = found["EC2Manager-production-api-5xx"]
    assert plain.condition == "Sum of 5XXError ≥ 3 in 1 of 1 periods of 10 min; missing data: not breaching"
    assert plain.plain
    assert [metric.name for metric in plain.metrics] == ["5XXError"]
    assert "AND" in found["EC2Manager-production-impaired"].condition
    assert found["EC2Manager-production-cloudfront-4xx"].region == "us-east-1"


@pytest.mark.runbook("R198")
def test_a_bad_deployment_is_found_in_the_history_of_its_alarm_and_in_the_night() -> None:
    async def one(account: Account) -> History:
        since = account.clock.now() - timedelta(days=14)
        return await alarm_history.history(account, "us-west-2", since, name=NAMES["us-west-2"][0])

    async def night(account: Account) -> History:
        return await alarm_history.history(account, "us-west-2", account.clock.now() - timedelta(hours=12))

    with simulated("bad-deploy") as account, watched(account) as seen:
        seen.settle()
        manual(account).advance(20 * 60)
        history, whole = _done(ask(seen.watch, one)), _done(ask(seen.watch, night))
    rang = [item for item in history.items if item.kind is HistoryKind.STATE and item.new == "ALARM"]
    assert rang
    assert all(item.alarm == NAMES["us-west-2"][0] for item in history.items)
    assert "Threshold Crossed" in rang[0].reason
    assert {item.alarm for item in rang} <= {item.alarm for item in whole.items}
    assert [item.at for item in whole.items] == sorted((item.at for item in whole.items), reverse=True)


def test_an_account_without_mute_rules_mutes_nothing() -> None:
    async def question(account: Account) -> Any:
        return await alarm_history.mutes(account, "us-west-2")

    with simulated() as account, watched(account) as seen:
        seen.settle()
        assert _done(ask(seen.watch, question)) == {}


def test_a_watch_that_does_not_run_says_so_instead_of_waiting() -> None:
    async def question(account: Account) -> None:
        raise AssertionError("never begun")

    settings = load()
    with simulated() as account:
        idle = Watch(
            at_endpoint(find(settings, "prod"), account.endpoint), settings, account.clock, lambda update: None
        )
        with pytest.raises(AccountError) as caught:
            _done(ask(idle, question))
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE
