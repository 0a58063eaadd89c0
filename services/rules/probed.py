"""Our own health checks (decisions C8): which are known, and the run of failures that ends with the newest."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.model.assessment import State
from services.model.turns import turn
from services.model.witness import Probe, Probes
from services.rules.silences import Silence
from services.rules.view import View
from services.rules.words import clock, span

WORRYING = 2
"""Failures in a row from which one is no accident any more."""


def configured(view: View) -> bool:
    """Whether the environment has a health address at all."""
    return any(
        environment.name == view.situation.environment and environment.health_url
        for environment in view.settings.environments
    )


def silent_after(view: View) -> timedelta:
    """Three turns without a probe: not probed is not failed, a run of failures is broken."""
    return timedelta(seconds=3 * turn(view.settings.cadence.probes, view.situation.speed))


def known(probes: Probes | None, now: datetime) -> list[Probe]:
    """Oldest first, none from the future, and none that tells of the way there alone."""
    return [probe for probe in _made(probes, now) if not probe.blind]


def blind_since(probes: Probes | None, now: datetime) -> datetime | None:
    """Since when neither the health address nor the account answers; None while the newest probe tells something."""
    first = None
    for probe in reversed(_made(probes, now)):
        if not probe.blind:
            break
        first = probe.at
    return first


def _made(probes: Probes | None, now: datetime) -> list[Probe]:
    newest = () if probes is None else probes.newest
    return sorted((probe for probe in newest if probe.at <= now), key=lambda probe: probe.at)


def failing(found: list[Probe], gap: timedelta) -> list[Probe]:
    """The unbroken run of failures that ends with the newest probe, oldest first."""
    run: list[Probe] = []
    for probe in reversed(found):
        if probe.ok or (run and run[-1].at - probe.at > gap):
            break
        run.append(probe)
    return run[::-1]


def standing(view: View) -> Silence | None:
    """The state of the health check with a note: `200, 12 s ago`. None: no health address is configured."""
    if not configured(view):
        return None
    probes, now = view.situation.probes, view.now
    if view.situation.witness.isolated_since is not None:
        return Silence(State.NOT_ENABLED, "the API is isolated on purpose")
    if probes.waiting:
        return Silence(State.WAITING, "")
    blind = blind_since(probes.value, now)
    if blind is not None:
        return Silence(State.STALE, f"no answer, as from AWS, since {clock(blind, now)}")
    found = known(probes.value, now)
    if not found or now - found[-1].at > silent_after(view):
        return Silence(State.STALE, f"not probed since {clock(found[-1].at, now)}" if found else "not probed")
    run, newest = failing(found, silent_after(view)), found[-1]
    if not run:
        return Silence(State.OK, f"{newest.status or 'answered'}, {span(now - newest.at)} ago")
    held = (newest.at - run[0].at).total_seconds()
    state = State.ELEVATED if len(run) < WORRYING else State.WARN
    if held > view.settings.alerts.trigger_health_s and len(run) >= view.settings.alerts.trigger_health_probes:
        state = State.CRIT
    since = f", since {clock(run[0].at, now)}" if len(run) > 1 else f", {span(now - newest.at)} ago"
    return Silence(state, f"{newest.note or 'no answer'}{since}")
