"""Where an environment's account is, and what time it is there."""

from __future__ import annotations

import json
import os
from datetime import datetime
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from services.clock import Clock, RealClock, ScaledClock
from services.settings.values import Environment, EnvironmentKind

CLOCK_PATH = "/_simulated/clock"
CLOCK_LIMIT_S = 2.0
_REPLY_LIMIT = 4096


def clock_of(environment: Environment) -> Clock:
    """The simulated account's clock if the environment's endpoint is one, else the real clock.

    Asks `GET /_simulated/clock` and waits for two machine seconds at most. An endpoint that does not answer it
    (another emulator, or nothing yet) runs on real time.
    """
    if environment.kind is not EnvironmentKind.SANDBOX or not environment.endpoint_url:
        return RealClock()
    if urlsplit(environment.endpoint_url).scheme not in ("http", "https"):
        return RealClock()
    request = Request(environment.endpoint_url.rstrip("/") + CLOCK_PATH)  # noqa: S310 - the scheme is checked above
    try:
        # No proxies: the process's environment must not redirect it.
        with build_opener(ProxyHandler({})).open(request, timeout=CLOCK_LIMIT_S) as answer:
            told = json.loads(answer.read(_REPLY_LIMIT))
        origin, speed = datetime.fromisoformat(told["now"]), float(told["speed"])
    except (URLError, OSError, ValueError, KeyError, TypeError):
        return RealClock()
    if origin.tzinfo is None or not 0 < speed < 1e6:
        return RealClock()
    return ScaledClock(origin, speed)


def stray_endpoints() -> tuple[str, ...]:
    """Variables of the process's environment that would redirect AWS calls elsewhere. Reported, never obeyed."""
    return tuple(sorted(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")))
