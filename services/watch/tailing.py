"""The log tail: several groups, each followed by itself, one pace, one stream of batches.

Lines are handed on in batches, at most ten a second, and no batch replaces another. The groups look at the same
moments, and what they find goes out together: a screen repaints once for all of them. What the tail can promise
(complete to when, which stretches are missing, which groups may not be read) goes out as the feed `tail`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Container, Mapping, Sequence
from datetime import datetime

from services.aws.log_pace import Pace
from services.aws.logs import Asker
from services.clock import Clock
from services.model.live import LiveStatus
from services.model.logs import LineBatch, LogGroup, LogLine, TailNote, TailStatus
from services.model.reading import Reading
from services.problems import Problem, ProblemKind
from services.safe_text import safe
from services.settings.values import Cadence
from services.watch.live_ledger import Ledger
from services.watch.tailing_group import GroupTail, TailGroup
from services.watch.updates import FeedUpdate, LinesArrived, Update

__all__ = ["Tail", "TailGroup"]

Room = Callable[[], Awaitable[None]]

FLUSH_S = 0.1
"""Machine seconds between two batches."""

TOGETHER_S = 0.5
"""Machine seconds that lines wait for those of groups that are still being asked."""

LEAST_PAUSE_S = 1.0
"""Machine seconds between two looks at a group, however fast the account's time runs."""

LONGEST_PAUSE_S = 60.0
UNREADABLE_PAUSE_S = 60.0
"""Until a group that is denied or missing is tried again."""

OUTBOX_LINES = 50_000
"""Lines that wait to be handed on before pages wait for them."""

NOTES_KEPT = 20
RESTED_MOST = 200
"""Groups whose reading position is remembered after they are not followed any more."""

MINUTES_KEPT = 60
"""Minutes of a group of which it is told how many lines they had."""


