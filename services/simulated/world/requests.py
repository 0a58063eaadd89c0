"""From a row of a minute to the request that every log tells of."""

from __future__ import annotations

import hashlib

from services.simulated.world.columns import Row
from services.simulated.world.traffic import ROUTES
from services.simulated.world.values import Request

_MEMORY_MB = 512
_CLIENT_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""The three networks that are set aside for documentation (RFC 5737)."""


def request(seed: int, environment: str, start: int, row: Row) -> Request:
    """The request of `row` with its ids: the same row gives the same ones, whatever was moved since."""
    # A retry comes from the person whose request failed, so it shares all that identifies a person.
    person = _digest(seed, environment, start, row.index if row.index >= 0 else -row.index - 1, "person")
    ids = _digest(seed, environment, start, row.index, "ids")
    route = ROUTES[row.route]
    path = route.path.replace("{id}", f"i-{person[8:16].hex()}{(person[0] % 24):01x}"[:19])
    return Request(
        at_ms=row.at_ms,
        id=_uuid(ids[:16]),
        api_id=_uuid(ids[16:]),
        method=route.method,
        path=path,
        status=row.status,
        latency_ms=row.latency,
        integration_ms=row.integration,
        version=row.version or None,
        duration_ms=row.duration,
        memory_mb=min(_MEMORY_MB, 86 + person[1] % 40 + row.leaked_mb) if row.version else 0,
        cold=row.cold,
        init_ms=row.init,
        error=row.error,
        note=row.note,
        user="" if row.status == 401 else f"user-{person[2] % 40 + 1:02d}",
        ip=f"{_CLIENT_NETWORKS[person[3] % 3]}.{person[4] % 253 + 1}",
    )


def _digest(seed: int, environment: str, start: int, index: int, what: str) -> bytes:
    return hashlib.blake2b(f"{seed}/{environment}/{start}/{index}/{what}".encode(), digest_size=32).digest()


def _uuid(raw: bytes) -> str:
    """16 bytes as a version 4 UUID."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[raw[8] & 3]}{text[17:20]}-{text[20:]}"
