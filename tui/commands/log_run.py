"""`cockpit logs` at work: history in order, then the tail, to a writer that may be slow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

from services.aws.identity import whoami, wrong_account
from services.aws.logs import describe_groups
from services.aws.session import Account
from services.clock import Clock
from services.model.insights import InsightsQuery
from services.model.log_search import LogAsk
from services.model.log_sources import LogSources
from services.model.logs import LogLine, TailStatus
from services.problems import AccountError, ConfigurationError
from services.rules.words import count
from services.safe_text import safe
from services.settings.values import Environment, Settings
from services.watch.log_choice import LogChoice, choice, nearest
from services.watch.log_finding import find
from services.watch.log_search import LogReading
from services.watch.tailing import Tail
from services.watch.tailing_group import OVERLAP_MS
from services.watch.updates import FeedUpdate, LinesArrived, Update
from tui.commands.log_insights import named, queried
from tui.commands.log_output import Output, as_json, as_text
from tui.commands.log_talk import Progress, Talk, claim, gap

BAD, OK = 1, 0

AGAIN_S = 60.0
"""Seconds of the account's time between two looks for groups that have come or gone."""


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    words: tuple[str, ...]
    start: int
    end: int
    """Epoch milliseconds."""
    pattern: str = ""
    insights: str = ""
    """A query of Logs Insights, instead of lines."""
    follow: bool = False
    json: bool = False


