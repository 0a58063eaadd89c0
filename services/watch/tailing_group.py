"""Following one log group: every event once, in spite of late ones, empty pages and questions that fail.

A look asks again for the last two minutes (ids already seen are dropped), so an event that is ingested up to two
minutes late is still found; advancing by the newest timestamp, as `aws logs tail` does, loses it (aws.md 3.2,
reliability.md, anchors: awscli). Where ingestion is seen to take longer, more is asked again. In a busy group only a
short stretch is asked for at each look and the whole overlap every quarter of a minute; the claim of completeness
counts those sweeps alone. Where more lines come than the pace can read, each look begins with the newest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

import msgspec

from services.aws.log_pace import Pace
from services.aws.logs import Asker, Page, Search, filter_events
from services.clock import Clock
from services.model.logs import Gap, GroupClaim, LogLine
from services.problems import AccountError, Problem, ProblemKind
from services.watch.live_ledger import Ledger
from services.watch.tailing_holes import DAY_MS, Hole, Holes
from services.watch.tailing_seen import Seen

OVERLAP_MS = 120_000
OVERLAP_MOST_MS = 1_200_000
"""Longest overlap that a lag of ingestion can bring about."""

HISTORY_MS = 180_000
"""How far back the first look goes."""

BEFORE_MS = 3 * 3_600_000
"""How far back the last lines of a silent group are looked for: as far as requests are known (cadence.backfill_s)."""

QUICK_MS = 20_000
"""Overlap of a look between two sweeps of a busy group."""
SWEEP_MS = 15_000
BUSY_EVENTS = 500
"""Events in one sweep from which on a group counts as busy."""

NOT_YET, SWAMPED = "not read yet", "more lines than can be read"
"""Why a stretch is left for later."""

LATE_MS = 5_000
"""How much older than the newest line a line has to be to be marked as late: ingestion alone takes seconds."""

CATCH_UP_MS = 600_000
"""Longest stretch that is made up for before the present is shown; a longer one is filled in afterwards."""

LEDGER_MS = 1_800_000
"""How long what Live Tail has shown is remembered."""

LOOK_PAGES = 30
PRESENT_PAGES = 4
"""Pages with lines of the first look, of one between two sweeps, and of a sweep while more lines come than can be read:
the present is on the screen within seconds, and what lies behind it is a gap, filled when there is time for it."""
FILL_PAGES = 4
"""Pages of a gap that are read after each look."""

Deliver = Callable[[list[LogLine]], None]


class TailGroup(msgspec.Struct, frozen=True):
    """A log group to follow."""

    name: str
    short: str
    """What its lines are called in the pane."""
    slow_ms: int = 0
    """How long ingestion is known to take: CloudTrail delivers after 5 to 15 minutes (aws.md 3.5)."""
    pattern: str = ""
    """A filter pattern: only lines that match are followed, and only of them is anything claimed."""


class GroupTail:
    """One group's reading position and what it can claim."""

    def __init__(
        self,
        group: TailGroup,
        account: Asker,
        clock: Clock,
        pace: Pace,
        deliver: Deliver,
        room: Callable[[], Awaitable[None]],
        since: int | None = None,
        ledger: Callable[[], Ledger | None] = lambda: None,
        earlier: Callable[[list[LogLine]], None] = lambda lines: None,
    ) -> None:
        """`room` is awaited before each page: it returns when there is place for its lines. `since`: where to begin,
        epoch milliseconds; three minutes ago by default. `ledger`: what Live Tail has shown, while it is on.
        `earlier` is told the newest lines of a group that was silent in the first look."""
        self.group = group
        self.complete_to: int | None = None
        """Epoch milliseconds; None before the first answer."""
        self.problem: Problem | None = None
        self.failures = 0
        self.answered: datetime | None = None
        """When AWS last answered a question of this group."""
        self.lines = 0
        self.late = 0
        self.shown = True
        """Whether it is on the screen."""
        self.retention_days: int | None = None
        self._account = account
        self._clock = clock
        self._pace = pace
        self._deliver = deliver
        self._room = room
        self._ledger = ledger
        self._earlier = earlier
        self._seen = Seen()
        self._begin = self._now() - HISTORY_MS - group.slow_ms if since is None else since
        self._since = self._begin
        self._looked: int | None = None
        self._busy = False
        self._swamped = False
        """The last look ran out of pages. Only one between two sweeps tells whether more lines come than can be read:
        two sweeps do not follow each other then."""
        self._swept = False
        """Whether the last look was a sweep."""
        self._newest = 0
        self._lag = 0
        self._holes = Holes()

    @property
    def standing(self) -> ProblemKind | None:
        """DENIED or NOT_FOUND while the group cannot be read at all."""
        kind = self.problem.kind if self.problem is not None else None
        return kind if kind in (ProblemKind.DENIED, ProblemKind.NOT_FOUND) else None

    @property
    def closed(self) -> int:
        """Gaps that have been filled."""
        return self._holes.closed

    def gaps(self) -> tuple[Gap, ...]:
        """Stretches that are not known to be complete, oldest first."""
        found = self._holes.gaps()
        if self.problem is not None and (self.standing is None or self.complete_to is not None):
            found.append(Gap(self.complete_to or self._begin, self._now(), self.problem.message))
        return tuple(sorted(found, key=lambda gap: gap.start))

    def claim(self) -> GroupClaim:
        """What can be promised of this group now."""
        return GroupClaim(
            name=self.group.name,
            short=self.group.short,
            complete_to=self.complete_to,
            gaps=self.gaps(),
            lines=self.lines,
            late=self.late,
            lag_ms=self._lag,
            why=self.problem.message if self.problem is not None else "",
            retention_days=self.retention_days,
            shown=self.shown,
            since=self._since,
        )

    async def look(self) -> None:
        """Ask for what is new, then for some of what is missing. A failure is kept in `problem`, not raised."""
        try:
            await self._live()
            self.problem, self.failures = None, 0
            if not self._swamped:
                await self._fill()
        except AccountError as error:
            self.problem = error.problem
            self.failures += 1
            if error.problem.kind is ProblemKind.THROTTLED:
                self._pace.throttled()
            if error.problem.kind is ProblemKind.NOT_FOUND:
                self._gone()

    def seed(self, lines: Iterable[LogLine]) -> None:
        """These have been handed on by somebody else already."""
        for line in lines:
            self._seen.add(line.at, line.id)

    def _gone(self) -> None:
        """The group was deleted: what it took in since the last look is lost. One of the same name begins anew."""
        now = self._now()
        if self.complete_to is not None:
            self._holes.add(Hole(self.complete_to, now, "the group was deleted", lost=True))
        self.complete_to, self._looked, self._begin = None, None, now - OVERLAP_MS

    async def _live(self) -> None:
        begun = self._now()
        self._leave_hole(begun)
        start, sweep = self._window(begun)
        group = self.group
        first = self.complete_to is None
        newest_first = first or self._swamped
        search = Search(group.name, group.short, start, pattern=group.pattern, newest_first=newest_first)
        short = newest_first or not sweep
        events, whole = await self._read_all(search, begun, PRESENT_PAGES if short else LOOK_PAGES)
        self._looked, self._swept, self._swamped = begun, sweep, not whole
        if sweep:
            self.complete_to = begun
            self._busy = events > BUSY_EVENTS or not whole
            unread = self._holes.earliest
            bound = begun - self._overlap
            self._seen.forget(bound if unread is None else min(bound, unread))
            self._lag = self._lag * 9 // 10
            if (ledger := self._ledger()) is not None:
                ledger.forget(begun - LEDGER_MS)
        if first and not events and not group.pattern and not group.slow_ms:
            await self._look_back(start)

    async def _look_back(self, until: int) -> None:
        """Nothing has come for minutes: what came last is not shown, but it tells since when nothing does."""
        group = self.group
        search = Search(group.name, group.short, until - BEFORE_MS, until - 1, newest_first=True)
        token = ""
        for _ in range(LOOK_PAGES):
            await self._pace.turn()
            page = await filter_events(self._account, search, token)
            self._pace.answered()
            self.answered = self._clock.now()
            if page.lines or not page.token:
                self._earlier(list(page.lines))
                return
            token = page.token

    @property
    def _overlap(self) -> int:
        """How far back a sweep asks again: twice what ingestion was seen to take, two minutes at least."""
        return max(OVERLAP_MS, OVERLAP_MS // 2 + self.group.slow_ms, min(OVERLAP_MOST_MS, 2 * self._lag))

    def _window(self, begun: int) -> tuple[int, bool]:
        """Where the look starts, and whether it covers the whole overlap."""
        if self.complete_to is None or self._looked is None:
            return self._begin, True
        due = begun - self.complete_to >= SWEEP_MS and not (self._swamped and self._swept)
        if self._busy and self.failures == 0 and not due:
            return max(self.complete_to - OVERLAP_MS, self._looked - QUICK_MS), False
        return max(self.complete_to - self._overlap, self._begin), True

    def _leave_hole(self, begun: int) -> None:
        """After a long silence: the present first, the stretch in between later."""
        known = self.complete_to if self.complete_to is not None else self._begin
        if begun - known <= CATCH_UP_MS + self.group.slow_ms:
            return
        resume = begun - self._overlap
        why = self.problem.message if self.problem is not None else "not asked for"
        self._holes.add(Hole(max(self._begin, known - self._overlap), resume, why))
        if self.complete_to is None:
            self._begin = resume
        else:
            self.complete_to = resume

    async def _read_all(self, search: Search, begun: int, pages: int) -> tuple[int, bool]:
        """Every page to its end, and whether that was all; what is left after so many with lines becomes a hole."""
        # Empty pages say nothing of how far they have looked: until one has lines nothing is known to be read.
        token, reached, events = "", begun if search.newest_first else search.start, 0
        first = self.complete_to is None
        for _ in range(LOOK_PAGES):
            page = await self._page(search, token)
            events += page.events
            pages -= bool(page.events)
            reached = reached if page.reached is None else page.reached
            self._hand_on(page, mark=not search.newest_first)
            if not page.token:
                return events, True
            if page.token == token:
                self._holes.add(Hole(*self._unread(search, reached, begun), "AWS repeats a page", lost=True))
                return events, True
            token = page.token
            if not pages:
                break
        self._holes.add(Hole(*self._unread(search, reached, begun), NOT_YET if first else SWAMPED))
        return events, False

    def _unread(self, search: Search, reached: int, begun: int) -> tuple[int, int]:
        return (search.start, reached) if search.newest_first else (reached, begun)

    async def _fill(self) -> None:
        """Some pages of the newest hole that can still be filled."""
        if self.retention_days:
            oldest = self._now() - self.retention_days * DAY_MS
            self._holes.expire(oldest, f"older than the group's retention of {self.retention_days} days")
        hole = self._holes.next()
        if hole is None:
            return
        group = self.group
        search = Search(group.name, group.short, hole.start, hole.end, group.pattern, newest_first=True)
        for _ in range(FILL_PAGES):
            token, hole.token = hole.token, ""  # a token that fails is not tried again
            page = await self._page(search, token)
            self._hand_on(page, mark=True)
            if not page.token:
                self._holes.close(hole)
                return
            if page.token == token:
                hole.lost, hole.why = True, "AWS repeats a page"
                return
            hole.token = page.token

    async def _page(self, search: Search, token: str) -> Page:
        await self._room()
        await self._pace.turn()
        keyed = self._ledger() is not None
        page = await filter_events(self._account, search, token, self._seen.has, keyed=keyed)
        self._pace.answered()
        self.answered = self._clock.now()
        return page

    def _hand_on(self, page: Page, *, mark: bool) -> None:
        """Deliver the lines not seen before; `mark` those that come long after younger ones."""
        bound = self._newest - LATE_MS if mark else 0
        new = self._new(page)
        fresh = [msgspec.structs.replace(line, late=True) if line.at < bound else line for line in new]
        if not fresh:
            return
        self._lag = max(self._lag, page.lag_ms)
        self.lines += len(fresh)
        self.late += sum(line.late for line in fresh)
        # A producer's clock may run ahead; a line from the future must not make all others late.
        self._newest = min(max(self._newest, max(line.at for line in fresh)), self._now())
        self._deliver(fresh)

    def _new(self, page: Page) -> list[LogLine]:
        """The lines that neither we nor Live Tail have handed on."""
        ledger = self._ledger()
        if ledger is None or not page.keys:
            return [line for line in page.lines if self._seen.add(line.at, line.id)]
        pairs = zip(page.lines, page.keys, strict=True)
        new = [(line, key) for line, key in pairs if self._seen.add(line.at, line.id)]
        return [line for line, key in new if ledger.by_tail(line.at, key)]

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
