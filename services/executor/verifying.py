"""After the switch: watch until the service says done, or judge the metrics of a fresh window. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from services.aws.metrics import fetch
from services.executor.blame import somebody
from services.executor.reading import Left, insist
from services.executor.record import Work
from services.executor.standing import Found, Standing, kind_of
from services.model.entry import Outcome, Phase
from services.model.plan import Criterion
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
    if work.plan.criterion is None:
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
        await _pause(work, PERIOD - work.clock.now().timestamp() % PERIOD + LEAD)


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


async def _completion(work: Work, switched: datetime) -> None:
    number, step = work.steps[-1]
    while True:
        found: Found = await insist(
            work,
            lambda: kind_of(step).look_up(work.reader, step, work.known(number)),
            lambda error: _waiting(work, f"cannot be read: {error.problem.message}"),
        )
        if found.data.get("status") == step.after.get("status"):
            work.crash(number, "before-done")
            took = (work.clock.now() - switched).total_seconds()
            _done(work, Outcome.COMPLETED, f"{found.text} after {took:.0f} s")
            return
        if found.data.get("failed"):
            _done(work, Outcome.FAILED, found.text)
            return
        patience = work.pace.export_s if step.kind == "logs.export" else work.pace.completion_s
        if work.clock.now() - switched > timedelta(seconds=patience):
            _done(work, Outcome.INCONCLUSIVE, f"{found.text}: it did not complete in time")
            return
        _waiting(work, found.text)
        work.crash(number, "verifying")
        await _pause(work, work.pace.poll_s)


async def _pause(work: Work, seconds: float) -> None:
    if work.stopping.asked or await work.stopping.during(asyncio.ensure_future(work.clock.sleep(seconds))):
        raise Left("asked to stop")


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
