"""Live Tail beside the tail: an explicit choice, with its price, switched off by itself.

It shows lines within a second; it samples, drops and ends. The tail goes on asking all the while and hands on whatever
Live Tail has left out, so what the tail claims stays true. A line that both find is shown once (live_ledger.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from services.aws.live_tail import SILENCE_S, LiveGroup, LiveUpdate, session
from services.aws.session import Account
from services.model.live import LiveStatus
from services.model.logs import LogLine
from services.problems import AccountError, Problem, ProblemKind
from services.watch.live_ledger import Ledger

LASTS_S = 3 * 3_600.0
"""Seconds of the account's time after which it is switched off: as long as AWS lets one session last. What AWS ends
before that is opened again."""
OVER = "its three hours are over"

LONGEST_PAUSE_S = 60.0

_FINAL = (ProblemKind.DENIED, ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNSUPPORTED)
_TIMED_OUT = "SessionTimeoutException"
_STREAMING = "SessionStreamingException"


class Live:
    """Sessions one after the other until it is switched off."""

    def __init__(
        self,
        account: Account,
        groups: Sequence[LiveGroup],
        ledger: Ledger,
        deliver: Callable[[list[LogLine]], None],
        told: Callable[[LiveStatus], None],
        per_minute: float,
        *,
        pattern: str = "",
        lasts: float = LASTS_S,
        silence: float = SILENCE_S,
    ) -> None:
        """`deliver` takes lines that nobody has shown yet, `told` every change of the status."""
        self._account, self._clock = account, account.clock
        self._groups = tuple(groups)
        self._ledger = ledger
        self._deliver, self._told = deliver, told
        self._per_minute = per_minute
        self._pattern = pattern
        self._silence = silence
        self._since = self._clock.now()
        self._until = self._since + timedelta(seconds=lasts)
        self._lines = self._sampled = self._reconnects = 0
        self._quiet = self._seconds = 0.0
        self._begun: datetime | None = None
        self._last: datetime | None = None
        self._problem: Problem | None = None
        self._over = ""

    def regroup(self, groups: Sequence[LiveGroup]) -> None:
        """Other groups from the next second on, in a session of their own; minutes and cost go on. On its own loop."""
        self._groups = tuple(groups)

    @property
    def status(self) -> LiveStatus:
        open_ = (self._clock.now() - self._begun).total_seconds() if self._begun is not None else 0.0
        minutes = (self._seconds + open_) / 60
        return LiveStatus(
            groups=tuple(group.short for group in self._groups),
            since=self._since,
            connected=self._begun is not None,
            until=self._until,
            minutes=minutes,
            dollars=minutes * self._per_minute,
            lines=self._lines,
            sampled=self._sampled,
            silent_s=self._quiet,
            reconnects=self._reconnects,
            problem=self._problem,
            ended=self._over,
        )

    async def run(self) -> None:
        """Until the time is up, or AWS refuses for good: then `status` says why."""
        self._told(self.status)
        await self._sessions()
        self._over = self._over or OVER
        self._told(self.status)

    async def _sessions(self) -> None:
        failures = 0
        while self._clock.now() < self._until:
            begun = self._lines
            try:
                await self._session()
                failures = 0
                continue
            except AccountError as error:
                self._ended()
                # Both end every session sooner or later; neither is a fault.
                usual = error.problem.code in (_TIMED_OUT, _STREAMING)
                self._problem = None if error.problem.code == _TIMED_OUT else error.problem
                self._told(self.status)
                if error.problem.kind in _FINAL and not usual:
                    self._over = error.problem.message
                    return
                failures = 1 if self._lines > begun or usual else failures + 1
            self._reconnects += 1
            await self._clock.sleep(min(LONGEST_PAUSE_S, 2.0**failures))

    async def _session(self) -> None:
        """One session, until the time is up or other groups are wanted."""
        groups = self._groups
        async with aclosing(session(self._account, groups, self._pattern, self._silence)) as updates:  # type: ignore[type-var]  # an async generator
            async for update in updates:
                self._take(update)
                if self._clock.now() >= self._until or self._groups != groups:
                    self._ended()
                    self._told(self.status)
                    return

    def _take(self, update: LiveUpdate) -> None:
        now = self._clock.now()
        if update.started:
            self._begun, self._last, self._problem = now, now, None
        elif self._last is not None:
            self._quiet = max(self._quiet, (now - self._last).total_seconds())
            self._last = now
        self._sampled += update.sampled
        fresh = [
            line for line, key in zip(update.lines, update.keys, strict=True) if self._ledger.by_live(line.at, key)
        ]
        self._lines += len(fresh)
        if fresh:
            self._deliver(fresh)
        self._told(self.status)

    def _ended(self) -> None:
        if self._begun is not None:
            self._seconds += (self._clock.now() - self._begun).total_seconds()
        self._begun = None
