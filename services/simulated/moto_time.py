"""moto asks the machine what time it is; here it is given the account's time instead.

moto reads time through `moto.core.utils.utcnow` (imported by name into most modules) and through the `time` module
in a few. Both names are replaced where they are found; tests/contract/test_simulated_moto.py notices if moto moves
them.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

_MODULES = {
    "s3": ("moto.s3.models",),
    "dynamodb": ("moto.dynamodb.models", "moto.dynamodb.models.table"),
    "cognito-idp": ("moto.cognitoidp.models",),
    "sns": ("moto.sns.models",),
    "iam": ("moto.iam.models",),
}
"""Service → the modules whose time is the account's."""


def _real() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _real


def follow(now: Callable[[], datetime], service: str = "") -> None:
    """Let moto's core, and the modules of `service` when it is given, take their time from `now`."""
    global _now
    _now = now
    import moto.core.utils as utilities

    utilities.utcnow = account_utcnow
    for name in _MODULES.get(service, ()):
        module: Any = importlib.import_module(name)
        if hasattr(module, "utcnow"):
            module.utcnow = account_utcnow
        if getattr(module, "time", None) is time:
            module.time = _TIME


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """What moto makes meanwhile, in this thread, it makes at `instant`: how history is seeded."""
    _override.instant = instant
    try:
        yield
    finally:
        _override.instant = None


def account_utcnow() -> datetime:
    """The account's time as moto wants it: UTC, without an offset."""
    return _present().astimezone(UTC).replace(tzinfo=None)


def _present() -> datetime:
    instant: datetime | None = getattr(_override, "instant", None)
    return instant if instant is not None else _now()


_override = threading.local()
_TIME = SimpleNamespace(time=lambda: _present().timestamp(), sleep=time.sleep)
