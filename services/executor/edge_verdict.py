"""After restored content was fetched and compared: CloudFront's own errors in a fresh window. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.aws.metrics import fetch
from services.executor.credentials import lasting
from services.executor.pausing import pause
from services.executor.record import Work
from services.model.entry import Outcome
from services.model.plan import Criterion
from services.model.series import Series, Signal
from services.problems import AccountError, ProblemKind
from services.rules.edge_recovery import edge_recovered
from services.rules.recovery import PERIOD, RecoveryVerdict, fresh_start

LEAD = 3.0
"""Seconds after a full minute at which they are looked at."""

Told = Callable[[str, RecoveryVerdict | None], None]


Ended = tuple[Outcome, str, RecoveryVerdict | None]
"""The outcome, its words, and the minutes that were judged, where any were."""


async def at_the_edge(work: Work, criterion: Criterion, switched: datetime, told: Told) -> Ended:
    """The verdict of CloudFront's rates. `told` hears what is waited for. Raises Left."""
    while True:
        late = work.clock.now() - switched > timedelta(seconds=criterion.patience_s)
        try:
            verdict = await _judged(work, criterion, switched)
        except AccountError as error:
            if error.problem.kind is ProblemKind.DENIED:
                return Outcome.RECOVERED, f"CloudFront's rates may not be read ({error.problem.message})", None
            if late:
                return Outcome.INCONCLUSIVE, f"CloudFront's rates could not be read: {error.problem.message}", None
            told(f"CloudFront's rates cannot be read: {error.problem.message}", None)
        else:
            if verdict.outcome is not None:
                return verdict.outcome, str(verdict.sentence), verdict
            told(str(verdict.sentence), verdict)
        await pause(work, PERIOD - work.clock.now().timestamp() % PERIOD + LEAD)


async def _judged(work: Work, criterion: Criterion, switched: datetime) -> RecoveryVerdict:
    """What the fresh window says now. Raises AccountError."""
    now = work.clock.now()
    start, end = fresh_start(switched), int(now.timestamp() // PERIOD) * PERIOD
    found: dict[str, Series] = {}
    signals = _signals(criterion)
    if end > start:
        found = await lasting(work, lambda: fetch(work.reader, signals, start, end))

    def series(name: str, statistic: str) -> dict[int, float]:
        one = next((found[signal.id] for signal in signals if signal.key == name and signal.id in found), None)
        return dict(one.statistic(statistic)) if one is not None else {}

    return edge_recovered(
        criterion, series("requests", "Sum"), series("4xx", "Average"), series("5xx", "Average"), switched, now
    )


def _signals(criterion: Criterion) -> tuple[Signal, ...]:
    named = (
        ("requests", criterion.requests, "Sum"),
        ("4xx", criterion.errors, "Average"),
        ("5xx", criterion.server_errors, "Average"),
    )
    return tuple(Signal(name, "", metric, (statistic,), PERIOD) for name, metric, statistic in named if metric)