class Tail:
    """Follows log groups for ever. `post` is called on the loop that runs it."""

    def __init__(
        self,
        account: Asker,
        groups: Sequence[TailGroup],
        clock: Clock,
        post: Callable[[Update], None],
        cadence: Cadence | None = None,
        pace: Pace | None = None,
        *,
        room: Room | None = None,
        since: int | None = None,
    ) -> None:
        """`room` is awaited before each page and returns when there is place for more lines. `since`: where the groups
        begin, epoch milliseconds; three minutes ago by default."""
        self._clock = clock
        self._post = post
        self._cadence = cadence or Cadence()
        self._account = account
        self._pace = pace or Pace(clock)
        self._tails: list[GroupTail] = []
        self.left_out = 0
        """Groups that there are and that are not followed, for there are too many."""
        self._rested: dict[TailGroup, GroupTail] = {}
        """Groups that were followed: what is chosen again goes on where it was, and what it missed is a gap."""
        self._following: dict[TailGroup, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._looking = 0
        self._outbox: list[LogLine] = []
        self._told = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._busy: datetime | None = None
        self._taken: datetime | None = None
        self._newest: dict[str, int] = {}
        self._by_minute: dict[str, Counter[int]] = {}
        self._outside = room
        self._since = since
        self._room = asyncio.Event()
        self._room.set()
        self._hidden: frozenset[str] = frozenset()
        self._known: Mapping[str, LogGroup] = {}
        self._unreadable: tuple[str, ...] = ()
        self._notes: tuple[TailNote, ...] = ()
        self._ledger: Ledger | None = None
        self._live: LiveStatus | None = None
        self.follow(groups)

    def follow(self, groups: Sequence[TailGroup]) -> None:
        """Follow these groups from now on; of those that stay no line is handed on again. On the tail's own loop."""
        self._rested |= {tail.group: tail for tail in self._tails}
        self._tails = [
            self._rested.pop(group) if group in self._rested else self._made(group) for group in dict.fromkeys(groups)
        ]
        self._rested = dict(list(self._rested.items())[-RESTED_MOST:])
        self._show()
        for group in [group for group in self._following if group not in groups]:
            self._following.pop(group).cancel()
        if self._tasks is None:
            return
        for tail in self._tails:
            if tail.shown and tail.group not in self._following:
                task = self._tasks.create_task(self._go_on(tail), name=f"tail {tail.group.short}")
                self._following[tail.group] = task
        self._tell_soon()

    def show(self, hidden: Collection[str]) -> None:
        """Do not ask for these groups, by name: they are not on the screen. On the tail's own loop.

        One that is shown again goes on where it was; a stretch that was long is a gap until it is filled.
        """
        self._hidden = frozenset(hidden)
        self._show()
        for tail in self._tails:
            if not tail.shown and tail.group in self._following:
                self._following.pop(tail.group).cancel()
        self.follow([tail.group for tail in self._tails])

    def _show(self) -> None:
        for tail in self._tails:
            tail.shown = tail.group.name not in self._hidden
            known = self._known.get(tail.group.name)
            tail.retention_days = known.retention_days if known is not None else None

    def know(self, groups: Mapping[str, LogGroup]) -> None:
        """What the account says of its groups, by name: how long each keeps its lines."""
        self._known = groups
        self._show()

    def leave_out(self, names: Sequence[str]) -> None:
        """Groups that were asked for and that FilterLogEvents cannot read."""
        self._unreadable = tuple(names)

    def note(self, text: str) -> None:
        """Tell something of the tail itself. On the tail's own loop."""
        at = int(self._clock.now().timestamp() * 1000)
        self._notes = (*self._notes, TailNote(at, safe(text, 300)))[-NOTES_KEPT:]
        if self._tasks is not None:
            self._tell_soon()

    def beside_live(self, ledger: Ledger | None) -> None:
        """From now on Live Tail shows lines too, and `ledger` knows which; None: it does not any more."""
        self._ledger = ledger

    def from_live(self, lines: list[LogLine]) -> None:
        """Hand on lines that Live Tail was the first to have."""
        self._take(lines)

    def tell_live(self, status: LiveStatus | None) -> None:
        """What Live Tail does, as part of what is told."""
        self._live = status
        if self._tasks is not None:
            self._tell_soon()

    def seed(self, group: TailGroup, lines: Sequence[LogLine]) -> None:
        """These lines of a group have been handed on already."""
        for tail in self._tails:
            if tail.group == group:
                tail.seed(lines)

    async def run(self) -> None:
        """Never ends by itself; a group that fails is tried again, and touches no other."""
        ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self.follow([tail.group for tail in self._tails])
                await ended.wait()  # until cancelled: without a group, too
        finally:
            self._tasks = None
            self._following.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def busy_until(self, until: datetime) -> None:
        """Look more often until then."""
        self._busy = until

    def wake(self, kinds: Container[ProblemKind]) -> None:
        """Look again now at groups whose last look failed with such a problem. On the tail's own loop."""
        for tail in self._tails:
            if tail.problem is not None and tail.problem.kind in kinds and tail.group in self._following:
                self._following.pop(tail.group).cancel()
        self.follow([tail.group for tail in self._tails])

    @property
    def settled(self) -> bool:
        """Whether every group waits for its next look and everything has been told."""
        return self._looking == 0 and not self.pending

    @property
    def pending(self) -> bool:
        """Whether there is something still to be told."""
        return self._timer is not None

    @property
    def status(self) -> TailStatus:
        """What can be promised now. Complete means: in all groups that are shown and can be read."""
        readable = [tail for tail in self._tails if tail.standing is None and tail.shown]
        claims = tuple(tail.claim() for tail in self._tails)
        shown = [claim for claim in claims if claim.shown]
        marks = [tail.complete_to for tail in readable]
        known = [mark for mark in marks if mark is not None]
        heard = [tail.group.short for tail in self._tails if tail.group.short in self._newest]
        return TailStatus(
            groups=tuple(tail.group.short for tail in self._tails),
            complete_to=min(known) if known and len(known) == len(marks) else None,
            gaps=tuple(sorted((gap for claim in shown for gap in claim.gaps), key=lambda gap: gap.start)),
            lines=sum(tail.lines for tail in self._tails),
            late=sum(tail.late for tail in self._tails),
            newest={short: self._newest[short] for short in heard},
            by_minute={short: dict(self._by_minute.get(short, {})) for short in heard},
            denied=tuple(tail.group.name for tail in self._tails if tail.standing is ProblemKind.DENIED),
            missing=tuple(tail.group.name for tail in self._tails if tail.standing is ProblemKind.NOT_FOUND),
            left_out=self.left_out,
            claims=claims,
            unreadable=self._unreadable,
            closed=sum(tail.closed for tail in self._tails),
            spacing_s=self._pace.slowed,
            notes=self._notes,
            live=self._live,
        )

    def _made(self, group: TailGroup) -> GroupTail:
        return GroupTail(
            group,
            self._account,
            self._clock,
            self._pace,
            self._take,
            self._make_room,
            self._since,
            lambda: self._ledger,
            self._count,
        )

    async def _make_room(self) -> None:
        """Until the lines that were read have been handed on, and whoever takes them can take more."""
        await self._room.wait()
        if self._outside is not None:
            await self._outside()

    async def _go_on(self, tail: GroupTail) -> None:
        while True:
            self._looking += 1
            try:
                await tail.look()
            finally:
                self._looking -= 1
            self._tell_soon()
            await self._clock.sleep(self._pause(tail))

    def _pause(self, tail: GroupTail) -> float:
        """Seconds of the account's time until the next look; longer with each failure."""
        least = LEAST_PAUSE_S * self._clock.speed
        if tail.standing is not None:
            return max(least, UNREADABLE_PAUSE_S)
        now = self._clock.now()
        busy = self._busy is not None and now < self._busy
        usual = max(least, self._cadence.logs_busy if busy else self._cadence.logs)
        if tail.failures:
            return max(least, min(LONGEST_PAUSE_S, usual * 2.0 ** min(tail.failures, 10)))
        # All groups wait for the same moments, multiples of the cadence since the epoch.
        rest = usual - now.timestamp() % usual
        return rest if rest >= usual / 4 else rest + usual

    def _report(self) -> None:
        now = self._clock.now()
        problem = self._problem()
        answers = [at for at in (self._taken, *(tail.answered for tail in self._tails)) if at is not None]
        self._taken = max(answers, default=None)
        reading = Reading(
            value=self.status,
            taken=self._taken,
            tried=now,
            problem=problem,
            failures=max((tail.failures for tail in self._tails), default=0),
        )
        self._post(FeedUpdate("tail", reading))

    def _problem(self) -> Problem | None:
        """The worst of the groups' problems: one that may pass before one that needs somebody."""
        problems = [tail.problem for tail in self._tails if tail.problem is not None and tail.shown]
        lasting = (ProblemKind.DENIED, ProblemKind.NOT_FOUND)
        return min(problems, key=lambda problem: problem.kind in lasting, default=None)

    def _take(self, lines: list[LogLine]) -> None:
        self._outbox.extend(lines)
        self._count(lines)
        if len(self._outbox) >= OUTBOX_LINES:
            self._room.clear()
        self._tell_soon()

    def _count(self, lines: list[LogLine]) -> None:
        """Count lines by group and minute; of each group the newest minutes are kept."""
        for line in lines:
            self._newest[line.group] = max(line.at, self._newest.get(line.group, line.at))
        for (group, minute), number in Counter((line.group, line.at // 60_000 * 60) for line in lines).items():
            known = self._by_minute.setdefault(group, Counter())
            known[minute] += number
            while len(known) > MINUTES_KEPT:
                del known[min(known)]

    def _tell_soon(self) -> None:
        """Tell when no group is being asked any more, half a second later at the latest, not too often."""
        loop = asyncio.get_running_loop()
        due = max(self._told + FLUSH_S, loop.time() + (TOGETHER_S if self._looking else 0.0))
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._tell)

    def _tell(self) -> None:
        """The lines, then the promise: what it says has been handed on."""
        self._timer = None
        self._told = asyncio.get_running_loop().time()
        lines, self._outbox = self._outbox, []
        self._room.set()
        if lines:
            lines.sort(key=_at)
            self._post(LinesArrived(LineBatch(tuple(lines))))
        self._report()


def _at(line: LogLine) -> int:
    return line.at
