"""How a probe asks: nothing of the process's environment steers it, no cookie is kept, no connection is used twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientSession


def one_question(connect_s: float, whole_s: float) -> ClientSession:
    """A session for one GET. Machine seconds: for name, connection and TLS together, and for everything."""
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True, limit=1),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=whole_s, connect=connect_s),
        trust_env=False,
        auto_decompress=False,
    )
