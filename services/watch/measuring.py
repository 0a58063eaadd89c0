"""The feeds that are series: metrics per region and period, and how each version of a function did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from services import catalogue
from services.aws import metrics
from services.aws.budget import STATISTICS_PER_METRIC
from services.aws.session import Account
from services.model.functions import Release, VersionEvidence
from services.model.series import Metrics, Series, Signal, Sparseness
from services.model.spending import Need
from services.watch.history import History
from services.watch.screening import LEAST, Screening

EVIDENCE_WINDOW_S = 24 * 3600
"""How far back a version's deeds are looked at."""

CANDIDATES = 6
"""How many versions besides the serving one: the newest below it."""

VERIFY_S = 3600.0
"""Between two looks whether a silent identity is published at all."""

VERIFIED_A_TURN = 12


class Measuring:
    """One region and period."""

    def __init__(
        self,
        feed: str,
        account: Account,
        history: History,
        catalogued: Callable[[], Awaitable[tuple[Signal, ...]]],
        usual: Callable[[], float],
        screening: Screening | None = None,
    ) -> None:
        """`usual`: seconds between two turns of the feed when nothing is capped.

        `screening`: for the feed with the functions, what is done when they are too many.
        """
        self._screening = screening
        self._feed = feed
        self._usual = usual
        self._account = account
        self._history = history
        self._catalogued = catalogued
        self._asked: dict[str, datetime] = {}
        """Signal id → when it was asked last."""
        self._turn = account.clock.now()
        """When the newest turn began."""
        self._checked: dict[str, datetime] = {}
        self._unpublished: dict[str, str] = {}
        self._verified: set[str] = set()

    async def ask(self) -> Metrics:
        """Every signal of the feed, those whose turn it is as of now. Raises AccountError."""
        signals = catalogue.of_feed(self._feed, await self._catalogued())
        self._history.forget(signals)
        self._asked = {signal.id: self._asked[signal.id] for signal in signals if signal.id in self._asked}
        self._expect(signals)
        self._turn = self._account.clock.now()
        due = self._due_now(signals)
        await self._fetch(due)
        await self._screen(signals, due)
        # What has ever had a point is published, also when its last one has left the history.
        self._verified |= {key for key, series in self._history.series.items() if series.newest is not None}
        return self._value()

    async def _fetch(self, signals: Sequence[Signal]) -> None:
        now = self._account.clock.now()
        for window in self._history.windows(signals, now.timestamp()):
            self._history.fold(await metrics.fetch(self._account, window.signals, window.start, window.end))
            self._asked.update((signal.id, now) for signal in window.signals)

    async def _screen(self, signals: Sequence[Signal], asked: Sequence[Signal]) -> None:
        """Ask those functions too of which the region's sums tell something."""
        screening = self._screening
        if screening is None or not screening.on:
            return
        wait = self._account.budget.paced(self._usual(), Need.SCREEN)
        named = await screening.look(signals, self._value().series, wait)
        done = {signal.id for signal in asked}
        await self._fetch([one for one in signals if one.resource in named and one.id not in done])
        self._expect(signals)

    def _expect(self, signals: Sequence[Signal]) -> None:
        """Tell the budget what is asked for, by whom it is needed: it says how often each may be."""
        budget, usual, screening = self._account.budget, self._usual(), self._screening
        if screening is not None:
            judged = [one for one in signals if catalogue.need_of(one) is Need.JUDGED]
            many = len({one.resource for one in judged if one.key == "lambda.errors"}) >= LEAST
            screening.switch(many and budget.strained(self._feed, billed(judged), usual))
        needs: dict[Need, list[Signal]] = {need: [] for need in Need}
        for signal in signals:
            needs[self._need_of(signal)].append(signal)
        besides = screening.standing if screening is not None else {}
        for need, needed in needs.items():
            budget.expect(self._feed, billed(needed) + besides.get(need, 0), usual, need=need)

    def _need_of(self, signal: Signal) -> Need:
        return catalogue.need_of(signal) if self._screening is None else self._screening.need_of(signal)

    def _due_now(self, signals: Sequence[Signal]) -> list[Signal]:
        """Those that were never asked, and those whose pause has passed, to half a turn of the feed."""
        now, usual, budget = self._account.clock.now(), self._usual(), self._account.budget
        waits = {need: budget.paced(usual, need) if budget.floor(need) > usual else 0.0 for need in Need}
        slack = budget.paced(usual) / 2.0

        def due(signal: Signal) -> bool:
            asked, wait = self._asked.get(signal.id), waits[self._need_of(signal)]
            return asked is None or (now - asked).total_seconds() >= wait - slack

        return [signal for signal in signals if due(signal)]

    async def verify(self) -> bool:
        """Look up identities that have shown nothing; True when that changed what is known. Raises AccountError.

        Only these: a signal with points is published. Metrics that AWS sends only when something happened are left
        out, their silence is the good case.
        """
        now = self._account.clock.now()
        silent = [
            series.signal
            for series in self._history.series.values()
            if series.newest is None
            and series.signal.sparse is not Sparseness.NON_ZERO
            and self._due(series.signal, now)
        ]
        before = dict(self._unpublished), set(self._verified)
        for signal in silent[:VERIFIED_A_TURN]:
            known, nearest = await metrics.published(self._account, signal.metric)
            self._checked[signal.id] = now
            if known:
                self._unpublished.pop(signal.id, None)
                self._verified.add(signal.id)
            else:
                self._verified.discard(signal.id)
                self._unpublished[signal.id] = nearest
        for key, series in self._history.series.items():
            if series.newest is not None:
                self._unpublished.pop(key, None)
        return before != (self._unpublished, self._verified)

    def complete(self, value: Metrics) -> Metrics:
        """`value` with what is known of unpublished identities."""
        return msgspec.structs.replace(
            value,
            unpublished=frozenset(key for key in self._unpublished if key in value.series),
            verified=frozenset(
                key for key in self._verified if key in value.series and not any(value.series[key].points.values())
            ),
            hints={key: hint for key, hint in self._unpublished.items() if hint and key in value.series},
        )

    def _value(self) -> Metrics:
        return self.complete(
            Metrics(series={key: self._as_known(series) for key, series in self._history.series.items()})
        )

    def _as_known(self, series: Series) -> Series:
        """One that was not asked in this turn ends where it was settled when it was: what came later is not known."""
        asked = self._asked.get(series.signal.id, self._turn)
        if asked >= self._turn:
            return series
        signal = series.signal
        settled = int(asked.timestamp() - signal.settle) // signal.period * signal.period
        return msgspec.structs.replace(series, asked_until=max(settled, series.asked_from))

    def _due(self, signal: Signal, now: datetime) -> bool:
        checked = self._checked.get(signal.id)
        return checked is None or (now - checked).total_seconds() >= VERIFY_S


