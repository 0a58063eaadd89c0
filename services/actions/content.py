"""Rolling back the web content: every object as it was at an instant, by copies forward (aws.md 5.4, decisions C6).

Nothing is ever deleted for good, so the restoration can itself be undone. `moves` compares, `plan_content` plans.
Both are pure: the history is read before, the manifest is written down by whoever shows the plan.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.actions.guards import (
    account_refusal,
    grade,
    lifetime,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
)
from services.actions.invalidation import REFERENCE
from services.actions.paths import BadPath, encoded
from services.model.content import ContentHistory, KeyHistory, Move, MoveKind, ObjectVersion
from services.model.edge import Distribution
from services.model.entry import Operation
from services.model.plan import ActionKind, Call, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK

LARGEST = 5 * 1024**3
"""Bytes that one CopyObject takes."""

PATHS_MOST = 20
"""Changed paths that are invalidated one by one; of more, `/*` is the cheaper and the surer."""

NAMED = 6
"""Keys that a plan names."""

KINDS = {MoveKind.RESTORE, MoveKind.UNDELETE, MoveKind.REMOVE}
"""What is done something about."""

_FINDERS = ("manifest.json", "asset-manifest.json", "manifest.webmanifest", "service-worker.js", "sw.js")


class Restoration(msgspec.Struct, frozen=True):
    """A plan and what it is about, key by key: the lines of its manifest."""

    plan: Plan
    moves: tuple[Move, ...]


def moves(history: ContentHistory) -> tuple[Move, ...]:
    """Every key's move, in the order of execution: assets, then pages, then removals, then what stays."""
    found = [_move(one) for one in history.keys]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (_RANK[one.kind], one.page)))


_RANK = {
    MoveKind.RESTORE: 0,
    MoveKind.UNDELETE: 0,
    MoveKind.REMOVE: 1,
    MoveKind.UNRESTORABLE: 2,
    MoveKind.SAME: 3,
}


def is_page(key: str) -> bool:
    """Whether others are named in it, so that it must not come before them."""
    name = key.rpartition("/")[2].lower()
    return name.endswith((".html", ".htm")) or name in _FINDERS


def _move(one: KeyHistory) -> Move | None:
    """None: there is nothing now and there was nothing then."""
    now, then = one.latest, one.then
    wanted = then is not None and not then.marker
    if now.marker and not wanted:
        return None
    kind, why = MoveKind.RESTORE, ""
    if not wanted:
        kind = MoveKind.REMOVE
    elif then is not None and _equal(now, then):
        kind = MoveKind.SAME
    elif then is not None and then.archived:
        kind, why = MoveKind.UNRESTORABLE, "it has to be thawed first (RestoreObject)"
    elif then is not None and then.size > LARGEST:
        kind, why = MoveKind.UNRESTORABLE, "it is larger than the 5 GiB that one copy takes"
    elif now.marker:
        kind = MoveKind.UNDELETE
    goal = then if wanted else None
    return Move(
        kind,
        one.key,
        now.id,
        now.etag,
        now.size,
        goal.id if goal is not None else "",
        goal.etag if goal is not None else "",
        goal.size if goal is not None else 0,
        is_page(one.key),
        why,
    )


def _equal(now: ObjectVersion, then: ObjectVersion) -> bool:
    return now.id == then.id or (not now.marker and now.etag == then.etag and now.size == then.size)


def digest(lines: Sequence[Move]) -> str:
    """What the manifest with these lines is called: the same moves, the same name."""
    told = hashlib.sha256()
    for one in lines:
        told.update(msgspec.json.encode(one))
    return told.hexdigest()


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
        return refuse(_KIND, f"{len(lost)} objects differ and none can be restored: {lost[0].why}", "Thaw them first.")
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
    if history.versioning != "Enabled":
        how = "is suspended" if history.versioning else "was never enabled"
        return refuse(
            _KIND,
            f"versioning of {history.bucket} {how}: what it held before is not kept",
            "Publish the earlier release again, and enable versioning for the next time.",
        )
    if history.as_of >= now:
        return refuse(_KIND, f"{history.as_of:%Y-%m-%d %H:%M:%SZ} is not in the past", "Choose an earlier instant.")
    return None


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
    identity = situation.identity.value
    assert identity is not None  # account_refusal
    follow = _invalidations(situation, doing)
    if isinstance(follow, Refusal):
        return follow
    kept = [one for one in lines if one.kind is MoveKind.REMOVE and one not in doing]
    return Plan(
        kind=_KIND,
        environment=environment.name,
        account=identity.account,
        title=f"Restore {history.bucket} as of {history.as_of:%Y-%m-%d %H:%M:%SZ}",
        made=now,
        expires=now + lifetime(environment),
        grade=grade(environment),
        steps=(_step(environment, history, lines, doing), *follow),
        saved=_saved(history, lines),
        irreversible=(
            SafeText(
                "nothing is deleted for good: every version that stands now is kept, and can be restored the same way"
            ),
            SafeText("browsers keep what they have fetched, and an invalidation cannot be cancelled"),
        ),
        notes=tuple(safe(line, 400) for line in _notes(environment, history, lines, doing, kept, settings, follow)),
        undo_of=undo_of,
    )


def _step(environment: Environment, history: ContentHistory, lines: Sequence[Move], doing: Sequence[Move]) -> Step:
    counts = Counter(one.kind for one in doing)
    told = ", ".join(f"{counts[kind]:,} {_DONE[kind]}" for kind in _DONE if counts[kind])
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


