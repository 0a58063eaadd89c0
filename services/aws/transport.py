"""The wire below botocore: what aiohttp does by itself and must not.

Imported only from functions that run where a slow import hurts nobody: it brings aiohttp and aiobotocore along.

- aiohttp resends PUT and DELETE when a connection drops, whatever botocore's attempts say (reliability 0.6): off.
- aiohttp follows redirects, so that a portal's login page would be read as AWS's answer: off.
- aiohttp reads a body of any size: capped (reliability C32).

Two private attributes of aiohttp are relied on; it is pinned exactly and a test counts sends.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession
from aiohttp import ClientResponse, ClientSession, TCPConnector
from botocore.httpsession import create_urllib3_context, get_cert_path

REPLY_LIMIT = 16 * 1024 * 1024
"""Largest reply that is read, in bytes. AWS's own pages end at 1 MB."""


class ReplyTooLarge(Exception):
    """A reply went on beyond REPLY_LIMIT and was cut off."""


class CappedResponse(ClientResponse):
    """A response whose body ends at REPLY_LIMIT, announced or not."""

    async def read(self) -> bytes:
        if self._body is None:
            try:
                self._body = await self._capped()
            except BaseException:
                # A deadline or a cut: what is left of the reply must not be taken for the next one's.
                self.close()
                raise
        return self._body

    async def _capped(self) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in self.content.iter_any():
            size += len(chunk)
            if size > REPLY_LIMIT:
                raise ReplyTooLarge
            chunks.append(chunk)
        return b"".join(chunks)


_lock = threading.Lock()
_contexts: dict[Any, ssl.SSLContext] = {}


def _trust(verify: Any) -> ssl.SSLContext:
    """The TLS context of this process: `verify` is True, or the file of certificates that the operator names.

    Reads files: on a thread.
    """
    with _lock:
        if verify not in _contexts:
            context = create_urllib3_context()
            context.check_hostname = True
            context.load_verify_locations(get_cert_path(verify))
            _contexts[verify] = context
        return _contexts[verify]


class NoRedirect:
    """A ClientSession that hands a redirect back instead of following it."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def request(self, method: str, **options: Any) -> ClientResponse:
        return await self._session.request(method, allow_redirects=False, **options)


class SendOnce(AIOHTTPSession):  # type: ignore[misc]  # aiobotocore ships no types
    """botocore's attempts are the only attempts: each reaches the wire once."""

    async def _create_connector(self, proxy_url: str | None) -> TCPConnector:
        # Each client would read the certificates anew, 13 ms and 0.7 MB of it. There are no proxies (clients.py).
        context = await asyncio.to_thread(_trust, self._verify)
        return TCPConnector(limit=self._max_pool_connections, ssl=context, **self._connector_args)

    async def _get_session(self, proxy_url: str | None) -> NoRedirect:
        session: ClientSession = await super()._get_session(proxy_url)
        session._retry_connection = False
        session._response_class = CappedResponse
        return NoRedirect(session)
