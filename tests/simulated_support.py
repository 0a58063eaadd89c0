"""A simulated account for tests: open for a `with`, on a clock that moves only when told to."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from services.clock import Clock, ManualClock
from services.simulated.account import SimulatedAccount

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""When simulated tests begin: a minute boundary in the small hours, US west coast evening."""

_clients: weakref.WeakKeyDictionary[SimulatedAccount, list[Any]] = weakref.WeakKeyDictionary()


@contextmanager
def simulated(
    scenario: str = "calm", start: datetime = START, seed: int = 1, clock: Clock | None = None
) -> Iterator[SimulatedAccount]:
    """An open account. Its clock is a ManualClock at `start` unless one is given: `manual(account).advance(60)`."""
    account = SimulatedAccount(scenario=scenario, seed=seed, clock=clock or ManualClock(start))
    account.open()
    try:
        yield account
    finally:
        for client in _clients.pop(account, []):
            client.close()
        account.close()


def manual(account: SimulatedAccount) -> ManualClock:
    """The account's clock as the ManualClock that `simulated` gave it."""
    clock = account.clock
    assert isinstance(clock, ManualClock)
    return clock


def boto(account: SimulatedAccount, service: str, region: str = "us-west-2", **config: Any) -> Any:
    """A boto3 client of the account: fake credentials, one attempt, none of the machine's configuration.

    Closed with the account.
    """
    import boto3
    from botocore.config import Config

    settings: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "connect_timeout": 3, "read_timeout": 10}
    settings |= {"ignore_configured_endpoint_urls": True, "inject_host_prefix": False, "proxies": {}} | config
    session: Any = boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="example-secret")
    client = session.client(service, region_name=region, endpoint_url=account.endpoint, config=Config(**settings))
    _clients.setdefault(account, []).append(client)
    return client
