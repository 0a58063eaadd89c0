"""Is it the deploy? The nearest earlier change, and whether moving the alias back would make sense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from services.model.assessment import Judgement, State
from services.model.changes import Change, ChangeKind
from services.model.functions import Release, VersionEvidence
from services.model.plan import ActionKind, Layer
from services.model.situation import Situation
from services.model.suspects import Suspect, Suspicion
from services.rules import absence
from services.rules.changes import main_release
from services.rules.creeping import Creep, creeping
from services.rules.layers import at_gateway, deploys_api, indicated, stage_back
from services.rules.targets import proposed
from services.rules.underway import takes_back
from services.rules.words import clock, percent, span
from services.safe_text import safe
from services.settings.values import Thresholds

REACH = timedelta(hours=1)
"""How long before a breach a change may lie and still be suspected."""

REMEMBERED = timedelta(hours=12)
"""How long before a breach the last change is still worth a word."""

_TOGETHER = timedelta(minutes=2)
"""Changes this close to each other are one event; the most telling speaks for it."""

_TELLING = {
    ChangeKind.ALIAS: 5,
    ChangeKind.ROLLBACK: 5,
    ChangeKind.VERSION: 4,
    ChangeKind.STAGE: 3,
    ChangeKind.CONFIGURATION: 3,
    ChangeKind.CONTENT: 3,
    ChangeKind.STACK: 2,
    ChangeKind.INVALIDATION: 1,
}

RANKED = 5
"""How many suspects of one breach are named."""

_EDGE_ONLY = frozenset({ChangeKind.INVALIDATION, ChangeKind.CONTENT})
"""These explain what CloudFront shows and nothing behind it."""


def suspect(since: datetime, changes: Sequence[Change], key: str, period: int = 60) -> Change | None:
    """The first of `ranked`."""
    return next(iter(ranked(since, changes, key, period)), None)


def ranked(since: datetime, changes: Sequence[Change], key: str, period: int = 60) -> tuple[Change, ...]:
    """Changes before the breach's first period ended and at most an hour before it began, the likeliest first.

    The nearest first; of what lies within two minutes of each other, one event, the most telling first. A breach that
    begins in the minute of a change counts as after it: the minute is all that is known.
    """
    latest = since + timedelta(seconds=period)
    earlier = [
        change
        for change in changes
        if since - REACH <= change.at < latest and (change.kind not in _EDGE_ONLY or key.startswith("edge."))
    ]
    earlier.sort(key=lambda change: change.at, reverse=True)
    found: list[Change] = []
    while earlier and len(found) < RANKED:
        together = [change for change in earlier if earlier[0].at - change.at <= _TOGETHER]
        found += sorted(together, key=lambda change: (_TELLING[change.kind], change.at), reverse=True)
        earlier = earlier[len(together) :]
    return tuple(found[:RANKED])


def suspicions(
    situation: Situation, judgements: Iterable[Judgement], changes: Sequence[Change], now: datetime
) -> tuple[Suspicion, ...]:
    """For every judgement that is out of its band: what may have caused it."""
    return tuple(
        _suspicion(situation, judgement, judgement.since, changes, now)
        for judgement in judgements
        if judgement.since is not None
    )


def _suspicion(
    situation: Situation, judgement: Judgement, since: datetime, changes: Sequence[Change], now: datetime
) -> Suspicion:
    found = tuple(
        _measured(situation, judgement, change, since)
        for change in ranked(since, changes, judgement.key, judgement.chart_period)
    )
    if not found:
        found = _slow(situation, judgement, since, changes)
    none = absence.sentence(situation, judgement.key, since, REACH, now)
    sentence = found[0].sentence if found else safe(none + last_known(none, since, changes))
    return Suspicion(judgement.key, since, found, sentence)


def _slow(
    situation: Situation, judgement: Judgement, since: datetime, changes: Sequence[Change]
) -> tuple[Suspect, ...]:
    """The version that has got worse and worse until the breach began, however long it has served."""
    creep = crept(situation, judgement.key, since, changes)
    if creep is None:
        return ()
    return (Suspect(creep.change, (since - creep.change.at).total_seconds(), sentence=creep.sentence),)


def crept(situation: Situation, key: str, since: datetime, changes: Sequence[Change]) -> Creep | None:
    """What slow damage may have come to a breach of `key` at `since`; None where there is none, or it cannot be told.

    Only for what functions do: neither the edge nor a table gets worse by what an invocation keeps.
    """
    return creeping(situation, changes, since) if key.startswith(("api.", "lambda.")) else None


def last_known(none: str, since: datetime, changes: Sequence[Change]) -> str:
    """`; last change v42 2 h before`, where `none` says that none is known near: slow damage may come from it."""
    if none.startswith(absence.UNKNOWN):
        return ""
    told = last_change([change for change in changes if since - REMEMBERED <= change.at < since], since)
    return f"; {told.removesuffix('ago')}before" if told.endswith(" ago") else ""


def _measured(situation: Situation, judgement: Judgement, change: Change, since: datetime) -> Suspect:
    """With the error rates of the versions on both sides, where the change moved the alias."""
    told, before, now_serving = after(change, since), None, None
    if change.kind in (ChangeKind.ALIAS, ChangeKind.ROLLBACK) and judgement.key.startswith(("api.", "lambda.")):
        old, new = _versions(situation, change)
        release = main_release(situation)
        evidence = situation.evidence.value or ()
        if release is not None and old and new:
            before = next((one.rate_before(change.at) for one in _of(release, old, evidence)), None)
            now_serving = next((one.rate_since(change.at) for one in _of(release, new, evidence)), None)
            told += _compared(old, before, new, now_serving)
    return Suspect(change, (since - change.at).total_seconds(), before, now_serving, safe(told))


def _versions(situation: Situation, change: Change) -> tuple[int, int]:
    """(before, after) of an alias move: the version it brought, and the one that served last before it; 0: unknown."""
    label = change.label.removeprefix("v")
    new = int(label) if label.isdecimal() else 0
    release = main_release(situation)
    if release is not None and release.alias is not None and any(new == share for share, _ in release.alias.weights):
        return release.alias.version, new  # a canary: both serve at once
    served = [
        known
        for known in situation.evidence.value or ()
        if release is not None
        and known.function == release.function
        and known.version != new
        and known.last_served is not None
        and known.last_served <= change.at + timedelta(minutes=10)
    ]
    last = max(served, key=lambda known: (known.last_served or known.since, known.version), default=None)
    return (last.version if last is not None else 0), new


def _compared(old: int, before: float | None, new: int, now_serving: float | None) -> str:
    if before is None and now_serving is None:
        return ""
    left, right = ("not measured" if rate is None else percent(rate) for rate in (before, now_serving))
    return f": errors {left} (v{old}) → {right} (v{new})"


def after(change: Change, since: datetime) -> str:
    """`4 min after v42 went live (stack update 03:03)`; `as v42 went live` within the minute."""
    lag = since - change.at
    if lag < timedelta(minutes=1):
        return f"as {change.sentence}"
    return f"{span(lag)} after {change.sentence}"


def remedy(
    situation: Situation, key: str, state: State, blamed: Change | None, thresholds: Thresholds, *, met: bool = False
) -> tuple[str, str]:
    """(key to press, what it does) when going back would make sense; empty strings when it would not.

    `key` and `state` are of the judgement in breach; `met`: a rollback trigger of the runbook fires, which asks for no
    further reason.
    """
    if state not in (State.CRIT, State.WARN):
        return "", ""
    if key.startswith("edge."):
        return _content(situation, blamed)
    release = main_release(situation)
    if release is None or release.alias is None or not key.startswith(("api.", "lambda.")):
        return "", ""
    if blamed is not None and blamed.kind is ChangeKind.ROLLBACK:
        return _forward(situation)
    if any(
        operation.open and operation.plan.kind is ActionKind.ROLLBACK for operation in situation.operations.value or ()
    ):
        return "", ""
    if at_gateway(situation):
        return _stage(situation, blamed, met)
    if release.called_by_api is False:
        return "", ""
    evidence = situation.evidence.value or ()
    target = proposed(release, evidence, situation.operations.value or (), thresholds)
    if target is None:
        return "", ""
    deployed = blamed is not None and blamed.kind in (ChangeKind.ALIAS, ChangeKind.STACK, ChangeKind.VERSION)
    if not (met or deployed or _worse(release, target.number, evidence)):
        return "", ""
    if target.number == release.alias.version:
        return "R", f"ends the canary: everything back to v{target.number}"
    return "R", f"rolls {release.alias.name} back to v{target.number}"


def _content(situation: Situation, blamed: Change | None) -> tuple[str, str]:
    """The edge fails since a publication: what the bucket held before can be put back where it keeps versions."""
    kept = any(bucket.versioning == "Enabled" for bucket in (situation.buckets.value or ())[:1])
    ours = any(one.open and one.plan.kind is ActionKind.ROLLBACK for one in situation.operations.value or ())
    published = blamed is not None and blamed.kind is ChangeKind.CONTENT
    if not (published and kept) or ours or indicated(situation, "edge.") is not Layer.CONTENT:
        return "", ""
    return "R", "prepares to put the web content back"


def _stage(situation: Situation, blamed: Change | None, met: bool) -> tuple[str, str]:
    """The API fails before it calls the function: another version changes nothing, an earlier deployment may."""
    found = stage_back(situation)
    if found is None:
        return "", ""
    deployed = blamed is not None and (
        blamed.kind in (ChangeKind.STAGE, ChangeKind.STACK, ChangeKind.ALIAS, ChangeKind.VERSION) or deploys_api(blamed)
    )
    if not (met or deployed):
        return "", ""
    api, target = found
    if target == api.deployment:
        return "R", f"ends the canary of stage {api.stage}"
    return "R", f"puts stage {api.stage} back to deployment {target}"


def rate_of(release: Release, version: int, evidence: Sequence[VersionEvidence]) -> float | None:
    """Error rate of a version while it served, percent; None when it did not in the window that was asked."""
    return next((known.error_rate for known in _of(release, version, evidence)), None)


def _of(release: Release, version: int, evidence: Sequence[VersionEvidence]) -> Iterator[VersionEvidence]:
    return (known for known in evidence if known.function == release.function and known.version == version)


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
            return "z", takes_back(operation)
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
