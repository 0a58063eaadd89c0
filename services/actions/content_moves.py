"""What has to be done to each key so that a bucket holds what it held then, and the one call that does it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from services.model.content import ContentHistory, KeyHistory, Move, MoveKind, ObjectVersion
from services.model.plan import Call

LARGEST = 5 * 1024**3
"""Bytes that one CopyObject takes."""

KINDS = {MoveKind.RESTORE, MoveKind.UNDELETE, MoveKind.REMOVE}
"""What is done something about."""

_FINDERS = ("manifest.json", "asset-manifest.json", "manifest.webmanifest", "service-worker.js", "sw.js")


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
