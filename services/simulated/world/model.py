"""The world: what happened in any minute of any environment. Pure in (seed, scenario, controls), without a clock."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, TypeVar

import msgspec

from services.simulated.world import columns, edge, minutes, ordinary, repeats, staging, traffic
from services.simulated.world.columns import Row, Serving
from services.simulated.world.controls import Controls, InvalidationState, StageState
from services.simulated.world.pressures import Pressures
from services.simulated.world.requests import request
from services.simulated.world.scenarios import Scenario, VersionProfile
from services.simulated.world.sign_ins import SignIn, attempts
from services.simulated.world.values import Minute, Request

_K = TypeVar("_K")
_V = TypeVar("_V")

_MINUTES_KEPT = 24_000
"""The two weeks that anybody may ask for of one environment; a busy minute takes about 8 kB."""
_ROWS_KEPT = 24
"""Minutes whose single requests are kept: those that logs are being asked for."""


_SUFFERING = "production"
"""The one environment that scenarios do anything to."""
_NOTHING = Scenario("", "")


class _Known(msgspec.Struct):
    """What is known of one environment under one state of the controls."""

    aliases: tuple[tuple[datetime, object], ...] = ()
    invalidations: tuple[InvalidationState, ...] = ()
    serving: Serving = Serving(())
    stages: tuple[tuple[datetime, StageState], ...] = ()


class World:
    """Every minute of three environments. Thread-safe; the same question always has the same answer.

    A later change of the controls changes nothing before its own time, so what is known of earlier minutes is kept.
    """

    def __init__(self, *, seed: int, started: datetime, scenario: Scenario, controls: Controls) -> None:
        self.seed = seed
        self.started = started
        self._scenario = scenario
        self._controls = controls
        self._lock = threading.RLock()
        self._version = -1
        self._known: dict[str, _Known] = {}
        self._minutes: OrderedDict[tuple[str, int], Minute] = OrderedDict()
        self._rows: OrderedDict[tuple[str, int], list[Row]] = OrderedDict()
        self._requests: OrderedDict[tuple[str, int], tuple[list[Row], tuple[Request, ...]]] = OrderedDict()
        """With the rows that they were made of: several logs tell of the same ones."""
        self._partial: OrderedDict[tuple[str, int, int], Minute] = OrderedDict()

    def minute(self, environment: str, start: int) -> Minute:
        """The whole minute from `start`, epoch seconds on a minute; KeyError for an unknown environment.

        Of the present minute it tells what will have happened if nothing is changed: show what is before now.
        """
        with self._lock:
            known = self._refresh(environment)
            found = self._minutes.get((environment, start))
            if found is None or found.checks != len(self._controls.checks(environment, start)):
                model, version = self._model(environment, start, known)
                if model is not None:
                    found = repeats.minute(self.minute(environment, model), start, version)
                else:
                    found = self._own(environment, start, known)
                _keep(self._minutes, (environment, start), found, _MINUTES_KEPT)
            return found

    def _own(self, environment: str, start: int, known: _Known) -> Minute:
        version = self._ordinary(environment, start, known)
        alone = version is not None and not known.stages and not self._controls.checks(environment, start)
        key = (self.seed, environment, start, version) if alone and not self._missing(environment, start) else None
        found = ordinary.find(key)
        if found is None:
            rows = self._rows.get((environment, start)) or self._make_rows(environment, start, known)
            found = self._figures(environment, start, self._checked(environment, start, rows), known)
            ordinary.keep(key, found)
        return found

    def part(self, environment: str, start: int, until_ms: int) -> Minute:
        """What of the minute from `start` has arrived before `until_ms` (epoch milliseconds); edge and table too."""
        if until_ms >= (start + 60) * 1000:
            return self.minute(environment, start)
        with self._lock:
            known = self._refresh(environment)
            found = self._partial.get((environment, start, until_ms))
            if found is None:
                rows = self._checked(environment, start, self._kept_rows(environment, start, known))
                found = self._figures(environment, start, [row for row in rows if row.at_ms < until_ms], known)
                _keep(self._partial, (environment, start, until_ms), found, _ROWS_KEPT)
            return found

    def requests(self, environment: str, start: int) -> tuple[Request, ...]:
        """The single requests of the minute, ascending by arrival; they add up to `minute`."""
        with self._lock:
            rows = self._checked(environment, start, self._kept_rows(environment, start, self._refresh(environment)))
            made = self._requests.get((environment, start))
            if made is None or made[0] is not rows:
                made = rows, tuple(request(self.seed, environment, start, row) for row in rows)
                _keep(self._requests, (environment, start), made, _ROWS_KEPT)
        return made[1]

    def health(self, environment: str, at_ms: int) -> Row:
        """What a request for `/health` at this moment would meet.

        Every moment has its own, whoever asks how often: the same question always has the same answer. It becomes one
        of the minute's requests when it is made (Controls.check).
        """
        start = at_ms // 60_000 * 60
        with self._lock:
            known, profiles = self._refresh(environment), self._profiles(environment)
            row = columns.health_row(self.seed, environment, at_ms, known.serving, profiles)
            pressures = self._pressures(environment, start)
        # Where nobody comes at all, one that does is served.
        (row,) = pressures.suffer(self.seed, environment, at_ms, [row]) or [row]
        if known.stages:
            staging.touch(self.seed, environment, start, [row], known.stages)
        return row

    def _checked(self, environment: str, start: int, rows: list[Row]) -> list[Row]:
        """The minute's requests with the health checks that were made in it, as they were served; ascending."""
        made = [self.health(environment, at_ms) for at_ms in self._controls.checks(environment, start)]
        for number, row in enumerate(made):
            row.index = columns.FIRST_CHECK + number
        return sorted((*rows, *made), key=_arrival) if made else rows

    def sign_ins(self, environment: str, start: int) -> tuple[SignIn, ...]:
        """The single sign-ins of the minute, ascending; they add up to what `minute` counts of them."""
        with self._lock:
            model, _ = self._model(environment, start, self._refresh(environment))
        if model is not None:
            return repeats.sign_ins(self.sign_ins(environment, model), start - model, self.seed, environment, start)
        minute = self.minute(environment, start)
        visits = minute.requests - minute.checks
        return attempts(self.seed, environment, start, visits, self._pressures(environment, start))

    def _kept_rows(self, environment: str, start: int, known: _Known) -> list[Row]:
        found = self._rows.get((environment, start))
        if found is None:
            found = self._make_rows(environment, start, known)
            _keep(self._rows, (environment, start), found, _ROWS_KEPT)
        return found

    def _make_rows(self, environment: str, start: int, known: _Known) -> list[Row]:
        model, version = self._model(environment, start, known)
        if model is not None:
            return repeats.rows(self._kept_rows(environment, model, known), start - model, version)
        profiles = self._profiles(environment)
        pressures = self._pressures(environment, start)
        rows = columns.rows(self.seed, environment, start, known.serving, profiles, pressures.peak)
        made = pressures.suffer(self.seed, environment, start, rows) if pressures.any else rows
        if known.stages:
            staging.touch(self.seed, environment, start, made, known.stages)
        return made

    def _model(self, environment: str, start: int, known: _Known) -> tuple[int | None, int]:
        """The minute that the one from `start` repeats, if it does, and the version that served."""
        model = repeats.model(self.started.timestamp(), start)
        if model is None:
            return None, 0
        version = self._ordinary(environment, start, known)
        if version is None or self._ordinary(environment, model, known) is None:
            return None, 0
        return model, version

    def _ordinary(self, environment: str, start: int, known: _Known) -> int | None:
        """The one good version that served the minute when nothing of the scenario touched it; else None."""
        version = known.serving.single(start)
        moved, emptied = known.serving.seconds_since_move(start * 1000), edge.emptied(known.invalidations, start + 30)
        if version in self._profiles(environment) or not repeats.steady(moved, emptied):
            return None
        return None if self._pressures(environment, start).touched else version

    def _profiles(self, environment: str) -> Mapping[int, VersionProfile]:
        if environment != _SUFFERING:
            return {}
        profiles, codes = self._scenario.profiles, self._controls.codes(environment)
        if not codes:
            return profiles
        return {**profiles, **{number: profiles[code] for number, code in codes.items() if code in profiles}}

    def _pressures(self, environment: str, start: int) -> Pressures:
        scenario = self._scenario if environment == _SUFFERING else _NOTHING
        return Pressures(scenario, self.started, start, self._profiles(environment))

    def _figures(self, environment: str, start: int, rows: list[Row], known: _Known) -> Minute:
        pressures = self._pressures(environment, start)
        people = pressures.people(traffic.organic(self.seed, environment, start))
        missing = self._missing(environment, start)
        at_edge = edge.minute(self.seed, environment, start, people, known.invalidations, pressures.cache(), missing)
        return minutes.of_rows(self.seed, environment, start, rows, at_edge, pressures)

    def _missing(self, environment: str, start: int) -> float:
        return self._controls.missing(environment, datetime.fromtimestamp(start + 30, UTC))

    def _refresh(self, environment: str) -> _Known:
        """Take the controls as they are now, and forget the minutes that what is new in them can have changed."""
        if environment not in traffic.TRAFFIC:
            raise KeyError(environment)
        version = self._controls.version
        if version != self._version:
            for name in traffic.TRAFFIC:
                self._take(name)
            self._version = version
        return self._known[environment]

    def _take(self, environment: str) -> None:
        known = self._known.get(environment, _Known())
        aliases = self._controls.alias_history(environment)
        invalidations = self._controls.invalidations(environment)
        stages = self._controls.stage_history(environment)
        changed = min(
            _first_alias_change(known.aliases, aliases),
            _first_invalidation_change(known.invalidations, invalidations),
            min((at.timestamp() for at, _ in stages[len(known.stages) :]), default=float("inf")),
        )
        if environment not in self._known or changed != float("inf"):
            self._known[environment] = _Known(aliases, invalidations, Serving(aliases), stages)
            self._forget(environment, changed)

    def _forget(self, environment: str, since: float) -> None:
        """Drop what is kept of the minutes that end after `since`, epoch seconds."""
        if since < repeats.last_model(self.started.timestamp()):
            since = float("-inf")
        caches: tuple[OrderedDict[Any, Any], ...] = (self._minutes, self._rows, self._partial)
        for kept in caches:
            for stale in [key for key in kept if key[0] == environment and key[1] + 60 > since]:
                del kept[stale]


def _arrival(row: Row) -> tuple[int, int]:
    return row.at_ms, row.index


def _keep(kept: OrderedDict[_K, _V], key: _K, value: _V, most: int) -> None:
    """Add to a cache of at most `most` entries; the one added first goes."""
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def _first_alias_change(old: tuple[tuple[datetime, object], ...], new: tuple[tuple[datetime, object], ...]) -> float:
    """From when on two histories differ, epoch seconds; for ever when the first entry does, never is infinite."""
    for index, (before, after) in enumerate(zip_longest(old, new)):
        if before != after:
            return float("-inf") if index == 0 else min(entry[0].timestamp() for entry in (before, after) if entry)
    return float("inf")


def _first_invalidation_change(old: tuple[InvalidationState, ...], new: tuple[InvalidationState, ...]) -> float:
    for before, after in zip_longest(old, new):
        if before != after:
            return min(entry.created.timestamp() for entry in (before, after) if entry)
    return float("inf")
