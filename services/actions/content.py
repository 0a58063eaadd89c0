"""Rolling back the web content: every object as it was at an instant, by copies forward (aws.md 5.4, decisions C6).

Nothing is ever deleted for good, so the restoration can itself be undone. `moves` compares, `plan_content` plans.
Both are pure: the history is read before, the manifest is written down by whoever shows the plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.actions.content_moves import KINDS, digest, moves, pattern, web_paths
from services.actions.content_telling import notes, saved, size
from services.actions.criterion import criterion_of_edge
from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
)
from services.actions.invalidation import invalidation_step
from services.actions.paths import BadPath, encoded
from services.model.content import ContentHistory, Move, MoveKind
from services.model.entry import Operation
from services.model.plan import ActionKind, Criterion, Plan, Precondition, Refusal, Step, Unread
from services.model.situation import Situation
from services.plural import several
from services.rules.words import count
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK

PATHS_MOST = 20
"""Changed paths that are invalidated one by one; of more, `/*` is the cheaper and the surer."""


class Restoration(msgspec.Struct, frozen=True):
    """A plan and what it is about, key by key: the lines of its manifest."""

    plan: Plan
    moves: tuple[Move, ...]


def ours(operations: Sequence[Operation]) -> tuple[tuple[datetime, datetime], ...]:
    """When we wrote to buckets ourselves: these writes are no publication that could be taken back by default."""
    second = timedelta(seconds=1)
    return tuple(
        (one.ordered - second, (one.switched or one.ended or one.entries[-1].at) + second)
        for one in operations
        if any(step.kind == "content.restore" for step in one.plan.steps)
    )


def before(operation: Operation) -> datetime:
    """The instant to restore in order to take `operation` back: the second before its first call could be sent."""
    return operation.ordered.replace(microsecond=0) - timedelta(seconds=1)


def unread(situation: Situation, environment: Environment, now: datetime) -> Unread | Refusal:
    """What is known of the web content before its bucket is read key by key, or why that would lead to nothing."""
    buckets = situation.buckets.value
    if buckets is None:
        return refuse(_KIND, "the web bucket is not known yet", "Wait for its first answer.")
    if not buckets:
        return refuse(_KIND, "the stack has no web bucket", "There is nothing to restore.")
    first = buckets[0]
    refusal = (
        _unversioned(str(first.name), str(first.versioning))
        or stack_refusal(_KIND, situation, environment, now)
        or operation_refusal(_KIND, situation.operations.value or (), resource_of({"Bucket": str(first.name)}))
    )
    return refusal or Unread(safe(f"Content  {first.name}  → as before its newest publication", 200))


def plan_content(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    history: ContentHistory,
    *,
    remove: bool = False,
    undo_of: str = "",
) -> Restoration | Refusal:
    """The bucket as it was at `history.as_of`. `remove`: also what did not exist then is taken away (by a marker)."""
    refusal = _barred(situation, environment, now, history)
    if refusal is not None:
        return refusal
    lines = moves(history)
    there = [one for one in lines if one.then]
    if not there:
        return refuse(
            _KIND,
            f"at {history.as_of:%Y-%m-%d %H:%M:%SZ} the bucket {history.bucket} held nothing: restoring that would "
            "empty the site",
            "Choose a later instant.",
        )
    doing = [one for one in lines if one.kind in KINDS and (remove or one.kind is not MoveKind.REMOVE)]
    if not doing:
        return _nothing(history, lines)
    plan = _plan(situation, environment, settings, now, history, lines, doing, undo_of)
    return plan if isinstance(plan, Refusal) else Restoration(plan, lines)


def _nothing(history: ContentHistory, lines: Sequence[Move]) -> Refusal:
    lost = [one for one in lines if one.kind is MoveKind.UNRESTORABLE]
    if lost:
        told = f"{several(len(lost), 'object')} cannot be restored, and nothing else differs: {lost[0].why}"
        return refuse(_KIND, told, "Thaw them first.")
    return refuse(
        _KIND,
        f"everything that {history.bucket} held at {history.as_of:%Y-%m-%d %H:%M:%SZ} stands as it was",
        "Choose an earlier instant, or invalidate the edge's copies (I).",
    )


def _barred(situation: Situation, environment: Environment, now: datetime, history: ContentHistory) -> Refusal | None:
    refusal = (
        account_refusal(_KIND, situation, environment)
        or unknown(_KIND, "the distribution", situation.distributions, environment, now)
        or stack_refusal(_KIND, situation, environment, now)
        or operation_refusal(_KIND, situation.operations.value or (), resource_of({"Bucket": history.bucket}))
    )
    if refusal is not None:
        return refusal
    refusal = _unversioned(str(history.bucket), str(history.versioning))
    if refusal is not None:
        return refusal
    if history.as_of >= now:
        return refuse(_KIND, f"{history.as_of:%Y-%m-%d %H:%M:%SZ} is not in the past", "Choose an earlier instant.")
    return None


def _unversioned(bucket: str, versioning: str) -> Refusal | None:
    if versioning == "Enabled":
        return None
    how = "is suspended" if versioning else "was never enabled"
    return refuse(
        _KIND,
        f"versioning of {bucket} {how}: what it held before is not kept",
        "Publish the earlier release again, and enable versioning for the next time.",
    )


def _plan(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    history: ContentHistory,
    lines: Sequence[Move],
    doing: Sequence[Move],
    undo_of: str,
) -> Plan | Refusal:
    follow = _invalidations(situation, doing)
    if isinstance(follow, Refusal):
        return follow
    kept = [one for one in lines if one.kind is MoveKind.REMOVE and one not in doing]
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Restore {history.bucket} as of {history.as_of:%Y-%m-%d %H:%M:%SZ}",
        steps=(_step(environment, history, lines, doing), *follow),
        saved=saved(lines),
        irreversible=(
            SafeText("no version is deleted, each can be restored again"),
            SafeText("browsers keep what they fetched, no invalidation can be cancelled"),
        ),
        notes=tuple(safe(line, 400) for line in notes(history, lines, doing, kept, settings, follow)),
        criterion=None if undo_of else _criterion(environment, settings, follow),
        undo_of=undo_of,
    )


def _criterion(environment: Environment, settings: Settings, follow: Sequence[Step]) -> Criterion | None:
    """The edge's own errors; none where no distribution serves the bucket."""
    served = [str(step.call.parameters["DistributionId"]) for step in follow]
    return criterion_of_edge(served[0], environment, settings) if served else None


