"""Which log stream an event goes to: a stream is a container of the function, or a shard of the service's own log."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from services.simulated.world.values import Request

CONTAINER_LIFE = 7_200
"""Seconds that the steady containers of a version serve before they are replaced."""

STEADY = 4
"""Containers of one version that are warm at any time."""


class ContainerStreams:
    """Streams of a function within one minute: steady containers, and one more for each cold start.

    A cold start opens a stream of its own (`2026/11/23/[41]<32 hex digits>`); later requests of the same minute and
    version may land on it too. Pure in the minute's requests, taken in order.
    """

    def __init__(self, function: str, minute: int) -> None:
        self._function = function
        self._minute = minute
        self._pools: dict[int, list[str]] = {}

    def of(self, request: Request) -> str:
        version = request.version or 0
        pool = self._pools.get(version)
        if pool is None:
            pool = self._pools[version] = [self._steady(version, slot) for slot in range(STEADY)]
        if request.cold:
            pool.append(self._named(version, self._minute, request.id))
            return pool[-1]
        return pool[int(request.id[:4], 16) % len(pool)]

    def _steady(self, version: int, slot: int) -> str:
        born = self._minute - self._minute % CONTAINER_LIFE
        return self._named(version, born, str(slot))

    def _named(self, version: int, born: int, what: str) -> str:
        return f"{_day(born)}/[{version}]{_digest(f'{self._function}/{version}/{born}/{what}')}"


def execution_stream(request: Request) -> str:
    """API Gateway spreads its execution log over streams named by 32 hex digits."""
    return _digest(f"execution/{int(request.api_id[:2], 16) % 8}")


def access_stream(api_id: str, request: Request) -> str:
    return _digest(f"{api_id}/access/{int(request.api_id[:2], 16) % 4}")


def application_stream(function: str, minute: int) -> str:
    return f"{function}/{_day(minute)}"


def _day(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y/%m/%d")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
