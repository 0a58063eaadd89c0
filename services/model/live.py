"""A Live Tail session as it is told."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.problems import Problem


class LiveStatus(msgspec.Struct, frozen=True):
    """What Live Tail is doing, and what it has cost. What it leaves out the tail fills in."""

    groups: tuple[str, ...]
    """Short names."""
    since: datetime
    """When it was switched on."""
    connected: bool = False
    until: datetime | None = None
    """When it is switched off by itself, unless it is asked for again."""
    minutes: float = 0.0
    """Of sessions so far: what is billed."""
    dollars: float = 0.0
    """Those minutes at the list price; a month's first 1,800 are free."""
    lines: int = 0
    sampled: int = 0
    """Updates of which AWS sent a sample: more than 500 lines came within that second."""
    silent_s: float = 0.0
    """Longest time between two updates of a session: one comes each second, in a longer time something was dropped."""
    reconnects: int = 0
    problem: Problem | None = None
    """Why it is not connected."""
    ended: str = ""
    """Why it is off for good, though nobody switched it off; empty: it goes on."""
