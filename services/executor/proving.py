"""Proof at the edge: once its copies are dropped, changed pages are fetched as viewers get them, and compared."""

from __future__ import annotations

from services.executor.content_standing import doing, stands
from services.executor.ledger import Ledger
from services.executor.pausing import pause
from services.executor.reading import insist
from services.executor.record import Work
from services.journal.manifests import read_manifest
from services.model.content import Move, MoveKind
from services.model.entry import Outcome
from services.model.plan import Step
from services.probes.pages import Fetched, fetch
from services.safe_text import safe

MOST = 12
"""Objects that are fetched: pages first."""

TRIES = 3
"""Looks at what is not right yet: edge locations follow one another by seconds."""


def restoration(work: Work) -> tuple[int, Step] | None:
    """The step that restores content, if the plan has one."""
    return next(((number, step) for number, step in work.steps if step.kind == "content.restore"), None)


async def proof(work: Work, number: int, step: Step) -> tuple[Outcome, str]:
    """The verdict on a restoration, and its reason. Raises Left."""
    moves = doing(read_manifest(work.home, step.after["manifest"]), step)
    changed = Ledger.of(work.entries, number).changed
    found = await insist(work, lambda: stands(work.home, work.reader, step, changed), lambda _: None)
    if found.data["left"]:
        return Outcome.INCONCLUSIVE, found.text
    domains = [one.before["domain"] for one in work.plan.steps if one.before.get("domain")]
    if not domains:
        return Outcome.INCONCLUSIVE, f"{found.text}; there is no distribution to prove it at"
    chosen = sorted((one for one in moves.values() if one.kind is not MoveKind.REMOVE), key=lambda one: not one.page)
    chosen = chosen[:MOST]
    wrong, silent = await _differing(work, domains, chosen)
    if wrong:
        return Outcome.NOT_RECOVERED, f"{found.text}, but the edge serves otherwise: {'; '.join(wrong[:3])}"
    if silent:
        return Outcome.INCONCLUSIVE, f"{found.text}; the edge could not be asked: {silent[0]}"
    text = f"{found.text}; {len(chosen)} fetched through {', '.join(domains)} are the restored versions"
    return (Outcome.COMPLETED if work.plan.undo_of else Outcome.RECOVERED), text


async def _differing(work: Work, domains: list[str], chosen: list[Move]) -> tuple[list[str], list[str]]:
    """What is served otherwise, and what did not answer, after a few looks."""
    asked = [(domain, move) for domain in domains for move in chosen]
    told: list[tuple[str, bool]] = []
    for turn in range(TRIES):
        if turn:
            await pause(work, work.pace.poll_s)
        again: list[tuple[str, Move]] = []
        told = []
        for domain, move in asked:
            got = await fetch(work.environment, domain, move.key)
            objection = _objection(move, got)
            if objection:
                again.append((domain, move))
                told.append((str(safe(objection, 200)), bool(got.status)))
        asked = again
        if not asked:
            break
    return [text for text, answered in told if answered], [text for text, answered in told if not answered]


def _objection(move: Move, got: Fetched) -> str:
    if not got.status:
        return f"/{move.key}: {got.note}"
    if got.status != 200:
        return f"/{move.key} is HTTP {got.status}"
    whole = "-" not in move.etag and len(move.etag.strip('"')) == 32
    if got.size != move.size or (whole and got.md5 != move.etag.strip('"')):
        return f"/{move.key} is {got.size} bytes and not the restored version"
    return ""
