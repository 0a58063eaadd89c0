"""What each method of an API calls."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class Method(msgspec.Struct, frozen=True):
    """One method of a REST API, or one route of an HTTP API, with its integration."""

    api: SafeText
    method: SafeText
    """`GET`, `ANY`; of an HTTP API's default route empty."""
    path: SafeText
    kind: SafeText
    """AWS_PROXY, MOCK, HTTP …; empty: there is no integration."""
    function: SafeText = SafeText("")
    """The Lambda function that it calls; empty: it calls none."""
    qualifier: SafeText = SafeText("")
    """Alias or version; empty: `$LATEST`."""
    target: SafeText = SafeText("")
    """What else it calls, as its URI."""
    timeout_ms: int = 0
    """0: it was not told."""
