"""Following one log group: every event once, in spite of late ones, empty pages and questions that fail.

A look asks again for the last two minutes (ids already seen are dropped), so an event that is ingested up to two
minutes late is still found; advancing by the newest timestamp, as `aws logs tail` does, loses it (aws.md 3.2,
reliability.md, anchors: awscli). In a busy group only a short stretch is asked for at each look and the whole overlap
every quarter of a minute; the claim of completeness counts those sweeps alone.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from services.aws.logs import Asker, Page, Search, filter_events
from services.clock import Clock
from services.model.logs import Gap, LogLine
from services.problems import AccountError, Problem, ProblemKind
from services.watch.tailing_pace import Pace
from services.watch.tailing_seen import Seen

OVERLAP_MS = 120_000
HISTORY_MS = 180_000
"""How far back the first look goes."""

QUICK_MS = 20_000
"""Overlap of a look between two sweeps of a busy group."""
SWEEP_MS = 15_000
BUSY_EVENTS = 500
"""Events in one sweep from which on a group counts as busy."""

LATE_MS = 5_000
"""How much older than the newest line a line has to be to be marked as late: ingestion alone takes seconds."""

CATCH_UP_MS = 600_000
"""Longest stretch that is made up for before the present is shown; a longer one is filled in afterwards."""

LOOK_PAGES = 30
FILL_PAGES = 4
"""Pages of a gap that are read after each look."""

Deliver = Callable[[list[LogLine]], None]


class TailGroup(msgspec.Struct, frozen=True):
    """A log group to follow."""

    name: str
    short: str
    """What its lines are called in the pane."""


class _Hole(msgspec.Struct):
    """A stretch still to be read, newest part first."""

    start: int
    end: int
    why: str
    token: str = ""
    lost: bool = False
    """It cannot be read; it stays a gap."""


class GroupTail:
    """One group's reading position and what it can claim."""

    def __init__(self, group: TailGroup, account: Asker, clock: Clock, pace: Pace, deliver: Deliver) -> None:
        self.group = group
        self.complete_to: int | None = None
        """Epoch milliseconds; None before the first answer."""
        self.problem: Problem | None = None
        self.failures = 0
        self.lines = 0
        self.late = 0
        self._account = account
        self._clock = clock
        self._pace = pace
        self._deliver = deliver
        self._seen = Seen()
        self._begin = self._now() - HISTORY_MS
        self._looked: int | None = None
        self._busy = False
        self._newest = 0
        self._holes: list[_Hole] = []

    @property
    def standing(self) -> ProblemKind | None:
        """DENIED or NOT_FOUND while the group cannot be read at all."""
        kind = self.problem.kind if self.problem is not None else None
        return kind if kind in (ProblemKind.DENIED, ProblemKind.NOT_FOUND) else None

    def gaps(self) -> tuple[Gap, ...]:
        """Stretches that are not known to be complete, oldest first."""
        found = [Gap(hole.start, hole.end, hole.why) for hole in self._holes]
        if self.problem is not None and self.standing is None:
            found.append(Gap(self.complete_to or self._begin, self._now(), self.problem.message))
        return tuple(sorted(found, key=lambda gap: gap.start))

    async def look(self) -> None:
        """Ask for what is new, then for some of what is missing. A failure is kept in `problem`, not raised."""
        try:
            await self._live()
            self.problem, self.failures = None, 0
            await self._fill()
        except AccountError as error:
            self.problem = error.problem
            self.failures += 1
            if error.problem.kind is ProblemKind.THROTTLED:
                self._pace.throttled()

    async def _live(self) -> None:
        begun = self._now()
        self._leave_hole(begun)
        start, sweep = self._window(begun)
        search = Search(self.group.name, self.group.short, start, newest_first=self.complete_to is None)
        events = await self._read_all(search, begun)
        self._looked = begun
        if sweep:
            self.complete_to = begun
            self._busy = events > BUSY_EVENTS
            self._seen.forget(min([begun - OVERLAP_MS, *(hole.start for hole in self._holes)]))

    def _window(self, begun: int) -> tuple[int, bool]:
        """Where the look starts, and whether it covers the whole overlap."""
        if self.complete_to is None or self._looked is None:
            return self._begin, True
        if self._busy and self.failures == 0 and begun - self.complete_to < SWEEP_MS:
            return max(self.complete_to - OVERLAP_MS, self._looked - QUICK_MS), False
        return max(self.complete_to - OVERLAP_MS, self._begin), True

    def _leave_hole(self, begun: int) -> None:
        """After a long silence: the present first, the stretch in between later."""
        known = self.complete_to if self.complete_to is not None else self._begin
        if begun - known <= CATCH_UP_MS:
            return
        resume = begun - OVERLAP_MS
        why = self.problem.message if self.problem is not None else "not asked for"
        self._holes.append(_Hole(max(self._begin, known - OVERLAP_MS), resume, why))
        if self.complete_to is None:
            self._begin = resume
        else:
            self.complete_to = resume

    async def _read_all(self, search: Search, begun: int) -> int:
        """Every page to its end; what is left over after too many becomes a hole."""
        first = self.complete_to is None
        token, reached, events = "", search.start, 0
        for _ in range(LOOK_PAGES):
            page = await self._page(search, token)
            events += page.events
            reached = reached if page.reached is None else page.reached
            self._hand_on(page.lines, mark=not first)
            if not page.token:
                return events
            if page.token == token:
                self._holes.append(_Hole(*self._unread(search, reached, begun), "AWS repeats a page", lost=True))
                return events
            token = page.token
        self._holes.append(_Hole(*self._unread(search, reached, begun), "more lines than can be read"))
        return events

    def _unread(self, search: Search, reached: int, begun: int) -> tuple[int, int]:
        return (search.start, reached) if search.newest_first else (reached, begun)

    async def _fill(self) -> None:
        """Some pages of the newest hole that can still be filled."""
        hole = next((hole for hole in reversed(self._holes) if not hole.lost), None)
        if hole is None:
            return
        search = Search(self.group.name, self.group.short, hole.start, hole.end, newest_first=True)
        for _ in range(FILL_PAGES):
            token, hole.token = hole.token, ""  # a token that fails is not tried again
            page = await self._page(search, token)
            self._hand_on(page.lines, mark=True)
            if not page.token:
                self._holes.remove(hole)
                return
            if page.token == token:
                hole.lost, hole.why = True, "AWS repeats a page"
                return
            hole.token = page.token

    async def _page(self, search: Search, token: str) -> Page:
        await self._pace.turn()
        page = await filter_events(self._account, search, token, self._seen.has)
        self._pace.answered()
        return page

    def _hand_on(self, lines: tuple[LogLine, ...], *, mark: bool) -> None:
        """Deliver the lines not seen before; `mark` those that come long after younger ones."""
        bound = self._newest - LATE_MS if mark else 0
        new = [line for line in lines if self._seen.add(line.at, line.id)]
        fresh = [msgspec.structs.replace(line, late=True) if line.at < bound else line for line in new]
        if not fresh:
            return
        self.lines += len(fresh)
        self.late += sum(line.late for line in fresh)
        # A producer's clock may run ahead; a line from the future must not make all others late.
        self._newest = min(max(self._newest, max(line.at for line in fresh)), self._now())
        self._deliver(fresh)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
