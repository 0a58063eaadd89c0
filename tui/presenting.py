"""A picture's facts in the words of the widgets: header, footer and waiting verdict. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.clock import Clock
from services.model.assessment import State, Verdict
from services.model.entry import Operation, Outcome
from services.model.situation import Situation
from services.rules.health_score import score
from services.safe_text import SafeText
from services.settings.values import Environment, EnvironmentKind
from tui.alert_facts import alert_facts
from tui.keys import KEYS, Group, Key, KeyContext, why_off
from tui.picture import Picture
from widgets import wording
from widgets.alert_bar import small_rows
from widgets.header import HeaderFacts
from widgets.key_bar import KeyHint

_PRIORITIES = {"rollback": 9, "help": 8, "quit": 7, "invalidate": 5, "environment": 4, "operation": 3, "undo": 2}
"""A screen's own keys have 5: they go after `environment`, which is wanted less often."""

SCREENS = KeyHint("0-9", "screens", priority=6)
"""In the footer where there is no room for each of them."""

_OUTCOMES = {
    Outcome.RECOVERED: State.OK,
    Outcome.COMPLETED: State.OK,
    Outcome.INCONCLUSIVE: State.WARN,
    Outcome.VOID: State.WARN,
    Outcome.NOT_RECOVERED: State.CRIT,
    Outcome.FAILED: State.CRIT,
}

ENDED_SHOWN = 900
"""Seconds for which an operation's outcome stays in the header."""


def header_facts(picture: Picture, clock: Clock) -> HeaderFacts:
    """The header of this moment."""
    environment, situation = picture.environment, picture.situation
    facts = first_facts(picture.settings.system, environment)
    if situation is None:
        return facts
    identity = situation.identity.value
    chip, state = operation_chip(picture)
    return msgspec.structs.replace(
        facts,
        account=identity.account if identity else SafeText(""),
        who=identity.who if identity else SafeText(""),
        now=picture.now,
        age=_data_age(situation, picture),
        per_hour=situation.spending.per_hour,
        capped=situation.spending.capped,
        cadences=wording.brief_cadences(situation.spending),
        speed=clock.speed,
        operation=chip,
        operation_state=state,
        score=score(situation.score, picture.assessment, picture.now),
        alerts=alert_facts(picture),
    )


def first_facts(system: str, environment: Environment) -> HeaderFacts:
    """What is known before anything has been asked."""
    return HeaderFacts(
        system=system,
        environment=environment.name,
        production=environment.production,
        region=environment.region,
        read_only=environment.read_only,
        endpoint=SafeText("SIMULATED" if environment.kind is EnvironmentKind.SANDBOX else ""),
    )


def _data_age(situation: Situation, picture: Picture) -> float | None:
    """Age of the newest metrics answer, the data everything is judged by."""
    return situation.metrics.age(picture.now)


def operation_chip(picture: Picture) -> tuple[SafeText, State]:
    """What the header says of the newest operation."""
    return chip_of(picture.operations, picture.now, picture.orphans)


def chip_of(
    operations: Sequence[Operation], now: datetime, orphans: frozenset[str] = frozenset()
) -> tuple[SafeText, State]:
    """The newest operation in two words: while it is open, and for a while after its end. `orphans`: ids of those that
    nobody carries on."""
    newest = next((one for one in operations if one.open), next(iter(operations), None))
    if newest is None:
        return SafeText(""), State.WAITING
    if newest.id in orphans:
        return SafeText(f"{newest.plan.kind.value} LEFT OPEN"), State.WARN
    if newest.outcome is None:
        return SafeText(f"{newest.plan.kind.value} {newest.phase.value}{_progress(newest)}"), State.ELEVATED
    if newest.ended is not None and (now - newest.ended).total_seconds() <= ENDED_SHOWN:
        return SafeText(newest.outcome.value), _OUTCOMES[newest.outcome]
    return SafeText(""), State.WAITING


def small_facts(picture: Picture) -> str:
    """What is never left out, however small the terminal: the environment, the verdict's word, what is under way,
    what waits for somebody."""
    chip, _ = operation_chip(picture)
    state = picture.assessment.verdict.state.value if picture.assessment is not None else ""
    said = (f"{picture.environment.name.upper()}  {state}".rstrip(), chip, *small_rows(alert_facts(picture)))
    return "\n".join(part for part in said if part)


def _progress(operation: Operation) -> str:
    done, needed = operation.progress
    return f" {done}/{needed}" if needed else ""


def key_hints(context: KeyContext, only: tuple[str, ...] = ()) -> tuple[KeyHint, ...]:
    """The footer: the keys of the table, each with whether it is on."""
    return tuple(_hint(key, context) for key in KEYS if (key.id in only if only else key.footer))


def _hint(key: Key, context: KeyContext) -> KeyHint:
    reason = why_off(key, context)
    together = SCREENS if key.group is Group.SCREEN else None
    return KeyHint(key.shown, key.label, not reason, reason, _PRIORITIES.get(key.id, 1), together)


def verdict_of(picture: Picture) -> Verdict | None:
    """What the screen's sentence is; None: as it was, there is nothing new to say."""
    if picture.assessment is not None:
        return picture.assessment.verdict
    problem = picture.problem
    if problem is None:
        return None
    parts = (problem.message, problem.remedy, "It is tried again every few seconds.")
    said = ". ".join(part.rstrip(".") for part in parts if part)
    return Verdict(State.STALE, SafeText(f"{said}."))


def waiting_verdict(environment: Environment) -> Verdict:
    """The sentence before anything has been judged."""
    where = environment.endpoint_url if environment.kind is EnvironmentKind.SANDBOX else environment.region
    return Verdict(State.WAITING, SafeText(f"asking {where} about {environment.stack}"))
