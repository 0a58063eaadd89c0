"""Reading one group's past in one direction: slices of time, pages of slices, each to its end.

Slices, because a page without lines says nothing of how far it has looked: a slice that was read to its end does. They
grow from a quarter of an hour to a day, so that the newest hours come soon and a month takes few of them.
"""

from __future__ import annotations

from services.aws.log_pace import Pace
from services.aws.logs import NEWEST_FIRST_FROM, Asker, Search, filter_events
from services.clock import Clock
from services.model.logs import Gap, LogLine
from services.problems import AccountError, Problem, ProblemKind

FIRST_SLICE_MS = 900_000
LARGEST_SLICE_MS = 86_400_000

TRIES = 8
LONGEST_WAIT_S = 30.0


class GroupReader:
    """One group between two instants."""

    def __init__(
        self, group: tuple[str, str], start: int, end: int, pattern: str, newest_first: bool, lane: str
    ) -> None:
        self.name, self.short = group
        self.done = end < start
        self.gap: Gap | None = None
        """What is left unread for good."""
        self.problem: Problem | None = None
        """Why it is."""
        self.waiting: Problem | None = None
        """Why the last call has to be made again."""
        self.lines: list[LogLine] = []
        """Read and not taken yet, in no order."""
        self.calls = 0
        self._start, self._end = start, end
        self._down = newest_first and start >= NEWEST_FIRST_FROM
        self._back = newest_first
        self._pattern = pattern
        self._lane = lane
        self._edge = end + 1 if newest_first else start - 1
        self._slice: tuple[int, int] | None = None
        self._size = FIRST_SLICE_MS
        self._token = ""
        self._failures = 0
        self._ids: set[str] = set()

    @property
    def edge(self) -> int:
        """Everything from the end where reading began up to here, this instant included, has been read."""
        return self._edge

    @property
    def covered(self) -> int:
        """Milliseconds read so far."""
        if self.done:
            return max(0, self._end - self._start + 1)
        return self._end + 1 - self._edge if self._back else self._edge + 1 - self._start

    async def step(self, account: Asker, clock: Clock, pace: Pace) -> None:
        """One call. A problem that may pass is waited out; any other, and the eighth in a row, leaves a gap."""
        try:
            await pace.turn(self._lane)
            self.calls += 1
            await self._page(account)
            pace.answered()
            self._failures, self.waiting = 0, None
        except AccountError as error:
            cause = error.problem
            if cause.kind is ProblemKind.THROTTLED:
                pace.throttled()
            self._failures += 1
            self._token, self._slice = "", None  # a token that failed is not tried again
            if not cause.passing or self._failures >= TRIES:
                self.problem = cause
                self._give_up(cause.message)
                return
            self.waiting = cause
            await clock.sleep(min(LONGEST_WAIT_S, 2.0 ** (self._failures - 1)))

    def take(self, bound: int) -> list[LogLine]:
        """The lines that are read and on this side of `bound`, unordered; the others stay."""
        inside = [line for line in self.lines if (line.at >= bound if self._back else line.at <= bound)]
        if len(inside) == len(self.lines):
            self.lines = []
        else:
            self.lines = [line for line in self.lines if not (line.at >= bound if self._back else line.at <= bound)]
        return inside

    async def _page(self, account: Asker) -> None:
        start, end = self._slice = self._slice or self._next()
        search = Search(self.name, self.short, start, end, self._pattern, newest_first=self._down)
        page = await filter_events(account, search, self._token)
        for line in page.lines:
            if line.id not in self._ids:
                self._ids.add(line.id)
                self.lines.append(line)
        if page.token and page.token == self._token:
            self._give_up("AWS repeats a page")
        elif page.token:
            self._token = page.token
            self._advance(page.reached, page.newest_first)
        else:
            self._finish(start, end)

    def _next(self) -> tuple[int, int]:
        if self._back:
            return max(self._start, self._edge - self._size), self._edge - 1
        return self._edge + 1, min(self._end, self._edge + self._size)

    def _advance(self, reached: int | None, descending: bool) -> None:
        """In the middle of a slice: of the last line's own millisecond there may be more on the next page."""
        if reached is None or self._back != descending:
            return
        self._edge = min(self._edge, reached + 1) if self._back else max(self._edge, reached - 1)

    def _finish(self, start: int, end: int) -> None:
        self._edge = start if self._back else end
        self._slice, self._token = None, ""
        self._size = min(LARGEST_SLICE_MS, self._size * 2)
        self._ids = {line.id for line in self.lines}  # the next slice shares no instant with this one
        self.done = self._edge <= self._start if self._back else self._edge >= self._end

    def _give_up(self, why: str) -> None:
        left = (self._start, self._edge - 1) if self._back else (self._edge + 1, self._end)
        self.gap = Gap(*left, f"{self.short}: {why}", lasting=True)
        self.done = True
