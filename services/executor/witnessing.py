"""The evidence beside the limits, read while a rollback is judged: yesterday, alarms, the health address, the log.

Reads only. What cannot be read is a piece of evidence that says so; nothing here ends an operation.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from services.aws import alarms as aws_alarms
from services.aws import stacks
from services.aws.logs import Page, Search, filter_events
from services.aws.metrics import fetch
from services.discovery import parts_of
from services.executor.credentials import lasting
from services.executor.record import Work
from services.line_search.shapes import shape
from services.model.alarms import Alarm
from services.model.evidence import Bearing, Piece
from services.model.logs import Level
from services.model.parts import Parts
from services.model.plan import Criterion
from services.model.series import Series, Signal
from services.model.witness import Probe
from services.probes.health import probe
from services.problems import AccountError, ProblemKind
from services.rules import recovery_evidence as evidence
from services.rules.recovery import RecoveryVerdict, fresh_start
from services.safe_text import SafeText, safe

ERRORS = '?ERROR ?Error ?FATAL ?CRITICAL ?Exception ?Traceback ?"timed out"'
"""What FilterLogEvents is asked for; the lines' own level decides."""

PAGES = 3
"""Of one group and one question: the newest lines, up to 30,000."""

BEFORE = timedelta(hours=1)
"""How much of the log before the change is read for the shapes that were there already."""

LANE = "judging"

_NAMES = ("ApiName", "ApiId", "FunctionName")
"""Dimensions by which an alarm is known to be about what is judged."""

Shapes = tuple[dict[str, int], bool]
"""How many requests wrote each shape, and whether all of them were read."""


class Witnesses:
    """What is asked again at each look, and what is asked once and kept."""

    def __init__(self, work: Work, criterion: Criterion, latency: Signal, switched: datetime) -> None:
        self._work, self._criterion, self._latency = work, criterion, latency
        self._first = fresh_start(switched)
        self._probes: list[Probe] = []
        self._yesterday: evidence.Means | None = None
        self._parts: Parts | None = None
        self._before: Shapes | None = None

    async def pieces(self, verdict: RecoveryVerdict, latency: Series | None) -> tuple[Piece, ...]:
        """Everything that is known now. The log is read when the limits have been judged, not each minute."""
        found = [await self._of_latency(verdict, latency), await self._of_alarms(), await self._of_health()]
        if verdict.outcome is not None:
            found.append(await self._of_log(verdict))
        return tuple(found)

    async def _of_latency(self, verdict: RecoveryVerdict, latency: Series | None) -> Piece:
        if self._yesterday is None:
            start, end = evidence.same_hour(self._first)
            try:
                told = await lasting(self._work, lambda: fetch(self._work.reader, (self._latency,), start, end))
                self._yesterday = _means(told.get(self._latency.id))
            except AccountError:
                pass  # the piece says so, and it is asked again
        return evidence.latency(self._criterion, _means(latency), verdict.until, self._first, self._yesterday)

    async def _of_alarms(self) -> Piece:
        try:
            found = await lasting(self._work, self._alarms)
        except AccountError as error:
            return evidence.unread("alarms", "alarms", error.problem)
        return evidence.alarms(found, self._criterion.changed, self._work.clock.now())

    async def _alarms(self) -> tuple[Alarm, ...]:
        reader, environment = self._work.reader, self._work.environment
        if self._parts is None:
            name = environment.stack
            self._parts = parts_of(safe(name), SafeText(""), await stacks.resources(reader, name))
        judged = [value for name, value in self._latency.metric.dimensions if name in _NAMES]
        names = [str(one.physical_id) for one in self._parts.resources if one.physical_id]
        listed = await aws_alarms.describe(reader, environment.region)
        return aws_alarms.of_stack(listed, self._parts.alarms, [*names, *judged, *self._criterion.log_groups])

    async def _of_health(self) -> Piece:
        environment = self._work.environment
        if environment.health_url:
            self._probes.append(await probe(environment, self._work.clock))
        return evidence.health(environment.health_url, environment.health_json, self._probes)

    async def _of_log(self, verdict: RecoveryVerdict) -> Piece:
        changed = self._criterion.changed
        if not self._criterion.log_groups or changed is None:
            lacking = "no log group known" if changed is not None else "not known when the change was made"
            return Piece("log", Bearing.SAID, safe(f"log not compared: {lacking}"))
        try:
            if self._before is None:
                self._before = await self._shapes(_ms(changed - BEFORE), _ms(changed) - 1)
            since, _ = await self._shapes(self._first * 1000, _ms(self._work.clock.now()))
        except AccountError as error:
            return evidence.unread("log", "log", error.problem)
        before, whole = self._before
        return evidence.log(self._criterion, since, before, verdict.requests, whole=whole)

    async def _shapes(self, start: int, end: int) -> Shapes:
        """Shapes of the error lines between two instants, both inclusive."""
        wrote: dict[str, set[str]] = {}
        whole = True
        for group in self._criterion.log_groups:
            search = Search(group, group, start, end, ERRORS, newest_first=True)
            try:
                whole = await self._read(search, wrote) and whole
            except AccountError as error:
                if error.problem.kind is not ProblemKind.NOT_FOUND:
                    raise
        return {one: len(requests) for one, requests in wrote.items()}, whole

    async def _read(self, search: Search, wrote: dict[str, set[str]]) -> bool:
        """Whether that was all of it."""
        token = ""
        for _ in range(PAGES):
            page = await lasting(self._work, partial(self._page, search, token))
            for line in page.lines:
                if line.level is Level.ERROR:
                    wrote.setdefault(shape(line.text), set()).add(line.request or line.id)
            if not page.token or page.token == token:
                return not page.token
            token = page.token
        return False

    async def _page(self, search: Search, token: str) -> Page:
        """At the pace at which logs may be asked for."""
        pace = self._work.reader.log_pace
        await pace.turn(LANE)
        try:
            page = await filter_events(self._work.reader, search, token)
        except AccountError as error:
            if error.problem.kind is ProblemKind.THROTTLED:
                pace.throttled()
            raise
        pace.answered()
        return page


def _means(series: Series | None) -> evidence.Means:
    return (series.statistic("Average"), series.statistic("SampleCount")) if series is not None else ({}, {})


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
