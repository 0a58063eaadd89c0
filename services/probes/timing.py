"""How long the parts of one request took, as curl's `-w` tells them (runbook lines 241-243). Imports aiohttp."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import aiohttp

from services.model.witness import Timing

Now = Callable[[], float]
"""This machine's monotonic seconds."""


class Stopwatch:
    """Marks of one request, each made where it happens; what did not happen (a name that is an address) has none."""

    def __init__(self, now: Now) -> None:
        self._now, self._marks = now, dict[str, float]()

    def mark(self, what: str) -> None:
        self._marks[what] = self._now()

    def tracing(self) -> aiohttp.TraceConfig:
        """What tells of the name and the connection."""
        config = aiohttp.TraceConfig()
        config.on_dns_resolvehost_start.append(self._marking("name"))
        config.on_dns_resolvehost_end.append(self._marking("named"))
        config.on_connection_create_start.append(self._marking("connect"))
        config.on_connection_create_end.append(self._marking("connected"))
        return config

    def context(self) -> ssl.SSLContext:
        """The usual checks of a certificate, and a mark where the handshake begins: there TCP's own has ended."""
        made = _Watched(ssl.PROTOCOL_TLS_CLIENT)
        made.load_default_certs()
        made.began = lambda: self.mark("secured")
        return made

    def told(self) -> Timing:
        """Between the marks, in milliseconds; what is missing took no time."""
        ended = self._marks.get("connected", 0.0)
        secured = self._marks.get("secured", ended)
        return Timing(
            dns_ms=self._between("name", "named"),
            connect_ms=max(0.0, (secured - self._marks.get("named", self._marks.get("connect", secured))) * 1000),
            tls_ms=(ended - secured) * 1000 if "secured" in self._marks else None,
            first_byte_ms=self._between("connected", "answered"),
            total_ms=self._between("begun", "ended"),
        )

    def _between(self, first: str, last: str) -> float:
        there = first in self._marks and last in self._marks
        return (self._marks[last] - self._marks[first]) * 1000 if there else 0.0

    def _marking(self, what: str) -> Any:
        async def made(*_: object) -> None:
            self.mark(what)

        return made


class _Watched(ssl.SSLContext):
    """Tells when a handshake begins."""

    began: Callable[[], None]

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        self.began()
        return super().wrap_bio(*arguments, **options)
