"""After the switch: watch until the service says done, or judge the metrics of a fresh window. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from services.aws.metrics import fetch
from services.executor.blame import somebody
from services.executor.credentials import lasting
from services.executor.edge_verdict import at_the_edge
from services.executor.isolate import felt
from services.executor.pausing import pause
from services.executor.proving import proof, restoration
from services.executor.reading import insist
from services.executor.record import Work
from services.executor.standing import Found, Standing, kind_of
from services.executor.witnessing import Witnesses
from services.model.entry import Outcome, Phase
from services.model.evidence import Piece, as_data
from services.model.plan import ActionKind, Criterion, Step
from services.model.series import MetricId, Series, Signal
from services.problems import AccountError, ProblemKind
from services.rules.recovery import RecoveryVerdict, fresh_start, recovered
from services.rules.recovery_evidence import weighed
from services.safe_text import safe

PERIOD = 60
"""Seconds of the series that are judged, and between two looks at them (the account's time)."""

PROVED = ("content.restore", "edge.invalidation")
"""Steps that are proved at the edge, once, before metrics are judged: no bucket is read every minute."""

_SLOW = frozenset({"logs.export", "table.restore", "table.backup", "table.index"})
"""Kinds of steps that AWS finishes when it has the time."""

LEAD = 3.0
"""Seconds after a full minute at which they are looked at."""


class Unreadable(Exception):
    """The metrics may not be read: no verdict will ever be possible."""


async def verify(work: Work) -> None:
    """Ends with a DONE record. Raises Left when asked to stop."""
    applied = work.newest(Phase.APPLIED)
    assert applied is not None  # perform verifies what was applied
    switched = datetime.fromisoformat(str(applied.data["switched"]))
    restored = restoration(work)
    if restored is not None:
        await _at_the_edge(work, *restored, switched)
    elif (stacked := next((one for one in work.steps if one[1].kind.startswith("stack.")), None)) is not None:
        await _stack(work, *stacked, switched)
    elif work.plan.kind is ActionKind.ISOLATE:
        await _isolation(work, switched)
    elif work.plan.criterion is None:
        await _completion(work, switched)
    else:
        await _recovery(work, work.plan.criterion, switched)


async def _recovery(work: Work, criterion: Criterion, switched: datetime, before: str = "") -> None:
    """`before`: what has been proved already, said in front of the verdict."""
    if criterion.requests is None or criterion.errors is None or criterion.latency is None:
        _done(work, Outcome.INCONCLUSIVE, "applied; no metrics are known by which recovery could be told")
        return
    signals = _signals(criterion.requests, criterion.errors, criterion.latency)
    witnesses = Witnesses(work, criterion, signals[-1], switched)
    while True:
        displaced = await _displaced(work)
        if displaced:
            _done(work, Outcome.INCONCLUSIVE, f"{displaced}: this window tells nothing")
            return
        try:
            judged = await _judged(work, criterion, signals, switched)
        except Unreadable as error:
            _done(work, Outcome.INCONCLUSIVE, f"{before}applied, not verified: the metrics may not be read ({error})")
            return
        verdict = judged[0] if judged is not None else None
        pieces = await witnesses.pieces(*judged) if judged is not None else ()
        if verdict is not None:
            patient = work.clock.now() - switched < timedelta(seconds=criterion.patience_s)
            verdict = weighed(verdict, pieces, patient=patient)
        if verdict is not None and verdict.outcome is not None:
            work.crash(len(work.plan.steps) - 1, "before-done")
            _done(work, verdict.outcome, before + verdict.sentence, verdict, pieces)
            return
        if verdict is not None:
            _progress(work, verdict, pieces)
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
) -> tuple[RecoveryVerdict, Series | None] | None:
    """What the fresh window says now, and its latency; None when it could not be read. Raises Unreadable."""
    now = work.clock.now()
    start, end = fresh_start(switched), int(now.timestamp() // PERIOD) * PERIOD
    series: dict[str, Series] = {}
    if end > start:
        try:
            series = await lasting(work, lambda: fetch(work.reader, signals, start, end))
        except AccountError as error:
            if error.problem.kind is ProblemKind.DENIED:
                raise Unreadable(error.problem.message) from error
            _waiting(work, f"the metrics cannot be read: {error.problem.message}")
            return None
    requests, errors, latency = (series.get(signal.id) for signal in signals)
    verdict = recovered(
        criterion,
        requests.statistic("SampleCount") if requests is not None else {},
        errors.statistic("Sum") if errors is not None else {},
        latency.statistic("Average") if latency is not None else {},
        latency.statistic("SampleCount") if latency is not None else {},
        switched,
        now,
    )
    return verdict, latency


async def _displaced(work: Work) -> str:
    """Whether somebody moved it again meanwhile, in words; empty while it stands (or cannot be read)."""
    for number, step in work.steps:
        if step.kind in PROVED:
            continue
        try:
            found = await lasting(work, partial(kind_of(step).look_up, work.reader, step, work.known(number)))
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
    criterion, verdict = work.plan.criterion, None
    if criterion is not None and outcome in (Outcome.RECOVERED, Outcome.COMPLETED):
        if criterion.server_errors is None:
            await _recovery(work, criterion, switched, f"{text}; ")
            return
        told = partial(_of_the_edge, work, text)
        outcome, rates, verdict = await at_the_edge(work, criterion, work.clock.now(), told)
        text = f"{text}; {rates}"
    work.crash(len(work.plan.steps) - 1, "before-done")
    _done(work, outcome, text, verdict)


def _of_the_edge(work: Work, proved: str, text: str, verdict: RecoveryVerdict | None) -> None:
    """What has been proved, and what is waited for."""
    if verdict is not None:
        _progress(work, replace(verdict, sentence=safe(f"{proved}; {verdict.sentence}", 600)), ())
    else:
        _waiting(work, f"{proved}; {text}")
    work.crash(len(work.plan.steps) - 1, "verifying")


async def _stack(work: Work, number: int, step: Step, switched: datetime) -> None:
    """The stack first: until it is at rest the metrics tell of a half-way state. The window begins when it is."""
    found = await _completed(work, number, step, switched)
    if found is None:
        return
    ended = str(found.data.get("ended", ""))
    rested = datetime.fromisoformat(ended) if ended else work.clock.now()
    if work.plan.criterion is not None:
        _waiting(work, found.text)
        await _recovery(work, work.plan.criterion, max(rested, switched))
        return
    work.crash(number, "before-done")
    _done(work, Outcome.COMPLETED, f"{found.text} after {(rested - switched).total_seconds():.0f} s")


async def _isolation(work: Work, switched: datetime) -> None:
    """Whether it is felt from outside, by a request as clients make it."""
    number = len(work.plan.steps) - 1
    _waiting(work, "asking the health address")
    work.crash(number, "verifying")
    outcome, text = await felt(work, switched)
    work.crash(number, "before-done")
    _done(work, outcome, text)


async def _completion(work: Work, switched: datetime) -> None:
    number, step = work.steps[-1]
    found = None
    # Exports are done one after the other, the last one last: of the others it is read how they ended.
    for place, one in work.steps:
        if one is step or one.kind == "logs.export":
            found = await _completed(work, place, one, switched)
            if found is None:
                return
    if found is not None:
        work.crash(number, "before-done")
        took = (work.clock.now() - switched).total_seconds()
        whole = f"all {len(work.plan.steps)} stand, the last: " if step.apart and number else ""
        head, mark, more = found.text.partition("; ")
        _done(work, Outcome.COMPLETED, f"{whole}{head} after {took:.0f} s{mark}{more}")


async def _completed(work: Work, number: int, step: Step, switched: datetime) -> Found | None:
    """What was read when the service said done; None: it did not in time, and the operation has ended."""
    while True:
        found: Found = await insist(
            work,
            lambda: kind_of(step).look_up(work.reader, step, work.known(number)),
            lambda error: _waiting(work, f"cannot be read: {error.problem.message}"),
        )
        if found.standing is Standing.OTHER and step.kind.startswith("stack."):
            _done(work, Outcome.INCONCLUSIVE, found.text + (await somebody(work, step, work.plan.made)))
            return None
        if found.data.get("status") == step.after.get("status"):
            return found
        if found.data.get("failed"):
            _done(work, Outcome.FAILED, found.text)
            return None
        patience = _patience(work, step)
        if work.clock.now() - switched > timedelta(seconds=patience):
            _done(work, Outcome.INCONCLUSIVE, f"{found.text}: it did not complete in time")
            return None
        _waiting(work, found.text)
        work.crash(number, "verifying")
        await pause(work, work.pace.poll_s)


def _patience(work: Work, step: Step) -> float:
    if step.kind.startswith("stack."):
        return work.pace.stack_s
    return work.pace.export_s if step.kind in _SLOW else work.pace.completion_s


def _progress(work: Work, verdict: RecoveryVerdict, pieces: tuple[Piece, ...]) -> None:
    data = {"periods": list(verdict.periods), "judge_at": verdict.judge_at.isoformat(), "evidence": as_data(pieces)}
    _waiting(work, verdict.sentence, data)


def _waiting(work: Work, text: str, data: Mapping[str, object] | None = None) -> None:
    """A VERIFYING record, unless the newest one says the same."""
    newest = work.newest(Phase.VERIFYING)
    if newest is None or newest.text != text or newest.data != dict(data or {}):
        work.record(Phase.VERIFYING, text, data=data)


def _done(
    work: Work,
    outcome: Outcome,
    text: str,
    verdict: RecoveryVerdict | None = None,
    pieces: tuple[Piece, ...] = (),
) -> None:
    data = {"periods": list(verdict.periods), "evidence": as_data(pieces)} if verdict is not None else None
    work.record(Phase.DONE, f"{outcome.value}: {text}", data=data, outcome=outcome)
