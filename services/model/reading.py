"""A reading never lies: it carries its value, when that was taken, and the Problem if the last try failed."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from services.problems import Problem

T = TypeVar("T")


class Reading(msgspec.Struct, Generic[T], frozen=True):
    """The newest a feed knows. Three honest states: never answered, answered, answered once and failing now."""

    value: T | None = None
    """The newest good value; stays, ageing, when later tries fail. None: there has never been one."""
    taken: datetime | None = None
    """When `value` was taken, the account's time."""
    tried: datetime | None = None
    """When the newest try ended. None: nothing has been asked yet."""
    problem: Problem | None = None
    """Why the newest try failed; None when it did not."""
    failures: int = 0
    """Tries that failed since the last good one."""
    next_try: datetime | None = None
    """When the feed will be asked again, the account's time."""

    @property
    def waiting(self) -> bool:
        """Nothing has been answered yet, well or badly."""
        return self.tried is None

    def age(self, now: datetime) -> float | None:
        """Seconds since the value was taken; None without a value."""
        return None if self.taken is None else (now - self.taken).total_seconds()

    def answered(self, value: T, at: datetime) -> Reading[T]:
        """The reading after a good answer."""
        return Reading(value=value, taken=at, tried=at)

    def failed(self, problem: Problem, at: datetime) -> Reading[T]:
        """The reading after a failed try: the old value stays."""
        return Reading(self.value, self.taken, at, problem, self.failures + 1)