class LogsRun:
    """One run of the command, on its own loop."""

    def __init__(
        self,
        environment: Environment,
        settings: Settings,
        clock: Clock,
        output: Output,
        say: Callable[[str], None],
        *,
        watched: bool = False,
    ) -> None:
        """`say` talks to whoever has asked. `watched`: somebody looks on while it is read."""
        self._clock = clock
        self._settings = settings
        self._output = output
        self._say = say
        self._progress = Progress(say, clock.monotonic, watched=watched)
        self.account = Account(environment, clock, log_calls=settings.logs.calls_per_second)
        self.status = TailStatus()
        self._handed: dict[str, deque[LogLine]] = {}
        self._width = 0
        self._names: dict[str, str] = {}

    async def run(self, wanted: Wanted) -> int:
        """The exit code. Raises AccountError when nothing could be read, ConfigurationError for a wrong word."""
        try:
            chosen, there = await self.chosen(wanted.words)
            if wanted.insights:
                names = named(chosen)
                if not names:
                    raise ConfigurationError(_nothing(chosen))
                query = InsightsQuery(names, wanted.insights, wanted.start, wanted.end)
                prices = self._settings.prices
                return await queried(self.account, query, there, prices, self._output, self._say, as_json=wanted.json)
            self._width = max([len(group.short) for group in chosen.groups], default=0)
            self._names = {group.short: group.name for group in chosen.groups}
            code = await self._history(wanted, chosen, there)
            if wanted.follow and not self._output.closed.is_set():
                await self._follow(wanted, chosen, there)
            return code
        finally:
            await self.account.close()

    async def chosen(self, words: tuple[str, ...]) -> tuple[LogChoice, LogSources]:
        """The groups that are meant. Raises ConfigurationError naming the nearest to a word that means none."""
        wrong = wrong_account(await whoami(self.account), self.account.environment)
        if wrong is not None:
            raise AccountError(wrong)
        there = await find(self.account)
        for problem in there.problems:
            self._say(problem)
        found = choice(words, there)
        for word in found.unknown:
            near = nearest(word, there)
            hint = f" Did you mean {near}?" if near else ""
            raise ConfigurationError(f"There is no log group {safe(word, 120)!r}.{hint}")
        return found, there

    async def _history(self, wanted: Wanted, chosen: LogChoice, there: LogSources) -> int:
        if not chosen.groups:
            raise ConfigurationError(_nothing(chosen))
        kept = {str(group.name): group.retention_days or 0 for group in there.groups}
        ask = LogAsk(
            tuple((group.name, group.short) for group in chosen.groups),
            wanted.start,
            wanted.end,
            wanted.pattern,
            newest_first=False,
            retention=tuple((group.name, kept[group.name]) for group in chosen.groups if kept.get(group.name)),
        )
        reading = LogReading(self.account, self._clock, self.account.log_pace, ask, self._progress.told)
        self._say_shut(chosen)
        written = 0
        async for lines in reading.batches():
            written += len(lines)
            await self._write(lines, wanted.json)
            if self._output.closed.is_set():
                return OK
        return self._told(wanted, reading, written)

    def _told(self, wanted: Wanted, reading: LogReading, lines: int) -> int:
        gaps = [reader.gap for reader in reading.readers if reader.gap is not None]
        if len(gaps) == len(reading.readers) and not lines:
            causes = [reader.problem for reader in reading.readers if reader.problem is not None]
            if causes:
                raise AccountError(causes[0])
        for note in reading.notes:
            self._say(note)
        for found in gaps:
            self._say(gap(found))
        status = TailStatus(complete_to=wanted.end, gaps=tuple(gaps))
        groups = f"{len(reading.readers)} group{'' if len(reading.readers) == 1 else 's'}"
        self._say(f"{count(lines)} line{'' if lines == 1 else 's'} of {groups}, {claim(status)}")
        return BAD if gaps else OK

    async def _follow(self, wanted: Wanted, chosen: LogChoice, there: LogSources) -> None:
        groups = [msgspec.structs.replace(group, pattern=wanted.pattern) for group in chosen.groups]
        since = wanted.end - max([OVERLAP_MS, *(group.slow_ms for group in groups)])
        tail = Tail(
            self.account,
            groups,
            self._clock,
            lambda update: self._take(update, wanted.json),
            self._settings.cadence,
            self.account.log_pace,
            room=self._output.room,
            since=max(since, wanted.start),
        )
        tail.know({str(group.name): group for group in there.groups})
        tail.leave_out(chosen.unreadable)
        for group in groups:
            tail.seed(group, self._handed.get(group.short, ()))
        self._talk = Talk(self._say)
        following = asyncio.ensure_future(tail.run())
        gone = asyncio.ensure_future(self._output.closed.wait())
        again = asyncio.ensure_future(self._choose_again(tail, wanted, there))
        try:
            done, _ = await asyncio.wait({following, gone, again}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {gone}:
                task.result()
        finally:
            for task in (following, gone, again):
                task.cancel()
            self._say(claim(tail.status))

    async def _choose_again(self, tail: Tail, wanted: Wanted, there: LogSources) -> None:
        """Follow groups that appear and leave those that have gone, and say so. Never ends by itself."""
        before = {group.name for group in choice(wanted.words, there).groups}
        while True:
            await self._clock.sleep(AGAIN_S)
            try:
                groups = await describe_groups(self.account)
            except AccountError:
                continue  # those that are followed stay
            known = {str(group.name): group for group in groups}
            sources = tuple(
                msgspec.structs.replace(source, group=known.get(str(source.name))) for source in there.sources
            )
            found = choice(wanted.words, msgspec.structs.replace(there, groups=groups, sources=sources, listed=True))
            now = {group.name for group in found.groups}
            for name in sorted(now - before):
                self._say(f"{name} is followed from now on")
            for name in sorted(before - now):
                self._say(f"{name} is not followed any more")
            if now != before:
                self._names |= {group.short: group.name for group in found.groups}
                tail.know(known)
                tail.follow([msgspec.structs.replace(group, pattern=wanted.pattern) for group in found.groups])
            before = now

    def _take(self, update: Update, json: bool) -> None:
        if isinstance(update, LinesArrived):
            self._output.put(self._encoded(update.batch.lines, json))
        elif isinstance(update, FeedUpdate) and update.reading.value is not None:
            self.status = update.reading.value
            self._talk.told(self.status)

    async def _write(self, lines: list[LogLine], json: bool) -> None:
        await self._output.room()
        self._output.put(self._encoded(lines, json))
        for line in lines:
            kept = self._handed.setdefault(line.group, deque())
            kept.append(line)
        oldest = lines[-1].at - 10 * OVERLAP_MS
        for kept in self._handed.values():
            while kept and kept[0].at < oldest:
                kept.popleft()

    def _encoded(self, lines: list[LogLine] | tuple[LogLine, ...], json: bool) -> bytes:
        return as_json(lines, self._names) if json else as_text(lines, self._width)

    def _say_shut(self, chosen: LogChoice) -> None:
        for name in chosen.unreadable:
            self._say(f"{name} is of a class that FilterLogEvents cannot read; --insights can.")


def _nothing(chosen: LogChoice) -> str:
    if chosen.unreadable:
        return f"{chosen.unreadable[0]} is of a class that FilterLogEvents cannot read; use --insights."
    return "This environment has no log group that is known of; name one."
