"""How the keys of a bucket stand beside a manifest: which are as they were to be, which are somebody else's by now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from services.actions.content_moves import KINDS
from services.actions.content_telling import size
from services.aws import content
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.journal.home import JournalHome
from services.journal.manifests import read_manifest
from services.model.content import Move, MoveKind, ObjectVersion
from services.model.plan import Step
from services.rules.words import count

AT_A_TIME = 16
"""Calls under way."""


def doing(moves: Iterable[Move], step: Step) -> dict[int, Move]:
    """The moves that the step makes, by their number in the manifest."""
    kinds = KINDS if step.after.get("remove") else KINDS - {MoveKind.REMOVE}
    return {place: one for place, one in enumerate(moves) if one.kind in kinds}


def standing_of(move: Move, found: ObjectVersion | None) -> Standing:
    """How one key stands. A copy of a multipart upload has another ETag: there its size has to do."""
    if move.kind is MoveKind.REMOVE:
        if found is None or found.marker:
            return Standing.APPLIED
        return Standing.NOT_APPLIED if found.id == move.now else Standing.OTHER
    if found is None or found.marker:
        return Standing.NOT_APPLIED if move.kind is MoveKind.UNDELETE else Standing.OTHER
    if found.id == move.now:
        return Standing.NOT_APPLIED
    alike = found.etag == move.etag or "-" in move.etag
    return Standing.APPLIED if alike and found.size == move.size else Standing.OTHER


async def stands(home: JournalHome, account: Account, step: Step, changed: Mapping[int, str]) -> Found:
    """The bucket compared with the manifest, by a listing. Raises AccountError.

    Where the ETag tells nothing, of what was uploaded in parts, the version is asked for.
    """
    moves = doing(read_manifest(home, step.after["manifest"]), step)
    bucket = str(step.call.parameters["Bucket"])
    now: dict[str, ObjectVersion | None] = {**await content.held(account, bucket)}
    gate = asyncio.Semaphore(AT_A_TIME)

    async def look(key: str) -> None:
        async with gate:
            now[key] = await content.head(account, bucket, key)

    doubtful = (one for one in moves.values() if "-" in one.etag)
    await asyncio.gather(*(look(one.key) for one in doubtful if (has := now.get(one.key)) and has.size == one.size))
    right = sum(standing_of(one, now.get(one.key)) is Standing.APPLIED for one in moves.values())
    left = len(moves) - right
    text = f"{count(right)} of {count(len(moves))} objects stand as of {step.after['as_of'][:19].replace('T', ' ')}Z"
    text += f" ({size(sum(one.size for one in moves.values()))})" if not left else ""
    text += f"; {count(left)} changed meanwhile, left as they are" if left else ""
    return Found(Standing.APPLIED, text, {"right": right, "left": left, "known": len(changed)})


class ContentStep:
    """Reads one bucket."""

    async def observe(self, account: Any, environment: Any, step: Step) -> dict[str, str]:
        return {"bucket.versioning": await content.versioning(account, str(step.call.parameters["Bucket"]))}

    async def snapshot(self, account: Any, environment: Any, step: Step) -> dict[str, Any]:
        return {"manifest": step.after["manifest"], "objects": step.before.get("objects", "")}

    async def look_up(self, account: Any, step: Step, known: Mapping[str, Any]) -> Found:
        return Found(Standing.APPLIED, str(known.get("text", "")), dict(known))

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"version": str(reply.get("VersionId", ""))}
