"""What happened at the Order Desk in any minute. Pure in (seed, function, minute); a microsecond or ten each."""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec

from services.simulated.desk.estate import Desk, DeskFunction
from services.simulated.world import draws, spreads
from services.simulated.world.scenarios import FailingFunction
from services.simulated.world.values import Spread

_PEAK = 11 * 3600
"""Second of the UTC day when use is highest: late morning in central Europe."""

_SHAPE = ((0.55, 0.5), (0.9, 0.3), (1.6, 0.15), (3.2, 0.05))
"""(factor on the mean, share of the calls): a duration's spread, whose mean is 1."""

_MEAN = sum(factor * share for factor, share in _SHAPE)


class Doings(msgspec.Struct, frozen=True, gc=False):
    """One function's minute."""

    calls: int
    failed: int
    duration: Spread
    """Milliseconds."""
    at_once: int
    """Most executions at one time."""


class DeskWorld:
    """Every minute of the desk."""

    def __init__(self, desk: Desk, started: float, troubles: tuple[FailingFunction, ...] = ()) -> None:
        self.desk = desk
        self._started = started
        self._troubles = troubles
        self._closed: list[tuple[float, bool]] = []
        """Instants at which the API was closed or opened, ascending."""
        self._as_usual = lru_cache(maxsize=400_000)(self._of_function)

    def close(self, shut: bool, at: float) -> None:
        """From `at` on the API lets nobody in, or everybody again."""
        if shut != (self._closed[-1][1] if self._closed else False):
            self._closed.append((at, shut))

    def of_function(self, function: DeskFunction, start: int) -> Doings:
        """One function's minute: of those that the API calls nothing while it is closed."""
        return _IDLE if function.route and self._is_closed(start) else self._as_usual(function, start)

    def _is_closed(self, start: int) -> bool:
        return next((shut for at, shut in reversed(self._closed) if at <= start), False)

    def _of_function(self, function: DeskFunction, start: int) -> Doings:
        number = draws.key(self.desk.seed, "desk", function.name, start)
        u_calls, u_failed, u_slow = ((number >> shift & 0xFFFF) / 65_536 for shift in (0, 16, 32))
        mean, milliseconds = _usual(self.desk.seed, function)
        expected = mean * (1 + 0.45 * math.cos(2 * math.pi * ((start % 86_400) - _PEAK) / 86_400))
        calls = draws.poisson(expected, u_calls)
        if not calls:
            return _IDLE
        failed = draws.binomial(calls, self._failing(function, start), u_failed)
        duration = _durations(calls, milliseconds * (0.9 + 0.2 * u_slow))
        return Doings(calls, failed, duration, max(1, math.ceil(calls * milliseconds / 60_000)))

    def _failing(self, function: DeskFunction, start: int) -> float:
        seconds = start - self._started
        shares = [one.share for one in self._troubles if one.function == function.name and one.begins <= seconds]
        return max(shares, default=0.0)

    def requests(self, start: int) -> int:
        """Requests at the API: those that reach a function, and the few that the authorizer turns away."""
        return self._routed(start) + self.refused(start)

    def refused(self, start: int) -> int:
        """401 and 403; while the API is closed 429, and that is everybody."""
        if self._is_closed(start):
            return sum(self._as_usual(one, start).calls for one in self.desk.routed)
        return draws.binomial(self._routed(start), 0.01, draws.uniform(self.desk.seed, "desk/refused", start))

    def failed(self, start: int) -> int:
        """5xx: what its functions could not serve."""
        return sum(self.of_function(one, start).failed for one in self.desk.routed)

    def integration(self, start: int) -> Spread:
        """Milliseconds that the functions took, as the API sees them."""
        return _added(spreads.merge([self.of_function(one, start).duration for one in self.desk.routed]), 6.0)

    def latency(self, start: int) -> Spread:
        return _added(self.integration(start), 4.0)

    def sign_ins(self, client: int, start: int) -> tuple[int, int]:
        """(successes, failures) with the first or the second client."""
        tried = draws.binomial(self._routed(start), (0.01, 0.03)[client], draws.uniform(self.desk.seed, client, start))
        failed = draws.binomial(tried, 0.03, draws.uniform(self.desk.seed, client, start, "failed"))
        return tried - failed, failed

    def _routed(self, start: int) -> int:
        return sum(self.of_function(one, start).calls for one in self.desk.routed)


def _usual(seed: int, function: DeskFunction) -> tuple[float, float]:
    """Calls a minute over a day, and mean duration in milliseconds."""
    u_calls, u_slow = (draws.uniform(seed, "desk", function.name, what) for what in ("calls", "slow"))
    if function.route:
        return 20 + 40 * u_calls, 40 + 80 * u_slow
    return 0.5 * 60**u_calls, 60 * 25**u_slow


def _durations(calls: int, mean: float) -> Spread:
    """`calls` samples in four values; the last takes what rounding leaves."""
    counts = [math.floor(calls * share) for _, share in _SHAPE[1:]]
    counts.insert(0, calls - sum(counts))
    pairs = [(mean * factor / _MEAN, float(n)) for (factor, _), n in zip(_SHAPE, counts, strict=True) if n]
    return Spread(tuple(value for value, _ in pairs), tuple(weight for _, weight in pairs))


def _added(spread: Spread, more: float) -> Spread:
    return Spread(tuple(value + more for value in spread.values), spread.weights)


_IDLE = Doings(0, 0, spreads.EMPTY, 0)
