"""A simulated account for tests: open for a `with`, on a clock that moves only when told to."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from services.clock import Clock, ManualClock
from services.simulated.account import SimulatedAccount

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""When simulated tests begin: a minute boundary in the small hours, US west coast evening."""

_clients: weakref.WeakKeyDictionary[SimulatedAccount, dict[object, Any]] = weakref.WeakKeyDictionary()
_making = threading.Lock()
"""botocore's sessions are for one thread at a time, their clients for many."""


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
        for client in _clients.pop(account, {}).values():
            client.close()
        account.close()


def manual(account: SimulatedAccount) -> ManualClock:
    """The account's clock as the ManualClock that `simulated` gave it."""
    clock = account.clock
    assert isinstance(clock, ManualClock)
    return clock


def boto(account: SimulatedAccount, service: str, region: str = "us-west-2", **config: Any) -> Any:
    """A boto3 client of the account: fake credentials, one attempt, none of the machine's configuration.

    The same one for the same words, and closed with the account.
    """
    made = _clients.setdefault(account, {})
    key = (service, region, repr(sorted(config.items())))
    if key not in made:
        from botocore.config import Config

        settings: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "connect_timeout": 3, "read_timeout": 10}
        settings |= {"ignore_configured_endpoint_urls": True, "inject_host_prefix": False, "proxies": {}} | config
        with _making:
            made[key] = _session().client(
                service, region_name=region, endpoint_url=account.endpoint, config=Config(**settings)
            )
    return made[key]


@functools.cache
def _session() -> Any:
    """One for all accounts: each would read botocore's models anew, 50 ms and more."""
    import boto3

    return boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="example-secret")
