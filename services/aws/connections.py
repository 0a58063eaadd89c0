"""The clients in use with one set of credentials, made anew when those have run out.

Environments whose credentials come from the same place may share them: each client costs memory and a moment to make.
"""

from __future__ import annotations

import asyncio

from services.aws.clients import Clients
from services.clock import Clock
from services.settings.values import Environment, EnvironmentKind

RENEW_S = 25.0
"""Machine seconds between two looks for renewed credentials: botocore never reads a changed file again."""


class Connections:
    """For one event loop. Building costs nothing; aiobotocore is imported with the first client."""

    def __init__(self, environment: Environment, attempts: int = 3) -> None:
        """Of `environment` only where the credentials come from and where the account is matter."""
        self._environment = environment
        self._attempts = attempts
        self._clients: Clients | None = None
        self._lock = asyncio.Lock()
        self._stale = False
        self._renewed = float("-inf")

    def doubt(self) -> None:
        """AWS does not take the credentials: look for others soon."""
        self._stale = True

    async def take(self, clock: Clock) -> Clients:
        """The clients to use for one question; to be given back."""
        clients = await self.current(clock)
        clients.users += 1
        return clients

    async def current(self, clock: Clock) -> Clients:
        """The clients in use; new ones when the credentials of the old ones have run out."""
        async with self._lock:
            now = clock.monotonic()
            if self._stale and self._clients is not None and now - self._renewed >= RENEW_S:
                old, self._clients = self._clients, None
                self._stale, self._renewed = False, now
                if old.users == 0:
                    await old.close()
            if self._clients is None:
                self._clients = Clients(self._environment, self._attempts)
            return self._clients

    async def give_back(self, clients: Clients) -> None:
        """The question has been answered, well or badly."""
        clients.users -= 1
        if clients is not self._clients and clients.users == 0:
            await clients.close()

    async def close(self) -> None:
        """Close every connection. Questions under way fail."""
        clients, self._clients = self._clients, None
        if clients is not None:
            await clients.close()


def credentials_of(environment: Environment) -> tuple[str, str]:
    """What two environments have in common when they may share their connections: endpoint and profile."""
    sandbox = environment.kind is EnvironmentKind.SANDBOX
    return (environment.endpoint_url, "") if sandbox else ("", environment.profile)