def billed(signals: Sequence[Signal]) -> int:
    """How many metrics AWS bills for asking these once."""
    statistics: dict[object, int] = {}
    for signal in signals:
        statistics[signal.metric] = statistics.get(signal.metric, 0) + len(signal.statistics)
    return sum(-(-count // STATISTICS_PER_METRIC) for count in statistics.values())


async def evidence(account: Account, releases: Sequence[Release]) -> tuple[VersionEvidence, ...]:
    """How the serving version and the candidates below it did in the last day. Raises AccountError."""
    found: list[VersionEvidence] = []
    for release in releases:
        signals = catalogue.evidence(release, candidates(release), account.environment)
        if not signals:
            continue
        period = catalogue.EVIDENCE_PERIOD
        end = int(account.clock.now().timestamp()) // period * period + period
        series = await metrics.fetch(account, signals, end - EVIDENCE_WINDOW_S, end)
        found += _evidence(release, signals, series, end)
    return tuple(found)


def candidates(release: Release) -> tuple[int, ...]:
    """The version that serves, those it shares traffic with, and the newest others, newest first."""
    if release.alias is None:
        return ()
    serving = {release.alias.version, *(version for version, _ in release.alias.weights)} - {0}
    others = [version.number for version in release.versions if version.number not in serving]
    below = [number for number in others if number < release.alias.version][:CANDIDATES]
    above = [number for number in others if number > release.alias.version][:2]
    return tuple(sorted({*serving, *below, *above}, reverse=True))


def _evidence(
    release: Release, signals: Sequence[Signal], series: Mapping[str, Series], end: int
) -> list[VersionEvidence]:
    counted: dict[int, dict[str, Mapping[int, float]]] = {}
    for signal in signals:
        version = int(signal.resource.rsplit(":", 1)[1])
        counted.setdefault(version, {})[signal.key] = series[signal.id].statistic("Sum")
    since = datetime.fromtimestamp(end - EVIDENCE_WINDOW_S, UTC)
    return [
        VersionEvidence(
            function=release.function,
            version=version,
            invocations=round(sum(by["version.invocations"].values())),
            errors=round(sum(by["version.errors"].values())),
            since=since,
            until=datetime.fromtimestamp(end, UTC),
            last_served=_last(by["version.invocations"]),
            periods=_periods(by["version.invocations"], by["version.errors"]),
            period=catalogue.EVIDENCE_PERIOD,
        )
        for version, by in counted.items()
    ]


def _periods(invocations: Mapping[int, float], errors: Mapping[int, float]) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (at, round(count), round(errors.get(at, 0.0))) for at, count in sorted(invocations.items()) if count > 0
    )


def _last(invocations: Mapping[int, float]) -> datetime | None:
    served = [at for at, count in invocations.items() if count > 0]
    return datetime.fromtimestamp(max(served) + catalogue.EVIDENCE_PERIOD, UTC) if served else None
