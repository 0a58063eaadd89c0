"""Hundreds of functions, more than the cost cap lets ask every minute: which of them are asked, and which screened.

Each minute the region's own sums of errors and throttles are asked for, one metric each. While they are nothing but
what the functions asked every minute account for, no other function has failed: a sum is zero only when each part is.
Else one look goes through all of them, and those it names are asked exactly from then on. The others take their turn,
exactly too, as often as the cap allows. So no function is judged by anything but its own series, and none is thought
well for want of a question: how old the oldest answer may be is said beside the cost.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services import catalogue
from services.aws import metric_screen, metrics
from services.aws.metric_screen import MOST_LOOKED_AT, Listing
from services.aws.session import Account
from services.model.series import Series, Signal
from services.model.spending import Need
from services.problems import AccountError, ProblemKind
from services.watch.history import History

LEAST = 30
"""Functions; fewer are asked as they are."""

CLOSE = 25
"""As many functions are asked every minute at most: those that fail, then those that are throttled or slow."""

SINCE_S = 900
"""Seconds that are looked back: Lambda tells of an error at the start of its invocation, up to so much later."""

NEAR = 0.8
"""Of the normal duration, from which on a function is near its threshold."""

_MARGIN = 1.1
"""So much more a query may look at than is ours, for its fewer calls."""

_COUNTED_S = 3600.0
"""Seconds for which a look counts as something that is asked again and again."""

_LISTED_S = 3600.0
_OURS = ("lambda.errors", "lambda.throttles")
_HALF = 0.5
"""Counts are whole numbers."""


class Screening:
    """What is known of the functions of one environment, between turns."""

    def __init__(self, account: Account, normal_ms: float) -> None:
        """`normal_ms`: a mean duration up to which a function is well."""
        self._account = account
        self._normal_ms = normal_ms
        self._sums = History(SINCE_S, SINCE_S)
        self._close: frozenset[str] = frozenset()
        self._besides: dict[str, dict[int, float]] = {}
        """Key → minute → how much of the region's sum is not ours, as looks have shown."""
        self._looked: datetime | None = None
        self._costs = 0
        self._region: tuple[datetime, int] | None = None
        self._refused = False
        self.left_out = 0
        """Functions that fail and are not among the close ones."""
        self.on = False
        """Whether there are more functions than can be asked every minute."""

    def need_of(self, signal: Signal) -> Need:
        """As the catalogue says, but for functions in which there is nothing to be seen."""
        need = catalogue.need_of(signal)
        quiet = self.on and signal.key.startswith("lambda.") and signal.resource not in self._close
        return Need.QUIET if quiet and need is Need.JUDGED else need

    def switch(self, on: bool) -> None:
        """Whether to screen from now on."""
        self.on = on
        if not on:
            self._close, self._account.budget.remark = frozenset(), ""

    @property
    def standing(self) -> dict[Need, int]:
        """Metrics that are asked for besides those of the functions."""
        if not self.on:
            return {}
        looked = self._looked
        recent = looked is not None and (self._account.clock.now() - looked).total_seconds() < _COUNTED_S
        return {Need.JUDGED: len(_OURS), Need.SCREEN: self._costs if recent else 0}

    async def look(self, signals: Sequence[Signal], known: Mapping[str, Series], wait: float) -> frozenset[str]:
        """The functions that have to be asked now, for what the region's sums tell; `wait`: seconds between two looks.

        `known`: every series by signal id, those that were due asked already. Raises AccountError.
        """
        now = self._account.clock.now()
        settled = (int(now.timestamp()) - catalogue.SETTLE_S) // 60 * 60
        minutes = range(settled - SINCE_S, settled, 60)
        self.choose(signals, known)
        sums = await self._region_sums(now)
        failing = [one for one in _OURS if self._unaccounted(one, sums[one], signals, known, minutes)]
        self._tell(failing, wait)
        if not failing or not self._may_look(now, wait):
            return frozenset()
        self._looked, self._costs, named, whole = now, 0, set[str](), True
        for key in failing:
            listing = await self._look_through(key, signals, minutes.start, int(now.timestamp()) // 60 * 60 + 60)
            named |= self._took(key, listing, sums[key], signals, known, minutes)
            whole = whole and listing.whole
        self._tell([] if whole else failing, wait)
        before = self._close
        self._close = frozenset((*sorted(named)[:CLOSE], *before)) if named else before
        return (self._close - before) & named

    def choose(self, signals: Sequence[Signal], known: Mapping[str, Series]) -> None:
        """Those of which the newest answer shows something: as many as are asked every minute, the worst first."""
        found: dict[str, list[float]] = {}
        for signal in signals:
            series = known.get(signal.id)
            place = {"lambda.errors": 0, "lambda.throttles": 1, "lambda.duration": 2}.get(signal.key)
            if place is None or series is None or signal.period != 60:
                continue
            value = self._shown(series, mean=place == 2)
            if value > 0:
                found.setdefault(signal.resource, [0.0, 0.0, 0.0])[place] = value
        worst = sorted(found, key=lambda name: (found[name], name), reverse=True)
        self._close = frozenset(worst[:CLOSE])
        self.left_out = sum(1 for name in worst[CLOSE:] if found[name][0] or found[name][1])

    def _shown(self, series: Series, *, mean: bool) -> float:
        since = series.asked_until - SINCE_S
        points = series.statistic("Average" if mean else "Sum")
        recent = [value for start, value in points.items() if start >= since]
        if mean:
            longest = max(recent, default=0.0)
            return longest if longest >= NEAR * self._normal_ms else 0.0
        return sum(recent)

    async def _region_sums(self, now: datetime) -> dict[str, Series]:
        wanted = catalogue.region_sums(self._account.environment.region)
        for window in self._sums.windows(wanted, now.timestamp()):
            self._sums.fold(await metrics.fetch(self._account, window.signals, window.start, window.end))
        found = self._sums.series
        return {f"lambda.{one.key.partition('.')[2]}": found[one.id] for one in wanted}

    def _unaccounted(
        self, key: str, total: Series, signals: Sequence[Signal], known: Mapping[str, Series], minutes: range
    ) -> bool:
        """Whether more happened in the region than the functions that were just asked account for."""
        ours = [known[one.id] for one in signals if one.key == key and one.id in known]
        fresh = asked_up_to(minutes.stop, ours)
        rest = surplus(total, fresh, minutes)
        if len(fresh) == len(ours):
            self._besides[key] = rest  # each has just been asked: what is left is somebody else's
            return False
        if total.newest is None:
            return True  # the region has no such sum: nothing can be concluded from it
        besides = self._besides.get(key, {})
        return any(left > besides.get(at, 0.0) + _HALF for at, left in rest.items())

    def _may_look(self, now: datetime, wait: float) -> bool:
        return self._looked is None or (now - self._looked).total_seconds() >= wait - 30.0

    async def _look_through(self, key: str, signals: Sequence[Signal], start: int, end: int) -> Listing:
        """By one query, or by asking each, whichever costs less."""
        quiet = [one for one in signals if one.key == key and one.resource not in self._close]
        looked_at = await self._looked_at(quiet)
        if not self._refused and looked_at <= min(MOST_LOOKED_AT, _MARGIN * len(quiet) + CLOSE):
            try:
                listing = await metric_screen.worst(self._account, quiet[0].metric, start, end)
            except AccountError as error:
                if error.problem.kind not in (ProblemKind.REFUSED, ProblemKind.UNSUPPORTED):
                    raise
                self._refused = True
            else:
                self._account.budget.looked_through(looked_at)
                self._costs += looked_at
                return listing
        found = await metrics.fetch(self._account, quiet, start, end)
        self._costs += len(quiet)
        counts = {one.resource: {at: n for at, n in found[one.id].statistic("Sum").items() if n > 0} for one in quiet}
        return Listing({name: points for name, points in counts.items() if points}, whole=True)

    async def _looked_at(self, quiet: Sequence[Signal]) -> int:
        now = self._account.clock.now()
        if self._region is None or (now - self._region[0]).total_seconds() >= _LISTED_S:
            self._region = now, await metric_screen.looked_at(self._account, quiet[0].metric)
        return self._region[1]

    def _took(
        self,
        key: str,
        listing: Listing,
        total: Series,
        signals: Sequence[Signal],
        known: Mapping[str, Series],
        minutes: range,
    ) -> set[str]:
        """Our functions among the listed; the rest of the sums is somebody else's when the list is whole."""
        ours = {one.resource: known.get(one.id) for one in signals if one.key == key}
        named = {name for name in listing.counts if name in ours and name not in self._close}
        if listing.whole:
            fresh = asked_up_to(minutes.stop, [one for one in ours.values() if one is not None])
            self._besides[key] = {
                at: left - sum(listing.counts[name].get(at, 0.0) for name in named)
                for at, left in surplus(total, fresh, minutes).items()
            }
        return named

    def _tell(self, failing: Collection[str], wait: float) -> None:
        """Say what is not known of the functions that are not asked every minute."""
        told = []
        if failing:
            what = " and ".join(sorted(one.partition(".")[2] for one in failing))
            told.append(f"Quiet functions have {what}; they are looked through every {wait / 60:.0f} min.")
        if self.left_out:
            told.append(f"{self.left_out} more functions fail than are asked every minute.")
        self._account.budget.remark = " ".join(told)


def asked_up_to(until: int, series: Sequence[Series]) -> list[Series]:
    """Those of which every minute before `until`, epoch seconds, was asked for."""
    return [one for one in series if one.asked_until >= until]


def surplus(total: Series, parts: Sequence[Series], minutes: range) -> dict[int, float]:
    """Minute → how much of `total` these parts of it do not account for."""
    sums, counted = total.statistic("Sum"), [one.statistic("Sum") for one in parts]
    return {at: sums.get(at, 0.0) - sum(one.get(at, 0.0) for one in counted) for at in minutes}
