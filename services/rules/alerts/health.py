"""Health check failures (runbook line 273): our own probes, every one of them failed (decisions C8, C10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.model.alerts import AlertClock, AlertState, Measure
from services.model.witness import Probe
from services.rules import probed
from services.rules.alerts.rule import Found, unobservable
from services.rules.view import View
from services.rules.words import clock, count, duration_ms, minutes, span


def health(view: View) -> Found:
    """The run of failed probes that ends with the newest one."""
    witness, now, rules = view.situation.witness, view.now, view.settings.alerts
    required, gap = rules.trigger_health_s, probed.silent_after(view)
    if witness.isolated_since is not None:
        since = clock(witness.isolated_since, now)
        return unobservable(f"suspended: the API is isolated on purpose since {since}", required=required)
    if witness.probes.waiting:
        word = "not probed yet" if probed.configured(view) else "no probe configured"
        return unobservable(word, required=required)
    if witness.probes.value is None:
        why = witness.probes.problem.message if witness.probes.problem is not None else "not answered yet"
        return unobservable(f"probes: {why}", required=required)
    blind = probed.blind_since(witness.probes.value, now)
    if blind is not None:
        why = f"neither the address nor AWS answers since {clock(blind, now)}: that is the way there, not the service"
        return unobservable(why, required=required)
    found = probed.known(witness.probes.value, now)
    if not found or now - found[-1].at > gap:
        last = f" since {clock(found[-1].at, now)}" if found else ""
        return unobservable(f"not probed{last}", required=required)
    failed = probed.failing(found, gap)
    ticking = AlertClock(
        Measure.TIME,
        (failed[-1].at - failed[0].at).total_seconds() if failed else 0.0,
        required,
        True,
        failed[0].at if failed else None,
        failed[0].at + timedelta(seconds=required + view.settings.cadence.probes) if failed else None,
        "one probe that is answered",
        f"a probe that was not made is no failure: {minutes(gap.total_seconds())} without one break the run",
    )
    state = AlertState.COUNTING if failed else AlertState.QUIET
    if ticking.met and len(failed) >= rules.trigger_health_probes:
        state = AlertState.FIRING
    return Found(state, ticking, _sentence(failed, found[-1], now))


def _sentence(failed: list[Probe], newest: Probe, now: datetime) -> str:
    note = f": {newest.note}" if newest.note else ""
    if not failed:
        took = f" in {duration_ms(newest.took_ms)}" if newest.took_ms else ""
        return f"answered {span(now - newest.at)} ago{note}{took}"
    times = f"the last {count(len(failed))} probes failed" if len(failed) > 1 else "the last probe failed"
    return f"{times}, since {clock(failed[0].at, now)}{note}"
