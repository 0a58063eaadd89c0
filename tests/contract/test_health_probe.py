"""The health check against servers that do what servers do: each outcome with its cause, within its deadlines."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.clock import RealClock
from services.model.witness import Probe
from services.probes import health
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment

AWS = msgspec.structs.replace(find(load(), "prod"))


@asynccontextmanager
async def server(
    *pieces: bytes, hang: bool = False, requests: list[bytes] | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server on loopback that reads a request, sends the pieces and closes, or hangs; its address."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if requests is not None:
                requests.append(head)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if hang:
                await ended.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # it was left in the middle
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        ended.set()
        await asyncio.sleep(0)
        listening.close()


def probed(*pieces: bytes, requests: list[bytes] | None = None, hang: bool = False, whole_s: float = 10.0) -> Probe:
    async def made() -> Probe:
        async with server(*pieces, hang=hang, requests=requests) as url:
            return await ask(f"{url}/health?deep=1", whole_s=whole_s)

    return asyncio.run(made())


async def ask(url: str, **limits: float) -> Probe:
    return await health.probe(msgspec.structs.replace(AWS, health_url=url), RealClock(), **limits)


def answer(status: str, *headers: str, body: bytes = b"{}") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.runbook("R099", "R105")
@pytest.mark.parametrize(
    ("pieces", "ok", "note"),
    [
        ((answer("200 OK"),), True, "HTTP 200"),
        ((answer("204 No Content", body=b""),), True, "HTTP 204"),
        ((answer("302 Found", "Location: https://example.com/login"),), True, "HTTP 302 to https://example.com/login"),
        ((answer("404 Not Found"),), False, "HTTP 404"),
        ((answer("503 Service Unavailable"),), False, "HTTP 503"),
        ((), False, "the connection was closed before an answer"),
        ((b"SSH-2.0-OpenSSH_9.6\r\n\r\n",), False, "what answers does not speak HTTP (ClientResponseError)"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",), False, "the answer broke off"),
    ],
)
def test_each_answer_is_told_for_what_it_is(pieces: tuple[bytes, ...], ok: bool, note: str) -> None:
    found = probed(*pieces)
    assert (found.ok, found.note) == (ok, note)


def test_a_redirect_is_not_followed_and_a_hostile_one_is_made_safe() -> None:
    requests: list[bytes] = []
    found = probed(answer("302 Found", "Location: /\x1b]0;owned\x07"), requests=requests)
    assert len(requests) == 1
    assert "\x1b" not in found.note


def test_a_failed_connection_is_not_tried_a_second_time() -> None:
    requests: list[bytes] = []
    assert not probed(requests=requests).ok
    assert len(requests) == 1


@pytest.mark.runbook("R099")
def test_a_head_that_does_not_come_and_a_body_that_does_not_end_are_no_answer_within_the_deadline() -> None:
    silent = probed(hang=True, whole_s=0.3)
    endless = probed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"x", hang=True, whole_s=0.3)
    for found in (silent, endless):
        assert (found.ok, found.note) == (False, "no whole answer within 0.3 s")
        assert found.took_ms >= 290


def test_a_body_beyond_the_cap_is_left_unread() -> None:
    length = 1 << 40
    found = probed(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode(), b"x" * health.BODY_LIMIT, b"x")
    assert (found.ok, found.note) == (True, "HTTP 200")


@pytest.mark.runbook("R099")
def test_what_cannot_be_connected_to_says_why() -> None:
    async def all_of_them() -> list[Probe]:
        async with server() as url:
            pass
        return [await ask(f"{url}/health"), await ask("https://nowhere.invalid/health")]

    refused, unknown = asyncio.run(all_of_them())
    assert (refused.ok, refused.note) == (False, "connection refused")
    assert (unknown.ok, unknown.note) == (False, "name not found")


@pytest.mark.runbook("R099")
def test_a_certificate_that_nobody_has_signed_fails_the_check(tmp_path: Path) -> None:
    async def made() -> Probe:
        async with server(answer("200 OK"), tls=self_signed(tmp_path)) as url:
            return await ask(f"{url}/health")

    found = asyncio.run(made())
    assert (found.ok, found.note) == (False, "TLS: certificate signed by itself")


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate of its own making for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "server.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.runbook("R099")
@pytest.mark.parametrize(
    ("code", "note"),
    [
        (10, "TLS: certificate expired"),
        (9, "TLS: certificate not valid yet"),
        (18, "TLS: certificate signed by itself"),
        (20, "TLS: certificate of an unknown issuer"),
        (62, "TLS: certificate of another name"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_told_by_its_fault(code: int, note: str) -> None:
    fault = ssl.SSLCertVerificationError("certificate verify failed")
    fault.verify_code, fault.verify_message = code, "as OpenSSL words it"
    key: Any = None
    error = aiohttp.ClientConnectorCertificateError(key, fault)
    assert health.reason(error, 4, 10) == note


def test_nothing_of_the_process_redirects_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert probed(answer("200 OK")).ok


def test_a_sandbox_answers_in_the_place_of_the_real_host_and_is_asked_for_its_name() -> None:
    requests: list[bytes] = []

    async def made(equip: Callable[[str], Environment]) -> Probe:
        async with server(answer("200 OK"), requests=requests) as url:
            return await health.probe(equip(url), RealClock())

    asyncio.run(made(lambda url: at_endpoint(AWS, url)))
    (head,) = requests
    assert head.startswith(b"GET /health HTTP/1.1\r\n")
    assert b"\r\nHost: api.ec2manager.com\r\n" in head


def test_an_account_that_is_aws_is_asked_at_its_own_address_alone() -> None:
    assert health.target(AWS) == ("https://api.ec2manager.com/health", "api.ec2manager.com")
    assert health.target(msgspec.structs.replace(AWS, health_url="")) == ("", "")
