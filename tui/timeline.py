"""What happened, as rows of the timeline: stack events, alias moves, invalidations and operations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from services.model.assessment import State
from services.model.changes import Change, ChangeKind
from services.model.edge import Invalidation
from services.model.entry import Operation, Outcome
from services.model.situation import Situation
from services.model.stacks import StackEvent
from services.rules.operations import operations
from services.safe_text import SafeText
from widgets.timeline import TimelineRow

WINDOW = timedelta(hours=24)
"""How far back the timeline goes."""

_ENDINGS = ("_COMPLETE", "_FAILED")

_TOLD = {ChangeKind.ALIAS: "alias", ChangeKind.CONFIGURATION: "by hand", ChangeKind.CONTENT: "content"}
"""Kinds of changes that have no rows of their own here, with the word for them: what nothing but the rules tells."""

_OUTCOMES = {
    Outcome.RECOVERED: State.OK,
    Outcome.COMPLETED: State.OK,
    Outcome.INCONCLUSIVE: State.WARN,
    Outcome.VOID: State.WARN,
    Outcome.NOT_RECOVERED: State.CRIT,
    Outcome.FAILED: State.CRIT,
}


def timeline(situation: Situation, changes: Sequence[Change], now: datetime) -> tuple[TimelineRow, ...]:
    """Everything of the last 24 hours, in no particular order."""
    since = now - WINDOW
    rows = [
        *_stack_rows([event for event in situation.events.value or () if event.at >= since]),
        *(
            TimelineRow(change.at, State.OK, SafeText(_TOLD[change.kind]), change.sentence)
            for change in changes
            if change.kind in _TOLD and change.at >= since
        ),
        *(
            _invalidation_row(one)
            for one in situation.invalidations.value or ()
            if one.created and one.created >= since
        ),
        *(_operation_row(one) for one in situation.operations.value or () if one.ordered >= since),
    ]
    return tuple(_dated(row, now) for row in rows)


def nothing(situation: Situation) -> str:
    """What stands where nothing happened: that it is not known, when the stack's events could not be read."""
    problem = situation.events.problem
    if situation.events.value is None and problem is not None:
        return f"not known: {problem.message}"
    return "nothing in the last 24 h"


def _dated(row: TimelineRow, now: datetime) -> TimelineRow:
    """With its day, when that is not the day of `now`."""
    at = row.at.astimezone(UTC)
    return row if at.date() == now.astimezone(UTC).date() else msgspec.structs.replace(row, day=f"{at:%m-%d}")


def _stack_rows(events: Sequence[StackEvent]) -> Iterable[TimelineRow]:
    """One row for each change of a resource: a start is shown only as long as it has no end."""
    cause = _root_cause(events)
    begun: dict[tuple[str, str], datetime] = {}
    open_rows: dict[tuple[str, str], StackEvent] = {}
    for event in sorted(events, key=lambda one: one.at):
        thing = (event.stack_id, event.logical_id)
        if event.status.endswith("_IN_PROGRESS") and "CLEANUP" not in event.status:
            begun.setdefault(thing, event.at)
            open_rows[thing] = event
        elif event.status.endswith(_ENDINGS):
            open_rows.pop(thing, None)
            started = begun.pop(thing, None)
            took = (event.at - started).total_seconds() if started is not None else None
            yield _event_row(event, took, pinned=event is cause)
    for event in open_rows.values():
        yield _event_row(event, None, pinned=False)


def _event_row(event: StackEvent, took: float | None, *, pinned: bool) -> TimelineRow:
    bad = event.failed or "ROLLBACK" in event.status
    state = State.CRIT if bad else State.OK if event.status.endswith("_COMPLETE") else State.WAITING
    text = f"{event.status}  {event.reason}" if event.reason else event.status
    what = SafeText("stack") if event.about_the_stack else event.logical_id
    return TimelineRow(event.at, state, what, SafeText(text), took, pinned)


def _root_cause(events: Sequence[StackEvent]) -> StackEvent | None:
    """What made the newest operation fail; None when it did not."""
    history = operations(events)
    return history[0].root_cause if history else None


def _invalidation_row(one: Invalidation) -> TimelineRow:
    assert one.created is not None
    paths = " ".join(one.paths) or one.id
    state = State.OK if one.done else State.WAITING
    return TimelineRow(one.created, state, SafeText("invalidation"), SafeText(f"{paths}  {one.status}"))


def _operation_row(one: Operation) -> TimelineRow:
    state = State.WAITING if one.outcome is None else _OUTCOMES[one.outcome]
    steps = ", ".join(step.title for step in one.plan.steps)
    text = f"{one.outcome.value if one.outcome else one.phase.value}  {steps}"
    took = (one.ended - one.ordered).total_seconds() if one.ended is not None else None
    return TimelineRow(one.ordered, state, SafeText(one.plan.kind.value), SafeText(text), took)
