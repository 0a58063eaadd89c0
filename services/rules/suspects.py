"""Is it the deploy? The nearest earlier change, and whether moving the alias back would make sense."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.model.assessment import Judgement, State
from services.model.changes import Change, ChangeKind
from services.model.functions import Release, VersionEvidence
from services.model.plan import ActionKind
from services.model.situation import Situation
from services.rules.changes import main_release
from services.rules.targets import proposed
from services.rules.words import clock, span
from services.settings.values import Thresholds

REACH = timedelta(hours=1)
"""How long before a breach a change may lie and still be suspected."""

_TOGETHER = timedelta(minutes=2)
"""Changes this close to each other are one event; the most telling speaks for it."""

_TELLING = {
    ChangeKind.ALIAS: 5,
    ChangeKind.ROLLBACK: 5,
    ChangeKind.VERSION: 4,
    ChangeKind.STAGE: 3,
    ChangeKind.STACK: 2,
    ChangeKind.INVALIDATION: 1,
}


def suspect(since: datetime, changes: Sequence[Change], key: str, period: int = 60) -> Change | None:
    """The nearest change before the breach's first period ended, at most an hour before it began.

    A breach that begins in the minute of a change counts as after it: the minute is all that is known. An
    invalidation explains what CloudFront shows and nothing behind it.
    """
    latest = since + timedelta(seconds=period)
    earlier = [
        change
        for change in changes
        if since - REACH <= change.at < latest
        and (change.kind is not ChangeKind.INVALIDATION or key.startswith("edge."))
    ]
    if not earlier:
        return None
    nearest = max(earlier, key=lambda change: change.at)
    together = [change for change in earlier if nearest.at - change.at <= _TOGETHER]
    return max(together, key=lambda change: (_TELLING[change.kind], change.at))


def after(change: Change, since: datetime) -> str:
    """`4 min after v42 went live (stack update 03:03)`; `as v42 went live` within the minute."""
    lag = since - change.at
    if lag < timedelta(minutes=1):
        return f"as {change.sentence}"
    return f"{span(lag)} after {change.sentence}"


def remedy(
    situation: Situation, judgement: Judgement, blamed: Change | None, thresholds: Thresholds
) -> tuple[str, str]:
    """(key, what it does) when a move of the alias would make sense; empty strings when none would."""
    release = main_release(situation)
    if release is None or release.alias is None or not judgement.key.startswith(("api.", "lambda.")):
        return "", ""
    if judgement.state not in (State.CRIT, State.WARN):
        return "", ""
    if blamed is not None and blamed.kind is ChangeKind.ROLLBACK:
        return _forward(situation)
    if release.called_by_api is False or any(
        operation.open and operation.plan.kind is ActionKind.ROLLBACK for operation in situation.operations.value or ()
    ):
        return "", ""
    evidence = situation.evidence.value or ()
    target = proposed(release, evidence, situation.operations.value or (), thresholds)
    if target is None:
        return "", ""
    deployed = blamed is not None and blamed.kind in (ChangeKind.ALIAS, ChangeKind.STACK, ChangeKind.VERSION)
    if not (deployed or _worse(release, target.number, evidence)):
        return "", ""
    if target.number == release.alias.version:
        return "R", f"ends the canary: everything back to v{target.number}"
    return "R", f"rolls {release.alias.name} back to v{target.number}"


def rate_of(release: Release, version: int, evidence: Sequence[VersionEvidence]) -> float | None:
    """Error rate of a version while it served, percent; None when it did not in the window that was asked."""
    for known in evidence:
        if known.function == release.function and known.version == version:
            return known.error_rate
    return None


def _worse(release: Release, target: int, evidence: Sequence[VersionEvidence]) -> bool:
    """Whether the evidence alone speaks against the version that serves: over 5 %, the other under 1 %."""
    assert release.alias is not None
    present, before = rate_of(release, release.alias.version, evidence), rate_of(release, target, evidence)
    return present is not None and before is not None and present > 5 and before < 1


def _forward(situation: Situation) -> tuple[str, str]:
    for operation in situation.operations.value or ():
        if operation.plan.kind is ActionKind.ROLLBACK and operation.switched is not None:
            if operation.open or not operation.reversible:
                return "", ""
            version = next((step.before["version"] for step in operation.plan.steps if "version" in step.before), "")
            return "z", f"goes back to v{version}" if version else "takes it back"
    return "", ""


def last_change(changes: Sequence[Change], now: datetime) -> str:
    """`last change v41 3 days ago`; the stack's end and the alias's move in it are one change."""
    told = [change for change in changes if change.kind is not ChangeKind.INVALIDATION]
    if not told:
        return ""
    newest = max(told, key=lambda change: change.at)
    together = [change for change in told if newest.at - change.at <= _TOGETHER]
    speaker = max(together, key=lambda change: (_TELLING[change.kind], change.at))
    elapsed = now - speaker.at
    when = f"{span(elapsed)} ago" if elapsed >= timedelta(minutes=1) else f"at {clock(speaker.at, now)}"
    return f"last change {speaker.label} {when}"
