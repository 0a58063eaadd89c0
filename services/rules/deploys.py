"""Stack operations read: legs told apart, resources followed, progress that claims no more than is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median

from services.model.assessment import State
from services.model.deploys import Deploy, Leg, Progress, ResourceMove
from services.model.stacks import StackEvent, StackOperation
from services.rules.operations import operations
from services.rules.stacks import stack_state
from services.safe_text import SafeText

_KINDS = {"CREATE": "creation", "DELETE": "deletion", "IMPORT": "import"}

_WORDS = {
    "CREATE": ("creating", "created", "create failed"),
    "UPDATE": ("updating", "updated", "update failed"),
    "DELETE": ("deleting", "deleted", "delete failed"),
    "IMPORT": ("importing", "imported", "import failed"),
    "ROLLBACK": ("going back", "restored", "rollback failed"),
}
_BACK = {"UPDATE": "restored", "CREATE": "restored", "DELETE": "removed again"}

SETTLED = ("_COMPLETE", "_FAILED", "_SKIPPED")


def deploys(
    events: Sequence[StackEvent], now: datetime, changed: Mapping[str, int] | None = None
) -> tuple[Deploy, ...]:
    """Every operation in `events`, newest first.

    `changed`: id of an operation, or its token → how many resources its change set names.
    """
    history = operations(events)
    return tuple(_deploy(one, history[place + 1 :], now, changed or {}) for place, one in enumerate(history))


def _deploy(
    operation: StackOperation, before: Sequence[StackOperation], now: datetime, changed: Mapping[str, int]
) -> Deploy:
    moves = tuple(_moves(operation))
    leg = _leg_of(operation.status)
    kind = kind_of(operation)
    return Deploy(
        operation,
        kind,
        leg,
        _word(kind, operation),
        stack_state(operation.status),
        moves,
        _progress(operation, kind, leg, moves, before, now, changed),
    )


def kind_of(operation: StackOperation) -> str:
    """`update`, `creation`, `deletion`, `import`, or `rollback` for one that somebody resumed."""
    own = [event for event in operation.events if event.about_the_stack]
    first = own[-1].status if own else operation.status
    if first.startswith(("ROLLBACK", "UPDATE_ROLLBACK")) and own and own[-1].reason:
        return "rollback"
    return _KINDS.get(first.partition("_")[0], "update")


def _leg_of(status: str) -> Leg:
    if "CLEANUP" in status:
        return Leg.CLEANUP
    return Leg.ROLLBACK if "ROLLBACK" in status else Leg.FORWARD


def _word(kind: str, operation: StackOperation) -> str:
    """What a person calls it. Green says deployed and not healthy; a rollback that worked is a failed deployment."""
    status = operation.status
    back = "ROLLBACK" in status
    if "CLEANUP" in status and operation.ended is None:
        return "rolled back, cleaning up" if back else f"{kind} live, cleaning up"
    if operation.ended is None:
        return "rolling back" if back else f"{kind} under way"
    if back:
        return f"{kind} failed, rolled back" if status.endswith("_COMPLETE") else f"{kind} failed, rollback failed"
    if status.endswith("_FAILED"):
        return f"{kind} failed"
    return {"creation": "created", "deletion": "deleted", "import": "imported"}.get(kind, "deployed")


def _moves(operation: StackOperation) -> Iterator[ResourceMove]:
    """Each resource once for each leg it passes through, in the order in which it began there."""
    leg, groups = Leg.FORWARD, dict[tuple[Leg, str, str], list[StackEvent]]()
    for event in reversed(operation.events):
        if event.about_the_stack:
            leg = _leg_of(event.status) if event.status.endswith("_IN_PROGRESS") else leg
        elif not event.about_its_stack:
            groups.setdefault((leg, event.stack_id, event.logical_id), []).append(event)
    names = holders(operation.events)
    for (of, stack, _), found in groups.items():
        yield _move(of, found, _within(found[-1], operation), names.get(stack, SafeText("")))


def holders(events: Sequence[StackEvent]) -> Mapping[str, SafeText]:
    """Id of each nested stack → what the stack around it calls it."""
    return {event.physical_id: event.logical_id for event in events if event.holds_stack}


def _within(event: StackEvent, operation: StackOperation) -> int:
    """How many nested stacks the resource is in."""
    depth, holder = 0, event
    while holder.nested and depth < 6:
        parent = next((one for one in operation.events if one.holds_stack and one.physical_id == holder.stack_id), None)
        depth += 1
        if parent is None:
            break
        holder = parent
    return depth


def _move(leg: Leg, events: list[StackEvent], depth: int, stack: SafeText) -> ResourceMove:
    newest = events[-1]
    over = newest.status.endswith(SETTLED)
    word, state = _told(leg, newest)
    return ResourceMove(
        leg=leg,
        stack=stack,
        logical_id=newest.logical_id,
        physical_id=newest.physical_id,
        type=newest.type,
        status=newest.status,
        word=word,
        state=state,
        began=events[0].at,
        ended=newest.at if over else None,
        reason=next((event.reason for event in reversed(events) if event.reason), SafeText("")),
        events=tuple(events),
        depth=depth,
    )


def _told(leg: Leg, event: StackEvent) -> tuple[str, State]:
    """The word and the state of a resource whose newest event this is."""
    status, verb = event.status, event.status.partition("_")[0]
    doing, done, failed = _WORDS.get(verb, _WORDS["UPDATE"])
    if status.endswith("_FAILED"):
        return ("cancelled", State.NO_DATA) if "cancelled" in event.reason.lower() else (failed, State.CRIT)
    if status.endswith("_SKIPPED"):
        return "kept", State.OK
    back = leg is Leg.ROLLBACK or "ROLLBACK" in status
    if status.endswith("_COMPLETE"):
        return (_BACK.get(verb, done), State.WARN) if back else (done, State.OK)
    return ("going back" if back else doing), State.WAITING


def _progress(
    operation: StackOperation,
    kind: str,
    leg: Leg,
    moves: Sequence[ResourceMove],
    before: Sequence[StackOperation],
    now: datetime,
    changed: Mapping[str, int],
) -> Progress:
    here = [move for move in moves if move.leg is leg] if leg is not Leg.CLEANUP else _settled(operation, moves)
    ended = operation.ended or now
    return Progress(
        done=sum(move.state in (State.OK, State.WARN) for move in here),
        moving=sum(move.ended is None for move in here),
        failed=sum(move.state is State.CRIT for move in here),
        of=_denominator(operation, leg, moves, changed),
        elapsed=max(0.0, (ended - operation.began).total_seconds()),
        usual=_usual(kind, before),
    )


def _settled(operation: StackOperation, moves: Sequence[ResourceMove]) -> list[ResourceMove]:
    """What the clean-up follows: the rollback where there was one, else the way forward."""
    leg = Leg.ROLLBACK if "ROLLBACK" in operation.status else Leg.FORWARD
    return [move for move in moves if move.leg is leg]


def _denominator(
    operation: StackOperation, leg: Leg, moves: Sequence[ResourceMove], changed: Mapping[str, int]
) -> int | None:
    """How many resources there are to be done: a rollback undoes what was touched, a change set names its own."""
    forward = [move for move in moves if move.leg is Leg.FORWARD]
    if leg is Leg.ROLLBACK or "ROLLBACK" in operation.status:
        return len({(move.stack, move.logical_id) for move in forward}) or None
    first = operation.events[-1] if operation.events else None
    if first is None:
        return None
    return changed.get(first.operation) or changed.get(first.token) or None


def _usual(kind: str, before: Sequence[StackOperation]) -> float | None:
    """The median length of past operations of the kind that went through."""
    lengths = [
        (one.ended - one.began).total_seconds()
        for one in before
        if one.ended is not None and stack_state(one.status) is State.OK and kind_of(one) == kind
    ]
    return median(lengths) if lengths else None
