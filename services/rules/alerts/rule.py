"""A rule, what one resource showed of it, and the reading that the worst of them makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from services.model.alerts import AlertClass, AlertClock, AlertReading, AlertState, Measure
from services.model.assessment import State
from services.rules.judging import Finding
from services.rules.windows import Window
from services.rules.worst import Subject
from services.safe_text import SafeText, safe

RESPONDER = "On-call engineer"
"""Runbook line 166: the first fifteen minutes are theirs."""

_BLIND = frozenset({State.DENIED, State.STALE, State.WAITING, State.UNVERIFIED, State.NOT_ENABLED})
"""Nothing that was read can be trusted to be of now."""

_GAPS = frozenset({State.NO_DATA, State.LATE})
"""Points are missing: what fires on those that are there fires, anything less cannot be told."""


class Rule(msgspec.Struct, frozen=True):
    """What a rule is, apart from what it finds: see AlertReading."""

    key: str
    title: str
    severity: AlertClass
    condition: str
    definition: str
    source: str
    about: str = ""
    respond_s: int | None = None
    action: str = ""
    keys: tuple[str, ...] = ()
    clear_after_s: int = 300
    incident: str = ""


class Found(msgspec.Struct, frozen=True):
    """What one resource shows of a rule."""

    state: AlertState
    clock: AlertClock
    sentence: str
    value: float | None = None
    signals: tuple[str, ...] = ()
    resource: str = ""
    window: Window | None = None


def unobservable(why: str, resource: str = "", required: float = 0) -> Found:
    """Nothing can be said, and why."""
    return Found(AlertState.UNOBSERVABLE, AlertClock(Measure.TIME, 0, required), why, resource=resource)


def evaluate(rule: Rule, subject: Subject, one: Callable[[Finding], Found]) -> AlertReading:
    """`one` of every resource that can be seen; the worst makes the reading."""
    if not subject.findings:
        return reading(rule, [unobservable(subject.judgement.detail)])
    found = []
    for finding, look in zip(subject.findings, subject.looks, strict=True):
        resource = finding.series.signal.resource
        if look.state in _BLIND:
            found.append(unobservable(look.detail, resource))
            continue
        shown = one(finding)
        if look.state in _GAPS and shown.state is not AlertState.FIRING:
            shown = unobservable(look.detail, resource)
        found.append(shown)
    return reading(rule, found, several=subject.several)


def reading(rule: Rule, found: Sequence[Found], *, several: bool = False) -> AlertReading:
    """The reading of a rule from what its resources show; of several, the worst one is named."""
    worst = max(found, key=lambda one: (one.state.rank, one.clock.share, one.value is not None, one.value or 0.0))
    named = f"{worst.resource}: {worst.sentence}" if several and worst.resource else worst.sentence
    return AlertReading(
        key=rule.key,
        title=rule.title,
        state=worst.state,
        severity=rule.severity,
        clock=worst.clock,
        sentence=safe(named),
        definition=rule.definition,
        source=rule.source,
        condition=rule.condition,
        about=rule.about,
        value=worst.value,
        signals=worst.signals,
        resource=SafeText(worst.resource),
        window=None if worst.window is None else (worst.window.start, worst.window.end),
        respond_s=rule.respond_s,
        responder="" if rule.respond_s is None else RESPONDER,
        action=rule.action,
        keys=rule.keys,
        clear_after_s=max(60, rule.clear_after_s),
        incident=rule.incident,
    )
