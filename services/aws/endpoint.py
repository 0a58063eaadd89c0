"""Where an environment's account is, and what time it is there."""

from __future__ import annotations

import json
import os
from datetime import datetime
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from services.aws.failures import START_IT, shown
from services.clock import Clock, RealClock, ScaledClock
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind

CLOCK_PATH = "/_simulated/clock"
CLOCK_LIMIT_S = 2.0
_REPLY_LIMIT = 4096


def clock_at(environment: Environment) -> Clock:
    """The time of the environment's account: a simulated account's own, else the real one.

    A sandbox's endpoint is asked `GET /_simulated/clock`, for two machine seconds at most. One that answers but has no
    such clock (LocalStack, moto) runs on real time. Raises AccountError(UNREACHABLE) when nothing answers: which time
    it is there is not known, and a guess would pace and judge everything wrongly. May be asked again.
    """
    url = environment.endpoint_url
    if environment.kind is not EnvironmentKind.SANDBOX or not url:
        return RealClock()
    try:
        told = _told(url)
    except HTTPError:
        return RealClock()  # something answered, and has no clock
    except (OSError, HTTPException, ValueError) as error:
        raise AccountError(silent(url, error)) from error
    try:
        found = json.loads(told)
        origin, speed = datetime.fromisoformat(found["now"]), float(found["speed"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return RealClock()
    if origin.tzinfo is None or not 0 < speed < 1e6:
        return RealClock()
    return ScaledClock(origin, speed)


def silent(url: str, error: BaseException) -> Problem:
    """Nothing that could be an account answers at a sandbox's endpoint."""
    cause = error.reason if isinstance(error, URLError) else error
    what = f"nothing answers at {shown(url)}"
    if isinstance(cause, TimeoutError):
        what = f"{shown(url)} did not answer within {CLOCK_LIMIT_S:.0f} s"
    elif isinstance(cause, HTTPException) and not isinstance(cause, OSError):
        what = f"what answers at {shown(url)} does not speak HTTP"
    elif isinstance(cause, ValueError):
        what = f"{shown(url)} is no address of an endpoint"
    return Problem(ProblemKind.UNREACHABLE, safe(what, 300), remedy=START_IT)


def _told(url: str) -> bytes:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(url)
    request = Request(url.rstrip("/") + CLOCK_PATH)  # noqa: S310 - the scheme is checked above
    # No proxies: the process's environment must not redirect it.
    with build_opener(ProxyHandler({})).open(request, timeout=CLOCK_LIMIT_S) as answer:
        told: bytes = answer.read(_REPLY_LIMIT)
        return told


def stray_endpoints() -> tuple[str, ...]:
    """Variables of the process's environment that would redirect AWS calls elsewhere. Reported, never obeyed."""
    return tuple(sorted(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")))
