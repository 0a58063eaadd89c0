"""Health check failures (runbook line 273): our own probes, every one of them failed (decisions C8, C10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.model.alerts import AlertClock, AlertState, Measure
from services.model.witness import Probe, Witness
from services.rules.alerts.rule import Found, unobservable
from services.rules.words import clock, count, span

SILENT_AFTER = timedelta(seconds=90)
"""Three intervals without a probe: not probed is not failed, the run is broken."""


def health(witness: Witness, now: datetime, required: int, probes: int) -> Found:
    """The run of failed probes that ends with the newest one."""
    if witness.isolated_since is not None:
        since = clock(witness.isolated_since, now)
        return unobservable(f"suspended: the API is isolated on purpose since {since}", required=required)
    if witness.probes.waiting:
        return unobservable("no probe configured", required=required)
    if witness.probes.value is None:
        why = witness.probes.problem.message if witness.probes.problem is not None else "not answered yet"
        return unobservable(f"probes: {why}", required=required)
    known = sorted((probe for probe in witness.probes.value if probe.at <= now), key=lambda probe: probe.at)
    if not known or now - known[-1].at > SILENT_AFTER:
        last = f" since {clock(known[-1].at, now)}" if known else ""
        return unobservable(f"not probed{last}", required=required)
    failed = _failing(known)
    held = (failed[-1].at - failed[0].at).total_seconds() if failed else 0.0
    ticking = AlertClock(
        Measure.TIME,
        held,
        required,
        True,
        failed[0].at if failed else None,
        failed[0].at + timedelta(seconds=required + 30) if failed else None,
        "one probe that is answered",
        "a probe that was not made is no failure: 90 s without one break the run",
    )
    state = AlertState.COUNTING if failed else AlertState.QUIET
    if ticking.met and len(failed) >= probes:
        state = AlertState.FIRING
    return Found(state, ticking, _sentence(failed, known[-1], now))


def _failing(known: list[Probe]) -> list[Probe]:
    run: list[Probe] = []
    for probe in reversed(known):
        if probe.ok or (run and run[-1].at - probe.at > SILENT_AFTER):
            break
        run.append(probe)
    return run[::-1]


def _sentence(failed: list[Probe], newest: Probe, now: datetime) -> str:
    if not failed:
        return f"answered {span(now - newest.at)} ago"
    note = f": {newest.note}" if newest.note else ""
    times = f"the last {count(len(failed))} probes failed" if len(failed) > 1 else "the last probe failed"
    return f"{times}, since {clock(failed[0].at, now)}{note}"
