"""A page as its viewers get it: one GET through the distribution, measured and not kept.

The same rules as of the health check: no redirect is followed, nothing of the environment steers it, and a sandbox's
endpoint is asked in the place of the real host.
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import msgspec

from services.probes.asking import one_question
from services.probes.health import CONNECT_S, reason
from services.safe_text import SafeText, safe
from services.settings.values import Environment, EnvironmentKind

WHOLE_S = 30.0
"""Machine seconds for one page."""

USER_AGENT = "ec2-manager-cockpit (content check)"


class Fetched(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    """0: nothing did, and `note` says why."""
    size: int = 0
    md5: str = ""
    """What S3's ETag is, for an object that was put in one piece."""
    note: SafeText = SafeText("")


async def fetch(environment: Environment, domain: str, key: str, *, whole_s: float = WHOLE_S) -> Fetched:
    """GET `key` of the distribution's `domain`. Never raises but for a cancellation."""
    base = f"https://{domain}"
    if environment.kind is EnvironmentKind.SANDBOX:
        base = environment.endpoint_url.rstrip("/")
    headers = {"Host": domain, "User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    try:
        async with (
            one_question(CONNECT_S, whole_s) as session,
            session.get(f"{base}/{quote(key)}", headers=headers, allow_redirects=False) as answer,
        ):
            md5, size = hashlib.md5(usedforsecurity=False), 0
            async for piece in answer.content.iter_chunked(65_536):
                md5.update(piece)
                size += len(piece)
            return Fetched(answer.status, size, md5.hexdigest())
    except Exception as error:
        # The edge: whatever the other side or the network does is an answer.
        return Fetched(0, note=safe(reason(error, CONNECT_S, whole_s), 200))