def pattern(region: str, bucket: str) -> Call:
    """The call of a restoration as it is shown: one for each key of the manifest."""
    source: dict[str, object] = {"Bucket": bucket, "Key": "<key>", "VersionId": "<its version then>"}
    return Call(
        "s3",
        "CopyObject",
        region,
        {
            "Bucket": bucket,
            "Key": "<key>",
            "CopySource": source,
            "MetadataDirective": "COPY",
            "TaggingDirective": "COPY",
            "IfMatch": "<its ETag now; of what was deleted IfNoneMatch *>",
        },
    )


def call_of(move: Move, region: str, bucket: str) -> Call:
    """The one call that brings a move about. It compares what stands, and names no version to delete."""
    if move.kind is MoveKind.REMOVE:
        return Call("s3", "DeleteObject", region, {"Bucket": bucket, "Key": move.key, "IfMatch": move.now_etag})
    source: dict[str, object] = {"Bucket": bucket, "Key": move.key, "VersionId": move.then}
    parameters: dict[str, object] = {
        "Bucket": bucket,
        "Key": move.key,
        "CopySource": source,
        "MetadataDirective": "COPY",
        "TaggingDirective": "COPY",
    }
    parameters |= {"IfNoneMatch": "*"} if move.kind is MoveKind.UNDELETE else {"IfMatch": move.now_etag}
    return Call("s3", "CopyObject", region, parameters)


def web_paths(doing: Sequence[Move]) -> list[str]:
    """What the edge calls the changed objects; an index is also its folder."""
    paths: list[str] = []
    for one in doing:
        paths.append(f"/{one.key}")
        if one.key == "index.html" or one.key.endswith("/index.html"):
            paths.append(f"/{one.key.removesuffix('index.html')}")
    return paths


def _invalidations(situation: Situation, doing: Sequence[Move]) -> tuple[Step, ...] | Refusal:
    there = [one for one in situation.distributions.value or () if one.enabled]
    steps = []
    for one in there:
        refusal = operation_refusal(
            _KIND, situation.operations.value or (), resource_of({"DistributionId": str(one.id)})
        )
        if refusal is not None:
            return refusal
        steps.append(_invalidation(one, _paths(doing)))
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


def _invalidation(distribution: Distribution, paths: tuple[str, ...]) -> Step:
    shown = " ".join(paths[:4]) + (f" and {len(paths) - 4} more" if len(paths) > 4 else "")
    return Step(
        kind="edge.invalidation",
        title=safe(f"Edge  then invalidate  {shown}"),
        call=Call(
            "cloudfront",
            "CreateInvalidation",
            "us-east-1",
            {
                "DistributionId": str(distribution.id),
                "InvalidationBatch": {
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": REFERENCE,
                },
            },
        ),
        preconditions=(Precondition("distribution.enabled", "true"),),
        before={"distribution": str(distribution.id), "domain": str(distribution.domain)},
        after={"status": "Completed"},
    )


def _saved(history: ContentHistory, lines: Sequence[Move]) -> tuple[SafeText, ...]:
    standing = [one for one in lines if one.now_etag]
    total = size(sum(one.now_size for one in standing))
    return (
        safe(f"the version of each of {len(standing):,} objects that stand ({total}): manifest {digest(lines)[:16]}"),
        safe(f"the versions themselves stay in {history.bucket}: the manifest names the way back"),
    )


def _notes(
    environment: Environment,
    history: ContentHistory,
    lines: Sequence[Move],
    doing: Sequence[Move],
    kept: Sequence[Move],
    settings: Settings,
    follow: Sequence[Step],
) -> list[str]:
    told = []
    if environment.read_only:
        told.append("READ-ONLY this environment is read-only: the plan can be read, not carried out")
    if history.publication is not None:
        told.append(f"As of     the second before the publication of {history.publication:%Y-%m-%d %H:%M:%SZ}")
    told += [f"Keys      {one.kind.value}  {one.key}  {_sizes(one)}" for one in doing[:NAMED]]
    if len(doing) > NAMED:
        told.append(f"          and {len(doing) - NAMED:,} more; the manifest holds each, with its versions")
    same = sum(one.kind is MoveKind.SAME for one in lines)
    told.append(f"Same      {same:,} objects stand as they were and are not touched")
    if kept:
        names = ", ".join(one.key for one in kept[:3]) + (" …" if len(kept) > 3 else "")
        told.append(f"Kept      {len(kept):,} that did not exist then stay: harmless, open pages want them ({names})")
    lost = [one for one in lines if one.kind is MoveKind.UNRESTORABLE]
    if lost:
        told.append(f"Warning   {len(lost):,} cannot be restored: {lost[0].key}: {lost[0].why}")
    if history.expires_days is not None and (history.read - history.as_of).days >= history.expires_days:
        told.append(f"Warning   the bucket drops old versions after {history.expires_days} days: some may be gone")
    told.append("Order     assets first, then pages; then the edge; then changed pages are fetched and compared")
    if follow:
        items = sum(len(_items(step)) for step in follow)
        cost = items * settings.prices.invalidation_path
        told.append(
            f"Cost      {items} path(s): free among the month's first {settings.prices.free_invalidation_paths:,}, "
            f"else ${cost:.3f}"
        )
    return told


def _items(step: Step) -> list[object]:
    batch = step.call.parameters["InvalidationBatch"]
    assert isinstance(batch, dict)
    items: list[object] = batch["Paths"]["Items"]
    return items


def _sizes(one: Move) -> str:
    now = size(one.now_size) if one.now_etag else "nothing"
    return f"{now} → {size(one.size) if one.then else 'nothing'}"


def size(number: int) -> str:
    """`509 B`, `1.4 MB`."""
    amount, units = float(number), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] == "B" or amount >= 100 else f"{amount:.1f} {units[0]}"
