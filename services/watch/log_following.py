"""A watch that can be told which log groups to follow, and when to pay for Live Tail: `Watch` can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class FollowsLogs(Protocol):
    """What the log screen needs of a watch. Never blocks, from any thread."""

    def follow_logs(self, words: Sequence[str], hidden: Collection[str] = ()) -> None: ...
    def live_logs(self, on: bool) -> None: ...
