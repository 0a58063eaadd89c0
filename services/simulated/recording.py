"""What was asked of the account: every request, in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

KEPT = 20_000
"""Calls kept; a demo that runs for a day must not grow for ever."""


class RecordedCall(msgspec.Struct, frozen=True):
    """One request and how it ended."""

    at: datetime
    """The account's time at its arrival."""
    service: str
    operation: str
    """Empty when the request named none."""
    region: str
    parameters: Mapping[str, Any]
    """In botocore's form; streaming bodies are left out."""
    status: int
    """HTTP status that was sent; 0 when the connection was cut instead."""
    error: str = ""
    """AWS's error code, when it was one of ours."""
    id: str = ""
    """The request id that was sent."""


class Recording:
    """The newest calls, ascending. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[RecordedCall] = deque(maxlen=KEPT)

    def add(self, call: RecordedCall) -> None:
        with self._lock:
            self._calls.append(call)

    def snapshot(self) -> list[RecordedCall]:
        with self._lock:
            return list(self._calls)
