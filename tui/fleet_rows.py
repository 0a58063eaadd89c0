"""From what is known of each environment to its row, and to the one sentence about all of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from services.model.alerts import AlertClass
from services.model.assessment import Assessment, State, Verdict
from services.model.changes import Change
from services.model.entry import Operation
from services.model.fleet import FleetRow
from services.model.situation import Situation
from services.plural import several
from services.problems import Problem
from services.safe_text import SafeText, safe
from services.settings.values import Environment, EnvironmentKind
from tui.presenting import chip_of

CALLS = (AlertClass.CRITICAL, AlertClass.TRIGGER)
"""Alerts that wait for somebody to take them on (runbook line 127); warnings ring for nobody."""


def fleet_row(
    environment: Environment,
    situation: Situation | None,
    assessment: Assessment | None,
    now: datetime,
    *,
    problem: Problem | None = None,
    acknowledged: frozenset[str] = frozenset(),
    here: bool = False,
) -> FleetRow:
    """The row of `environment` at `now`, its account's time.

    `problem`: why it could not be opened. `acknowledged`: keys of open alerts that somebody has taken on.
    """
    state, sentence, since = _judged(environment, situation, assessment, problem)
    identity = situation.identity.value if situation is not None else None
    operations: tuple[Operation, ...] = (situation.operations.value or ()) if situation is not None else ()
    chip, chip_state = chip_of(operations, now, situation.orphans if situation is not None else frozenset())
    return FleetRow(
        name=environment.name,
        stack=environment.stack,
        region=environment.region,
        production=environment.production,
        read_only=environment.read_only,
        here=here,
        simulated=environment.kind is EnvironmentKind.SANDBOX,
        account=identity.account if identity is not None else SafeText(environment.account),
        who=identity.who if identity is not None else SafeText(""),
        state=state,
        sentence=sentence,
        since=since,
        changed=_changed(assessment, now),
        alerts=_calling(assessment, acknowledged),
        operation=chip,
        operation_state=chip_state,
        now=now if situation is not None else None,
        age=situation.metrics.age(now) if situation is not None else None,
        per_hour=situation.spending.per_hour if situation is not None else None,
    )


def _judged(
    environment: Environment, situation: Situation | None, assessment: Assessment | None, problem: Problem | None
) -> tuple[State, SafeText, datetime | None]:
    """State, sentence and since when."""
    if situation is None and problem is not None:
        said = ". ".join(part.rstrip(".") for part in (problem.message, problem.remedy) if part)
        return State.STALE, safe(f"Cannot see anything: {said}. It is tried again by itself."), None
    if assessment is None:
        where = environment.endpoint_url if environment.kind is EnvironmentKind.SANDBOX else environment.region
        return State.WAITING, safe(f"asking {where} about {environment.stack}"), None
    verdict = assessment.verdict
    bands = [one.state for one in assessment.judgements.values() if one.state in (State.WARN, State.CRIT)]
    # The verdict of an operation of ours is about the operation; how bad it is beside that must not be lost.
    return max((verdict.state, *bands), key=lambda one: one.severity), verdict.sentence, verdict.since


def _changed(assessment: Assessment | None, now: datetime) -> Change | None:
    known = assessment.changes if assessment is not None else ()
    return max((one for one in known if one.at <= now), key=lambda one: one.at, default=None)


def _calling(assessment: Assessment | None, acknowledged: frozenset[str]) -> tuple[str, ...]:
    alerts = assessment.alerts if assessment is not None else ()
    return tuple(one.title for one in alerts if one.firing and one.severity in CALLS and one.key not in acknowledged)


def fleet_verdict(rows: Sequence[FleetRow]) -> Verdict:
    """How many are how bad, and which are not well."""
    if not rows:
        return Verdict(State.WAITING, safe("no environments"))
    worst = max((row.state for row in rows), key=lambda state: state.severity)
    counts = Counter(row.state for row in rows)
    parts = []
    for state in sorted(counts, key=lambda one: -one.severity):
        names = [row.name for row in rows if row.state is state]
        few = f" ({', '.join(names)})" if len(names) <= 3 and state.severity > State.ELEVATED.severity else ""
        parts.append(f"{counts[state]} {state.value}{few}")
    alerts = sum(len(row.alerts) for row in rows)
    if alerts:
        parts.append(f"{alerts} {'alert' if alerts == 1 else 'alerts'} nobody has acknowledged")
    return Verdict(worst, safe(f"{several(len(rows), 'environment')}: {'; '.join(parts)}"))
