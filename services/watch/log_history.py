"""A stretch of logs from AWS, asked for by a screen between the looks of the tail: value in, value out.

Each group is read from its youngest event backwards (FilterLogEvents, `startFromHead` false) until the stretch is
read or enough is known. What could not be read to its end is cut where the first group was cut, so that what is
handed back is complete from `reached` on and never thin without saying so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from services.aws.logs import Asker, Search, filter_events
from services.model.logs import LogLine
from services.problems import AccountError, Problem

CALLS_AT_ONCE = 3
PAUSE_S = 0.4
"""Machine seconds between calls after the first few: the account's five a second are everybody's (aws.md 3.2)."""

PAGES = 200
"""Most pages of one group: an endless row of empty ones ends somewhere."""


class Stretch(msgspec.Struct, frozen=True):
    """What is asked; times are epoch milliseconds, both inclusive."""

    groups: tuple[tuple[str, str], ...]
    """(name, short name)."""
    start: int
    end: int
    pattern: str = ""
    """CloudWatch Logs' filter pattern; empty: everything."""
    patterns: tuple[str, ...] = ()
    """One for each group, in its place, where they differ."""
    most: int = 20_000
    """Lines of a group after which no further page is read."""

    def pattern_of(self, place: int) -> str:
        return self.patterns[place] if self.patterns else self.pattern


class Progress(msgspec.Struct, frozen=True):
    """How far a reading is."""

    done: float
    """0 to 1, by the time that has been read back through."""
    lines: int
    pages: int


class Found(msgspec.Struct, frozen=True):
    """What was found, ascending by time."""

    lines: tuple[LogLine, ...]
    reached: int
    """Epoch milliseconds from which on everything is here, to the stretch's end."""
    problems: tuple[tuple[str, Problem], ...] = ()
    """Groups that could not be read, and why."""


Tell = Callable[[Progress], None]


async def read(account: Asker, stretch: Stretch, tell: Tell = lambda progress: None) -> Found:
    """Read a stretch. A group that cannot be read is named; raises AccountError when none can be.

    `tell` is called on the loop that reads, after each page.
    """
    lines: list[LogLine] = []
    problems: list[tuple[str, Problem]] = []
    reached = stretch.start
    calls = 0
    for place, (name, short) in enumerate(stretch.groups):
        found: list[LogLine] = []
        token, back_to = "", stretch.end
        search = Search(name, short, stretch.start, stretch.end, stretch.pattern_of(place), newest_first=True)
        try:
            for _ in range(PAGES):
                if calls >= CALLS_AT_ONCE:
                    await asyncio.sleep(PAUSE_S)
                calls += 1
                page = await filter_events(account, search, token)
                found.extend(page.lines)
                token = page.token
                back_to = page.reached or back_to  # an empty page says nothing of how far it looked
                tell(Progress(_done(stretch, place, back_to if token else None), len(lines) + len(found), calls))
                if not token or len(found) >= stretch.most:
                    break
        except AccountError as error:
            problems.append((short, error.problem))
            if len(problems) == len(stretch.groups):
                raise
        if token:
            reached = max(reached, min((line.at for line in found), default=stretch.end))
        lines += found
    kept = sorted((line for line in lines if line.at >= reached), key=lambda line: (line.at, line.id))
    return Found(tuple(kept), reached, tuple(problems))


def _done(stretch: Stretch, place: int, reached: int | None) -> float:
    """The groups before this one, and of this one what has been read back through."""
    whole = max(1, stretch.end - stretch.start)
    own = 1.0 if reached is None else min(1.0, max(0.0, (stretch.end - reached) / whole))
    return (place + own) / max(1, len(stretch.groups))
