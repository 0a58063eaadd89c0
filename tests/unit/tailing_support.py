"""A log service that answers as it is told to, for tests of the tail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from services.aws.log_pace import Pace
from services.clock import ManualClock
from services.model.logs import Gap, LogLine, TailStatus
from services.problems import AccountError, ProblemKind, problem
from services.watch.tailing import Tail, TailGroup
from services.watch.updates import LinesArrived, Update

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BASE = int(START.timestamp() * 1000)


class Event:
    """One event and when it can be found."""

    def __init__(self, at: float, ingested: float | None = None, text: str = "", identity: str = "") -> None:
        self.at = BASE + round(at * 1000)
        self.ingested = BASE + round((at if ingested is None else ingested) * 1000)
        self.text = text or f"line of {at}"
        self.identity = identity or f"{self.at}{abs(hash((self.text, self.ingested))) % 10**9:09d}"


class ScriptedLogs:
    """FilterLogEvents over lists of events, with pages of `size`, empty pages and scripted failures."""

    def __init__(self, clock: ManualClock, size: int = 1000, empty_every: int = 0) -> None:
        self.groups: dict[str, list[Event]] = {}
        self.calls: list[tuple[datetime, dict[str, Any]]] = []
        self.fail: Callable[[int, dict[str, Any]], ProblemKind | None] = lambda number, asked: None
        self.repeat_token = False
        self._clock = clock
        self._size = size
        self._empty_every = empty_every

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = 20.0,
    ) -> Mapping[str, Any]:
        asked = dict(parameters or {})
        self.calls.append((self._clock.now(), asked))
        kind = self.fail(len(self.calls), asked)
        if kind is not None:
            raise AccountError(problem(kind, f"scripted {kind}"))
        assert (service, operation) == ("logs", "FilterLogEvents")
        return self._answer(asked)

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.repeat_token:
            return {"events": [], "nextToken": "the same"}
        skip, _, was_empty = str(asked.get("nextToken", "0/")).partition("/")
        if self._empty_every and len(self.calls) % self._empty_every == 0 and not was_empty:
            return {"events": [], "nextToken": f"{skip}/empty"}
        now = int(self._clock.now().timestamp() * 1000)
        found = [
            event
            for event in self.groups[asked["logGroupName"]]
            if event.ingested <= now and asked["startTime"] <= event.at <= asked.get("endTime", event.at)
        ]
        found.sort(key=lambda event: event.at, reverse=asked.get("startFromHead") is False)
        begin = int(skip)
        page = found[begin : begin + self._size]
        answer: dict[str, Any] = {"events": [_wire(event) for event in page]}
        if begin + self._size < len(found):
            answer["nextToken"] = f"{begin + self._size}/"
        return answer


class Watched:
    """A tail under test on a clock that the test moves."""

    def __init__(self, logs: ScriptedLogs, clock: ManualClock, *groups: str, pace: Pace | None = None) -> None:
        self.clock = clock
        self.updates: list[Update] = []
        self.tail = Tail(
            logs, [TailGroup(name, name.strip("/")) for name in groups], clock, self.updates.append, pace=pace
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watched:
        self._task = asyncio.create_task(self.tail.run())
        await self.settle()
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def pass_(self, seconds: float, step: float = 1.0) -> None:
        """Let time go by, in small steps, everything that is due happening in between."""
        passed = 0.0
        while passed < seconds:
            self.clock.advance(step)
            passed += step
            await self.settle()

    async def settle(self) -> None:
        for _ in range(40):
            await asyncio.sleep(0)

    async def drained(self) -> None:
        """Wait until the last batch has been handed on."""
        async with asyncio.timeout(5):
            while self.tail.pending:
                await asyncio.sleep(0.01)

    @property
    def lines(self) -> list[LogLine]:
        return [line for update in self.updates if isinstance(update, LinesArrived) for line in update.batch.lines]

    @property
    def status(self) -> TailStatus:
        return self.tail.status


def covered(gaps: tuple[Gap, ...], at: int) -> bool:
    return any(gap.start <= at <= gap.end for gap in gaps)


def _wire(event: Event) -> dict[str, Any]:
    return {
        "logStreamName": "s",
        "timestamp": event.at,
        "message": event.text,
        "ingestionTime": event.ingested,
        "eventId": event.identity,
    }