def _step(environment: Environment, history: ContentHistory, lines: Sequence[Move], doing: Sequence[Move]) -> Step:
    counts = Counter(one.kind for one in doing)
    told = ", ".join(f"{count(counts[kind])} {_DONE[kind]}" for kind in _DONE if counts[kind])
    copied = sum(one.size for one in doing)
    return Step(
        kind="content.restore",
        title=safe(f"Content  {history.bucket}  {told} ({size(copied)})  → as of {history.as_of:%Y-%m-%d %H:%M:%SZ}"),
        call=pattern(environment.region, history.bucket),
        preconditions=(Precondition("bucket.versioning", "Enabled"),),
        before={"objects": str(sum(bool(one.now_etag) for one in lines))},
        after={
            "as_of": history.as_of.isoformat(),
            "manifest": digest(lines),
            "keys": str(len(doing)),
            "bytes": str(copied),
            "remove": "yes" if counts[MoveKind.REMOVE] else "",
        },
    )


_DONE = {MoveKind.RESTORE: "restored", MoveKind.UNDELETE: "undeleted", MoveKind.REMOVE: "removed"}


def _invalidations(situation: Situation, doing: Sequence[Move]) -> tuple[Step, ...] | Refusal:
    there = [one for one in situation.distributions.value or () if one.enabled]
    steps = []
    for one in there:
        refusal = operation_refusal(
            _KIND, situation.operations.value or (), resource_of({"DistributionId": str(one.id)})
        )
        if refusal is not None:
            return refusal
        steps.append(invalidation_step(one, _paths(doing), then=True))
    return tuple(steps)


def _paths(doing: Sequence[Move]) -> tuple[str, ...]:
    """The changed paths, or all where they are many: `/*` counts and costs as one."""
    changed = web_paths(doing)
    if len(changed) > PATHS_MOST or any("*" in path for path in changed):
        return ("/*",)
    try:
        # A % in a key is a % and begins no escape.
        return encoded([path.replace("%", "%25") for path in changed])
    except BadPath:
        return ("/*",)
