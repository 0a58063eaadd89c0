"""The scenario's deployments take effect: each at its own instant, whoever asks or does not ask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import msgspec

Effect = Callable[[datetime], None]


class Scheduled(msgspec.Struct, frozen=True):
    """Something that happens to the account at an instant."""

    at: datetime
    what: str
    effect: Effect
    of: str = ""
    """Token of the stack operation whose effect it is."""


class Deploying:
    """Scheduled effects, performed in order once their time has come, each told its own instant and not the present."""

    def __init__(self, scheduled: list[Scheduled], lock: threading.RLock) -> None:
        self._lock = lock
        self._pending = sorted(scheduled, key=lambda one: one.at, reverse=True)
        self._next = self._pending[-1].at if self._pending else None

    def catch_up(self, now: datetime) -> None:
        """Perform what is due. Cheap when nothing is; safe from any thread."""
        if self._next is None or now < self._next:
            return
        with self._lock:
            while self._pending and self._pending[-1].at <= now:
                due = self._pending.pop()
                due.effect(due.at)
            self._next = self._pending[-1].at if self._pending else None

    def add(self, scheduled: list[Scheduled]) -> None:
        """More that will happen; what is due by now happens at the next look."""
        with self._lock:
            self._set([*self._pending, *scheduled])

    def drop(self, of: str) -> None:
        """What was still to come of a stack operation does not come: it was cancelled."""
        with self._lock:
            self._set([one for one in self._pending if one.of != of])

    def _set(self, pending: list[Scheduled]) -> None:
        self._pending = sorted(pending, key=lambda one: one.at, reverse=True)
        self._next = self._pending[-1].at if self._pending else None
