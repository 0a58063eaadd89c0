"""What the account's state was at any instant, as far as it steers the world: the reaction's memory.

The façade writes here when a request changes something (LIVE is moved, an invalidation is created, an object is
put); the world only reads. Entries are never changed, so any past minute stays as it was.
"""

from __future__ import annotations

import bisect
import threading
from collections.abc import Mapping
from datetime import datetime

import msgspec

CHECKED_MINUTES = 20_000
"""Minutes whose health checks are remembered: two weeks of one environment."""

_AS_NUMBERED: Mapping[int, int] = {}


class AliasState(msgspec.Struct, frozen=True):
    """Who serves: the alias's version and what share goes elsewhere."""

    version: int
    weights: tuple[tuple[int, float], ...] = ()


class InvalidationState(msgspec.Struct, frozen=True):
    """One invalidation and when it will be complete."""

    created: datetime
    completed: datetime
    paths: tuple[str, ...]
    began: float = 0.0
    ended: float = 0.0
    """`created` and `completed` in epoch seconds: asked for with every minute of months."""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "began", self.created.timestamp())
        msgspec.structs.force_setattr(self, "ended", self.completed.timestamp())


class ContentState(msgspec.Struct, frozen=True):
    """Which release of the web content the bucket holds: the digest of `/index.html` at the origin."""

    digest: str
    missing: float = 0.0
    """Share of what the page and those it names are asked for that is not there, 0 … 1."""


class StageState(msgspec.Struct, frozen=True):
    """What the API's stage serves, as far as people notice: which of its paths fail before any function is called."""

    broken: tuple[str, ...] = ()
    canary_broken: tuple[str, ...] = ()
    """Of the canary's deployment."""
    canary_share: float = 0.0
    """Share of the requests that the canary is given, 0..1."""
    denied: bool = False
    """The resource policy that is served refuses everybody: 403."""
    throttled: tuple[str, ...] = ()
    """Routes that are let through at no rate at all, `GET /health`: 429."""


class Controls:
    """Time-stamped states per environment. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._aliases: dict[str, list[tuple[datetime, AliasState]]] = {}
        self._content: dict[str, list[tuple[datetime, ContentState]]] = {}
        self._invalidations: dict[str, list[InvalidationState]] = {}
        self._stages: dict[str, list[tuple[datetime, StageState]]] = {}
        self._codes: dict[str, dict[int, int]] = {}
        self._checks: dict[tuple[str, int], tuple[int, ...]] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change; lets a cache of the newest minutes know when to forget."""
        return self._version

    def run_code(self, environment: str, number: int, release: int) -> None:
        """Published version `number` is the code of `release`, deployed again."""
        with self._lock:
            self._codes[environment] = {**self._codes.get(environment, {}), number: release}

    def codes(self, environment: str) -> Mapping[int, int]:
        """Published version → the release whose code it is, of those where the two differ; never changed, replaced."""
        return self._codes.get(environment, _AS_NUMBERED)

    def move_alias(self, environment: str, at: datetime, state: AliasState) -> None:
        with self._lock:
            bisect.insort(self._aliases.setdefault(environment, []), (at, state), key=lambda entry: entry[0])
            self._version += 1

    def put_content(self, environment: str, at: datetime, state: ContentState) -> None:
        with self._lock:
            bisect.insort(self._content.setdefault(environment, []), (at, state), key=lambda entry: entry[0])
            self._version += 1

    def serve_stage(self, environment: str, at: datetime, state: StageState) -> None:
        """Kept only where it differs from what held before: a stage that always served well has no history."""
        with self._lock:
            history = self._stages.setdefault(environment, [])
            if state != (history[-1][1] if history else StageState()):
                history.append((at, state))
                self._version += 1

    def invalidate(self, environment: str, state: InvalidationState) -> None:
        with self._lock:
            self._invalidations.setdefault(environment, []).append(state)
            self._version += 1

    def check(self, environment: str, at_ms: int) -> None:
        """Somebody has asked for `/health`, epoch milliseconds. It changes its own minute alone: no new version."""
        minute = environment, at_ms // 60_000 * 60
        with self._lock:
            self._checks[minute] = tuple(sorted((*self._checks.get(minute, ()), at_ms)))
            while len(self._checks) > CHECKED_MINUTES:
                del self._checks[next(iter(self._checks))]

    def checks(self, environment: str, start: int) -> tuple[int, ...]:
        """When `/health` was asked for in the minute from `start`, epoch milliseconds, ascending."""
        return self._checks.get((environment, start), ())

    def alias_history(self, environment: str) -> tuple[tuple[datetime, AliasState], ...]:
        """Every move, ascending; the first one stands for all time before it too."""
        with self._lock:
            return tuple(self._aliases.get(environment, ()))

    def alias(self, environment: str, at: datetime) -> AliasState | None:
        """The state that held at `at`; before the first move, the first; None when there was never one."""
        history = self.alias_history(environment)
        if not history:
            return None
        index = bisect.bisect_right(history, at, key=lambda entry: entry[0]) - 1
        return history[max(0, index)][1]

    def stage_history(self, environment: str) -> tuple[tuple[datetime, StageState], ...]:
        """Every change of what people notice of the stage, ascending; before the first all was well."""
        with self._lock:
            return tuple(self._stages.get(environment, ()))

    def content_history(self, environment: str) -> tuple[tuple[datetime, ContentState], ...]:
        with self._lock:
            return tuple(self._content.get(environment, ()))

    def missing(self, environment: str, at: datetime) -> float:
        """Which share of requests finds nothing at the edge: as of when it last dropped its copies of everything."""
        with self._lock:
            dropped = [one.completed for one in self._invalidations.get(environment, ()) if one.completed <= at]
            history = [one for one in self._content.get(environment, ()) if dropped and one[0] < max(dropped)]
        return history[-1][1].missing if history else 0.0

    def invalidations(self, environment: str) -> tuple[InvalidationState, ...]:
        with self._lock:
            return tuple(self._invalidations.get(environment, ()))
