"""What the feeds have answered so far, for those that have to know it before they can ask."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, TypeVar

from services.model.line import ELSEWHERE, Silence, silence
from services.model.reading import Reading
from services.problems import AccountError
from services.settings.values import Environment
from services.watch.polling import CREDENTIALS, Poll

T = TypeVar("T")

PATIENT = (
    *("functions", "releases", "distributions", "invalidations", "buckets", "user_pools", "evidence"),
    *("events", "memory", "percentiles", "edge_metrics", "probes", "writes", "bursts", "deployed", "score", "sign_ins"),
)
"""Feeds that let the first metrics go before them."""

PATIENCE_S = 1.5
"""Machine seconds that they wait for these at most."""


class Answers:
    """The polls of one environment, and what they have told."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.polls: dict[str, Poll[Any]] = {}
        self.told: dict[str, Reading[Any]] = {}
        """The newest reading of each feed that was told."""

    def silence(self) -> Silence | None:
        """Since when nothing of the account is answered any more; None while anything is."""
        return silence(poll.reading for feed, poll in self.polls.items() if feed not in ELSEWHERE)

    async def cleared(self, feed: str) -> None:
        """Wait until `feed` may ask. Raises AccountError when it may not.

        An environment with a pinned account asks nothing before it is known whose credentials these are. Once
        credentials are known not to be good, `identity` alone goes on asking (reliability B16), and the health check,
        which needs none.
        """
        if feed in ("identity", "probes"):
            return
        poll = self.polls["identity"]
        if self.environment.account:
            await poll.first.wait()
        cause = poll.reading.problem
        if cause is not None and (
            cause.kind in CREDENTIALS or (self.environment.account and poll.reading.value is None)
        ):
            raise AccountError(cause)

    async def patient(self, feed: str) -> None:
        """Let what the first screen needs most go first: building each client holds up all questions behind it."""
        if feed in PATIENT and not self.polls["metrics"].first.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self.polls["metrics"].first.wait()

    async def known(self, feed: str) -> Any:
        """The newest value of another feed; waits for its first answer. Raises its AccountError without one."""
        poll = self.polls[feed]
        await poll.first.wait()
        if poll.reading.value is None:
            assert poll.reading.problem is not None
            raise AccountError(poll.reading.problem)
        return poll.reading.value

    async def known_or(self, feed: str, otherwise: T) -> T:
        """Like `known`, with a stand-in where there is no value."""
        try:
            value: T = await self.known(feed)
        except AccountError:
            return otherwise
        return value
