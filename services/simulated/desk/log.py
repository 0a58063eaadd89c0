"""What the Order Desk writes: of each call the line that Lambda ends it with, and before it the error if it failed."""

from __future__ import annotations

from datetime import UTC, datetime

from services.simulated.desk.estate import DeskFunction
from services.simulated.desk.world import DeskWorld
from services.simulated.logs.events import Event, Lag
from services.simulated.world import draws

MOST_A_MINUTE = 40
"""Calls of a minute that are written out: the busiest functions sample their own lines."""


class FunctionLog:
    """The log group of one function. Every minute is pure; nothing is kept."""

    def __init__(self, world: DeskWorld, function: DeskFunction) -> None:
        self._world = world
        self._function = function

    def minute(self, start: int) -> list[Event]:
        found: list[Event] = []
        doings, name = self._world.of_function(self._function, start), self._function.name
        shown = min(doings.calls, MOST_A_MINUTE)
        failing = round(doings.failed * shown / doings.calls) if doings.calls else 0
        values = doings.duration.values
        for number in range(shown):
            at = start * 1000 + int(60_000 * (number + 0.5) / shown)
            request = draws.uuid(self._world.desk.seed, name, start, number)
            lag, milliseconds = Lag(request), values[number % len(values)]
            stamp = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if number < failing:
                found.append(self._event(at, lag, request, 0, f"[ERROR]\t{stamp}\t{request}\tKeyError: 'currency'\n"))
            report = (
                f"REPORT RequestId: {request}\tDuration: {milliseconds:.2f} ms\t"
                f"Billed Duration: {int(milliseconds) + 1} ms\tMemory Size: 512 MB\tMax Memory Used: 96 MB\t\n"
            )
            found.append(self._event(at, lag, request, 1, report))
        return sorted(found)

    def _event(self, at: int, lag: Lag, request: str, place: int, message: str) -> Event:
        stream = f"{datetime.fromtimestamp(at / 1000, UTC):%Y/%m/%d}/[{self._function.version}]0a1b2c3d"
        return Event(at, lag.ingested(at), draws.key(request, place), stream, message)
