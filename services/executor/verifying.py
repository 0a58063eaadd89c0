"""After the switch: watch until the service says done, or judge the metrics of a fresh window. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.aws.metrics import fetch
from services.executor.blame import somebody
from services.executor.pausing import pause
from services.executor.proving import proof, restoration
from services.executor.reading import insist
from services.executor.record import Work
from services.executor.standing import Found, Standing, kind_of
from services.model.entry import Outcome, Phase
from services.model.plan import Criterion, Step
from services.model.series import MetricId, Series, Signal
from services.problems import AccountError
from services.rules.recovery import RecoveryVerdict, fresh_start, recovered

PERIOD = 60
"""Seconds of the series that are judged, and between two looks at them (the account's time)."""

LEAD = 3.0
"""Seconds after a full minute at which they are looked at."""


async def verify(work: Work) -> None:
    """Ends with a DONE record. Raises Left when asked to stop."""
    applied = work.newest(Phase.APPLIED)
    assert applied is not None  # perform verifies what was applied
    switched = datetime.fromisoformat(str(applied.data["switched"]))
    restored = restoration(work)
    if restored is not None:
        await _at_the_edge(work, *restored, switched)
    elif work.plan.criterion is None:
        await _completion(work, switched)
    else:
        await _recovery(work, work.plan.criterion, switched)


async def _recovery(work: Work, criterion: Criterion, switched: datetime) -> None:
    if criterion.requests is None or criterion.errors is None or criterion.latency is None:
        _done(work, Outcome.INCONCLUSIVE, "applied; no metrics are known by which recovery could be told")
        return
    signals = _signals(criterion.requests, criterion.errors, criterion.latency)
    while True:
        displaced = await _displaced(work)
        if displaced:
            _done(work, Outcome.INCONCLUSIVE, f"{displaced}: this window tells nothing")
            return
        verdict = await _judged(work, criterion, signals, switched)
        if verdict is not None and verdict.outcome is not None:
            work.crash(len(work.plan.steps) - 1, "before-done")
            _done(work, verdict.outcome, verdict.sentence, verdict)
            return
        if verdict is not None:
            _progress(work, verdict)
            work.crash(len(work.plan.steps) - 1, "verifying")
        elif work.clock.now() - switched > timedelta(seconds=criterion.patience_s):
            _done(work, Outcome.INCONCLUSIVE, "applied, not verified: the metrics could not be read")
            return
        await pause(work, PERIOD - work.clock.now().timestamp() % PERIOD + LEAD)


def _signals(requests: MetricId, errors: MetricId, latency: MetricId) -> tuple[Signal, ...]:
    return (
        Signal("requests", "", requests, ("SampleCount",), PERIOD),
        Signal("errors", "", errors, ("Sum",), PERIOD),
        Signal("latency", "", latency, ("Average", "SampleCount"), PERIOD),
    )


async def _judged(
    work: Work, criterion: Criterion, signals: tuple[Signal, ...], switched: datetime
) -> RecoveryVerdict | None:
    """What the fresh window says now; None when it could not be read this time."""
    now = work.clock.now()
    start, end = fresh_start(switched), int(now.timestamp() // PERIOD) * PERIOD
    series: dict[str, Series] = {}
    if end > start:
        try:
            series = await fetch(work.reader, signals, start, end)
        except AccountError as error:
            _waiting(work, f"the metrics cannot be read: {error.problem.message}")
            return None
    requests, errors, latency = (series.get(signal.id) for signal in signals)
    return recovered(
        criterion,
        requests.statistic("SampleCount") if requests is not None else {},
        errors.statistic("Sum") if errors is not None else {},
        latency.statistic("Average") if latency is not None else {},
        latency.statistic("SampleCount") if latency is not None else {},
        switched,
        now,
    )


async def _displaced(work: Work) -> str:
    """Whether somebody moved it again meanwhile, in words; empty while it stands (or cannot be read)."""
    for number, step in work.steps:
        try:
            found = await kind_of(step).look_up(work.reader, step, work.known(number))
        except AccountError as error:
            _waiting(work, f"cannot be read: {error.problem.message}")
            continue
        if found.standing is not Standing.APPLIED:
            return f"{found.text}, moved{await somebody(work, step, work.plan.made) or ' by somebody else'}"
    return ""


async def _at_the_edge(work: Work, number: int, step: Step, switched: datetime) -> None:
    """Content: the invalidation first, for before it the edge proves nothing."""
    for place, one in work.steps:
        if one.kind == "edge.invalidation" and not await _completed(work, place, one, switched):
            return
    outcome, text = await proof(work, number, step)
    work.crash(len(work.plan.steps) - 1, "before-done")
    _done(work, outcome, text)


async def _completion(work: Work, switched: datetime) -> None:
    number, step = work.steps[-1]
    found = await _completed(work, number, step, switched)
    if found is not None:
        work.crash(number, "before-done")
        took = (work.clock.now() - switched).total_seconds()
        _done(work, Outcome.COMPLETED, f"{found.text} after {took:.0f} s")


async def _completed(work: Work, number: int, step: Step, switched: datetime) -> Found | None:
    """What was read when the service said done; None: it did not in time, and the operation has ended."""
    while True:
        found: Found = await insist(
            work,
            lambda: kind_of(step).look_up(work.reader, step, work.known(number)),
            lambda error: _waiting(work, f"cannot be read: {error.problem.message}"),
        )
        if found.data.get("status") == step.after.get("status"):
            return found
        if found.data.get("failed"):
            _done(work, Outcome.FAILED, found.text)
            return None
        patience = work.pace.export_s if step.kind == "logs.export" else work.pace.completion_s
        if work.clock.now() - switched > timedelta(seconds=patience):
            _done(work, Outcome.INCONCLUSIVE, f"{found.text}: it did not complete in time")
            return None
        _waiting(work, found.text)
        work.crash(number, "verifying")
        await pause(work, work.pace.poll_s)


def _progress(work: Work, verdict: RecoveryVerdict) -> None:
    data = {"periods": list(verdict.periods), "judge_at": verdict.judge_at.isoformat()}
    _waiting(work, verdict.sentence, data)


def _waiting(work: Work, text: str, data: Mapping[str, object] | None = None) -> None:
    """A VERIFYING record, unless the newest one says the same."""
    newest = work.newest(Phase.VERIFYING)
    if newest is None or newest.text != text or newest.data != dict(data or {}):
        work.record(Phase.VERIFYING, text, data=data)


def _done(work: Work, outcome: Outcome, text: str, verdict: RecoveryVerdict | None = None) -> None:
    data = {"periods": list(verdict.periods)} if verdict is not None else None
    work.record(Phase.DONE, f"{outcome.value}: {text}", data=data, outcome=outcome)
