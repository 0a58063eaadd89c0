"""One query while it runs: events are read newest first, slot by slot, in a thread that a stop ends."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from services.simulated.logs.group import Group, slots
from services.simulated.logs.insights.commands import LIMIT, Plan
from services.simulated.logs.insights.expressions import Row
from services.simulated.logs.insights.records import Record
from services.simulated.logs.insights.values import text
from services.simulated.logs.paging import weight

Result = list[dict[str, str]]


class Span(msgspec.Struct, frozen=True):
    """What a query reads: epoch milliseconds, both inclusive, of what was ingested at `now`."""

    groups: tuple[Group, ...]
    start: int
    end: int
    now: int
    account: str


class Running:
    """A query's work. Its figures grow while it runs; `results` are whole once `finished`."""

    def __init__(self, plan: Plan, span: Span, limit: int | None, lock: threading.RLock) -> None:
        self._plan = plan
        self._span = span
        self._limit = min(limit or LIMIT, plan.limit or limit or LIMIT)
        self._lock = lock
        self._stop = threading.Event()
        self.scanned = self.matched = self.bytes = 0
        self.results: list[Result] = []
        self.failed = False
        self._done = threading.Event()

    @property
    def finished(self) -> bool:
        return self._done.is_set()

    def begin(self) -> None:
        threading.Thread(target=self._run, name="simulated-insights", daemon=True).start()

    def stop(self) -> None:
        """End soon; what was found so far stays."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self.results = self._answer()
        except _Stopped:
            pass
        except Exception:  # a query must not end the account; whoever asks is told that it failed
            self.failed = True
        finally:
            self._done.set()

    def _answer(self) -> list[Result]:
        plan = self._plan
        rows: Iterable[Row] = self._events()
        for step in plan.steps[: plan.filters]:
            rows = step(rows)
        matching = rows = self._matching(rows)
        for step in plan.steps[plan.filters :]:
            rows = step(rows)
        found = [self._shown(row) for row in islice(rows, self._limit)]
        for _ in matching:  # a limit ends the answer and not the reading: AWS bills the whole range
            pass
        return found

    def _matching(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.matched += 1
            yield row

    def _events(self) -> Iterator[Row]:
        span = self._span
        seconds = min((group.slot for group in span.groups), default=60)
        for start in slots(span.start, span.end, seconds, descending=True):
            if self._stop.is_set():
                raise _Stopped
            yield from self._slot(start, seconds)

    def _slot(self, start: int, seconds: int) -> list[Row]:
        span = self._span
        found = []
        for group in span.groups:
            with self._lock:
                events = group.visible(start, span.now, seconds)
            found += [(event, group.name) for event in events if span.start <= event.timestamp <= span.end]
        found.sort(key=lambda entry: entry[0], reverse=True)
        self.scanned += len(found)
        self.bytes += sum(weight(event) for event, _ in found)
        return [Row(Record(span.account, name, event), {}) for event, name in found]

    def _shown(self, row: Row) -> Result:
        names = self._plan.shown or ["@timestamp", "@message"]
        if not self._plan.grouped:
            names = [*(name for name in names if name != "@ptr"), "@ptr"]
        values = [(name, row.get(name)) for name in names]
        return [{"field": name, "value": text(value)} for name, value in values if value is not None]


class _Stopped(Exception):
    """The query was stopped."""
