"""The health check: one GET of the environment's health address, as the runbook's `curl -f` (lines 239, 763).

Whatever happens is an answer: a Probe that says what came back, or why nothing did. Nothing of the process's
environment redirects it (no proxies, no netrc), no redirect is followed, no cookie kept, and of a body only
whether it is the JSON it says to be is believed. Imports aiohttp with the first probe, not before.
"""

from __future__ import annotations

import ssl
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.clock import Clock
from services.model.witness import Probe
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind

CONNECT_S = 4.0
"""Machine seconds for name, connection and TLS together."""

WHOLE_S = 10.0
"""Machine seconds for everything, the body included: a body that never ends is no answer."""

BODY_LIMIT = 65_536
"""Bytes of a body that are read; a longer one is an answer all the same."""

USER_AGENT = "ec2-manager-cockpit (health check)"

_CERTIFICATE = {
    9: "certificate not valid yet",
    10: "certificate expired",
    18: "certificate signed by itself",
    19: "certificate chain signed by itself",
    20: "certificate of an unknown issuer",
    21: "certificate of an unknown issuer",
    23: "certificate revoked",
    62: "certificate of another name",
    64: "certificate of another address",
}
"""OpenSSL's verification codes (x509_vfy.h) in a person's words."""


def target(environment: Environment) -> tuple[str, str]:
    """(address that is connected to, Host that is asked for); empty when no health address is configured.

    A sandbox's endpoint is asked for the path and the Host of the configured address, so that a simulated account
    answers in the place of the real service, which is never touched.
    """
    url = environment.health_url
    if not url:
        return "", ""
    parts = urlsplit(url)
    if environment.kind is not EnvironmentKind.SANDBOX:
        return url, parts.netloc
    query = f"?{parts.query}" if parts.query else ""
    return f"{environment.endpoint_url.rstrip('/')}{parts.path or '/'}{query}", parts.netloc


async def probe(
    environment: Environment, clock: Clock, *, connect_s: float = CONNECT_S, whole_s: float = WHOLE_S
) -> Probe:
    """Ask once. Never raises but for a cancellation; only for an environment with a health address."""
    began, at = clock.monotonic(), clock.now()
    try:
        return await _get(environment, clock, at, connect_s, whole_s)
    except Exception as error:
        # The edge: whatever the other side or the network does is what the probe is there to tell.
        took = (clock.monotonic() - began) * 1000
        why = safe(reason(error, connect_s, whole_s), 200)
        return Probe(at, False, why, took_ms=took, sent=_connected(error))


async def _get(environment: Environment, clock: Clock, at: datetime, connect_s: float, whole_s: float) -> Probe:
    """What was answered, and the milliseconds to its head."""
    import aiohttp

    from services.probes.timing import Stopwatch

    url, host = target(environment)
    headers = {
        "Host": host,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Cache-Control": "no-cache",
    }
    limits = aiohttp.ClientTimeout(total=whole_s, connect=connect_s)
    watch = Stopwatch(clock.monotonic)
    connector = aiohttp.TCPConnector(force_close=True, limit=1, ssl=watch.context())
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=limits,
        trust_env=False,
        auto_decompress=False,
        trace_configs=[watch.tracing()],
    ) as session:
        session._retry_connection = False  # a second try would hide the first one's failure
        began = clock.monotonic()
        watch.mark("begun")
        async with session.get(url, headers=headers, allow_redirects=False) as answer:
            watch.mark("answered")
            waited = (clock.monotonic() - began) * 1000
            body = await _drain(answer.content)
            watch.mark("ended")
            media = safe(answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(), 60)
            note = safe(_outcome(answer.status, answer.headers.get("Location", "")), 200)
            found = Probe(at, answer.status < 400, note, answer.status, waited, media=media, json=_is_json(media, body))
            return msgspec.structs.replace(found, timing=watch.told())


async def _drain(body: Any) -> bytes:
    """What is read of it."""
    read = b""
    while len(read) < BODY_LIMIT:
        piece = await body.read(BODY_LIMIT - len(read))
        if not piece:
            break
        read += piece
    return read


def _is_json(media: str, body: bytes) -> bool:
    """Called JSON, and so it is. A page that is served for every address is neither (aws.md 5.7)."""
    if media.partition("/")[2] != "json" and not media.endswith("+json"):
        return False
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _outcome(status: int, location: str) -> str:
    """`HTTP 200`; a redirect says where to, for it counts as answered (decisions C8) and may still be a mistake."""
    return f"HTTP {status} to {location}" if 300 <= status < 400 and location else f"HTTP {status}"


def reason(error: Exception, connect_s: float, whole_s: float) -> str:
    """Why nothing came back, in a few words."""
    import aiohttp

    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"no connection within {connect_s:g} s"
    if isinstance(error, TimeoutError):
        return f"no whole answer within {whole_s:g} s"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name not found"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"TLS: {_tls(error)}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return _connecting(error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError):
        return "the connection was closed before an answer"
    if isinstance(error, aiohttp.ClientError | ValueError | OSError):
        return f"what answers does not speak HTTP ({type(error).__name__})"
    return f"could not be asked ({type(error).__name__})"


def _connected(error: Exception) -> bool:
    """Whether there was a connection, so that the request has gone out."""
    import aiohttp

    return not isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError | aiohttp.ClientSSLError)


def _connecting(error: Any) -> str:
    cause = getattr(error, "os_error", None)
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    told = getattr(cause, "strerror", None) or type(cause).__name__
    return f"no connection: {told}"


def _tls(error: Any) -> str:
    """What is wrong with the certificate, or with the handshake."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(cause.verify_code, cause.verify_message or "certificate not accepted")
    if isinstance(cause, ssl.SSLError):
        return (cause.reason or "handshake failed").lower().replace("_", " ")
    return "handshake failed"


__all__ = ["BODY_LIMIT", "probe", "reason", "target"]
