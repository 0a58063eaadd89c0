"""Searching several groups, merged by time: for the pane's older lines, for a jump, a filter pattern, the pipe.

Value in, value out: `search(account, ask)` is a question for `Watch.ask`; `told` is called with each step's progress.
Cancelling the question ends the asking. The pace is the one that the tail keeps, too.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from operator import attrgetter

from services.aws.log_pace import Pace
from services.aws.logs import Asker
from services.aws.session import Account
from services.clock import Clock
from services.model.log_search import LogAnswer, LogAsk, LogProgress
from services.model.logs import LogLine
from services.safe_text import SafeText, safe
from services.watch.log_reading import GroupReader
from services.watch.tailing_holes import DAY_MS

Told = Callable[[LogProgress], None]

_lanes = itertools.count()


class LogReading:
    """A search under way."""

    def __init__(
        self, account: Asker, clock: Clock, pace: Pace, ask: LogAsk, told: Told = lambda progress: None
    ) -> None:
        self._account, self._clock, self._pace = account, clock, pace
        self._ask = ask
        self._told = told
        self._lane = f"search {next(_lanes)}"
        self.notes: tuple[SafeText, ...] = ()
        self.readers = [self._reader(group) for group in dict.fromkeys(ask.groups)]
        self._asked = sum(max(0, ask.end - self._oldest(reader.name) + 1) for reader in self.readers)
        self._lines = 0

    async def batches(self) -> AsyncIterator[list[LogLine]]:
        """Lines in the direction of the search, merged over the groups, each once. Nothing is asked before the last
        batch has been taken: a slow taker is waited for."""
        try:
            while (reader := self._behind()) is not None:
                await reader.step(self._account, self._clock, self._pace)
                lines = self._ready()
                self._lines += len(lines)
                self._told(self._progress(reader))
                if lines:
                    yield lines
        finally:
            self._pace.leave(self._lane)

    @property
    def edge(self) -> int:
        """Everything from the end where reading began up to here has been read in every group."""
        ask = self._ask
        open_ = [reader.edge for reader in self.readers if not reader.done]
        if not open_:
            return ask.start if ask.newest_first else ask.end
        return max(open_) if ask.newest_first else min(open_)

    def _reader(self, group: tuple[str, str]) -> GroupReader:
        ask = self._ask
        pattern = dict(ask.patterns).get(group[0], ask.pattern)
        return GroupReader(group, self._oldest(group[0]), ask.end, pattern, ask.newest_first, self._lane)

    def _oldest(self, name: str) -> int:
        """Where a group's lines begin: what retention has deleted is not asked for, and that is said."""
        days = dict(self._ask.retention).get(name)
        if not days:
            return self._ask.start
        kept = int(self._clock.now().timestamp() * 1000) - days * DAY_MS
        if kept > self._ask.start:
            self.notes = tuple(dict.fromkeys((*self.notes, safe(f"{name} keeps its lines for {days} days only"))))
        return max(self._ask.start, kept)

    def _behind(self) -> GroupReader | None:
        """The group that has come least far: the others' lines wait for it."""
        open_ = [reader for reader in self.readers if not reader.done]
        pick = max if self._ask.newest_first else min
        return pick(open_, key=attrgetter("edge")) if open_ else None

    def _ready(self) -> list[LogLine]:
        bound = self.edge
        lines = [line for reader in self.readers for line in reader.take(bound)]
        lines.sort(key=attrgetter("at"), reverse=self._ask.newest_first)
        return lines

    def _progress(self, last: GroupReader) -> LogProgress:
        return LogProgress(
            covered_ms=sum(reader.covered for reader in self.readers),
            asked_ms=self._asked,
            lines=self._lines,
            calls=sum(reader.calls for reader in self.readers),
            reached=self.edge,
            waiting=last.waiting.message if last.waiting is not None else "",
        )


async def search(account: Account, ask: LogAsk, told: Told = lambda progress: None) -> LogAnswer:
    """Everything that `ask` wants, or the first `most` lines of it and how far they reach.

    A group that cannot be read costs its own lines: the answer's gaps say which and why.
    """
    reading = LogReading(account, account.clock, account.log_pace, ask, told)
    found: list[LogLine] = []
    batches = reading.batches()
    try:
        async for lines in batches:
            found += lines
            if len(found) >= ask.most:
                break
    finally:
        await batches.aclose()  # type: ignore[attr-defined]  # an async generator, whatever its annotation says
    whole = all(reader.done for reader in reading.readers)
    return answer(found, reading, whole)


def answer(found: Sequence[LogLine], reading: LogReading, whole: bool) -> LogAnswer:
    """What was found so far, as a value."""
    return LogAnswer(
        lines=tuple(sorted(found, key=attrgetter("at"))),
        reached=reading.edge,
        whole=whole,
        gaps=tuple(reader.gap for reader in reading.readers if reader.gap is not None),
        problems=tuple((reader.name, reader.problem) for reader in reading.readers if reader.problem is not None),
        notes=reading.notes,
        calls=sum(reader.calls for reader in reading.readers),
    )
