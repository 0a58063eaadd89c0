"""Changes: what happened to the system and when it took effect. Markers on the charts, suspects of the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.model.apis import Api
from services.model.changes import Change, ChangeKind
from services.model.entry import Operation
from services.model.functions import Release
from services.model.plan import ActionKind
from services.model.situation import Situation
from services.model.stacks import StackEvent, StackOperation
from services.rules.operations import operations
from services.rules.recorded import recorded
from services.rules.words import clock
from services.safe_text import safe

ALIAS_TYPE = "AWS::Lambda::Alias"
VERSION_TYPE = "AWS::Lambda::Version"

_SAME = timedelta(seconds=90)
"""Two accounts of one alias move (the stack's event, our journal) lie at most this far apart."""

_NEAR = timedelta(minutes=2)
"""Minutes of evidence are whole ones, and a move takes a moment to be served by: what is this near may be the same."""


def changes(situation: Situation, now: datetime) -> tuple[Change, ...]:
    """Every change known, ascending; nothing from the future."""
    history = operations(situation.events.value or ())
    ours = tuple(_rollbacks(situation.operations.value or ()))
    newest = max((event.at for event in situation.events.value or () if event.type == ALIAS_TYPE), default=now)
    moved = [change for operation in history for change in _of_operation(operation, situation, newest)]
    found = [change for change in moved if not any(_twice(change, own) for own in ours)]
    found += ours
    found += _outside(situation, found, history)
    found += _stages(situation, history)
    found += _invalidations(situation)
    found += tuple(recorded(situation.witness, found))
    found += _distributions(situation, found, history)
    return tuple(sorted((change for change in found if change.at <= now), key=lambda change: change.at))


def _twice(change: Change, own: Change) -> bool:
    return change.kind is ChangeKind.ALIAS and change.label == own.label and abs(change.at - own.at) <= _SAME


def _of_operation(operation: StackOperation, situation: Situation, newest: datetime) -> Iterator[Change]:
    word = _verb(operation)
    if operation.ended is None:
        yield Change(operation.began, ChangeKind.STACK, safe("stack"), safe(f"stack {word} began"))
    else:
        yield Change(operation.ended, ChangeKind.STACK, safe("stack"), safe(f"stack {word} {_end(operation)}"))
    for event in operation.events:
        if event.type == ALIAS_TYPE and event.status in ("UPDATE_COMPLETE", "CREATE_COMPLETE"):
            version = _version(event, operation, situation, newest)
            label = f"v{version}" if version else event.logical_id
            sentence = f"{label} went live" if version else f"alias {event.logical_id} was moved"
            stack = f" (stack {word} {clock(operation.began)})"
            yield Change(event.at, ChangeKind.ALIAS, safe(label), safe(sentence + stack))


def _verb(operation: StackOperation) -> str:
    first = operation.events[-1].status if operation.events else operation.status
    return {"CREATE": "creation", "DELETE": "deletion", "IMPORT": "import"}.get(first.partition("_")[0], "update")


def _end(operation: StackOperation) -> str:
    if "ROLLBACK" in operation.status:
        return "failed and was rolled back" if operation.status.endswith("_COMPLETE") else "failed, rollback too"
    return "failed" if operation.status.endswith("_FAILED") else "finished"


def _version(event: StackEvent, operation: StackOperation, situation: Situation, newest: datetime) -> int | None:
    """Which version the alias was moved to: the one published just before it in the same operation.

    For the newest move (at `newest`) the alias itself tells, unless we have moved it since.
    """
    for other in operation.events:
        if other.type == VERSION_TYPE and other.status == "CREATE_COMPLETE" and other.at <= event.at:
            number = other.physical_id.rpartition(":")[2]
            if number.isdecimal():
                return int(number)
    release = main_release(situation)
    if newest == event.at and release is not None and release.alias is not None and not _moved_since(event, situation):
        return release.alias.version
    return None


def _moved_since(event: StackEvent, situation: Situation) -> bool:
    return any(
        operation.switched is not None and operation.switched > event.at
        for operation in situation.operations.value or ()
    )


def main_release(situation: Situation) -> Release | None:
    """The release that serves: the first with an alias, in the order of the stack; else the first."""
    releases = situation.releases.value or ()
    return next((release for release in releases if release.alias is not None), next(iter(releases), None))


_STAGES = ("api.stage", "api.http_stage")


def _rollbacks(found: tuple[Operation, ...]) -> Iterator[Change]:
    for operation in found:
        if operation.plan.kind is not ActionKind.ROLLBACK or operation.switched is None:
            continue
        version = next((step.after["version"] for step in operation.plan.steps if "version" in step.after), "")
        deployment = next((step.after["deployment"] for step in operation.plan.steps if step.kind in _STAGES), "")
        label = f"v{version}" if version else "stage" if deployment else "rollback"
        word = "forward again" if operation.plan.undo_of else "rolled back"
        told = [label] if version else []
        told += [f"deployment {deployment}"] if deployment else []
        sentence = f"{word} to {' and '.join(told)}" if told else word
        yield Change(operation.switched, ChangeKind.ROLLBACK, safe(label), safe(sentence))


def _outside(situation: Situation, known: list[Change], history: tuple[StackOperation, ...]) -> Iterator[Change]:
    """A move that neither the stack nor our journal tells of: when the version before served for the last time.

    Said only when stack and alias were read well after it, and no stack operation was near: otherwise the events
    that explain it may simply not have been read yet.
    """
    release = main_release(situation)
    moves = [
        change for change in known if change.kind in (ChangeKind.ALIAS, ChangeKind.ROLLBACK) and change.label != "stage"
    ]
    last = max(moves, key=lambda change: change.at, default=None)
    if release is None or release.alias is None or last is None:
        return
    version = release.alias.version
    if not last.label.startswith("v") or last.label == f"v{version}":
        return
    before = [
        evidence.last_served
        for evidence in situation.evidence.value or ()
        if evidence.function == release.function and f"v{evidence.version}" == last.label and evidence.last_served
    ]
    at = max(before, default=last.at)
    if at <= last.at + _NEAR or any(_near(operation, at) for operation in history):
        return
    for reading in (situation.events, situation.releases):
        if reading.taken is None or reading.taken < at + _NEAR:
            return
    sentence = f"{release.alias.name} was moved from {last.label} to v{version}, not by the stack"
    yield Change(at, ChangeKind.ALIAS, safe(f"v{version}"), safe(sentence))


def _near(operation: StackOperation, at: datetime) -> bool:
    return operation.began - _NEAR <= at and (operation.ended is None or at <= operation.ended + _NEAR)


def _stages(situation: Situation, history: tuple[StackOperation, ...]) -> Iterator[Change]:
    """Stage deployments of their own; one that is part of a stack operation, or ours, is told by that."""
    ours = situation.operations.value or ()
    for api in situation.apis.value or ():
        at = api.deployed
        if at is None or any(operation.began <= at <= (operation.ended or at) + _SAME for operation in history):
            continue
        if any(one.switched is not None and abs(one.switched - at) <= _SAME and _staged(one, api) for one in ours):
            continue
        yield Change(at, ChangeKind.STAGE, safe("stage"), safe(f"stage {api.stage} of {api.name} was deployed"))


def _staged(operation: Operation, api: Api) -> bool:
    return any(step.call.api == api.id for step in operation.plan.steps)


def _distributions(situation: Situation, known: list[Change], history: tuple[StackOperation, ...]) -> Iterator[Change]:
    """A distribution's own word that it was changed, until the trail or the stack tells of it."""
    told = [one.at for one in known if one.kind is ChangeKind.CONFIGURATION and one.label == "cloudfront"]
    for distribution in situation.distributions.value or ():
        at = distribution.modified
        if at is None or any(abs(other - at) <= _SAME for other in told) or any(_near(one, at) for one in history):
            continue
        yield Change(at, ChangeKind.CONFIGURATION, safe("cloudfront"), safe(f"{distribution.id} was changed"))


def _invalidations(situation: Situation) -> Iterator[Change]:
    for invalidation in situation.invalidations.value or ():
        if invalidation.created is not None:
            paths = f" of {', '.join(invalidation.paths[:3])}" if invalidation.paths else ""
            yield Change(
                invalidation.created, ChangeKind.INVALIDATION, safe("inval"), safe(f"invalidation{paths} began")
            )
