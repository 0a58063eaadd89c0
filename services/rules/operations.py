"""Stack events as operations: one update, create, delete or rollback from its start to its end."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.stacks import StackEvent, StackOperation

_BEGINNINGS = frozenset(
    {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "REVIEW_IN_PROGRESS"}
)

USER_INITIATED = "User Initiated"
"""The reason of the first event of whatever a person or a pipeline began."""


def operations(events: Sequence[StackEvent]) -> tuple[StackOperation, ...]:
    """The operations in a stack's events, newest first; `events` in any order.

    Where AWS gives an OperationId, it tells them apart; a rollback has an id of its own but the token of the update
    that it undoes, and belongs to that. Without ids an operation begins with the stack's own `…_IN_PROGRESS` and ends
    with the stack's own final status. Events of nested stacks belong to the operation they happen in. Events older
    than the first beginning belong to an operation whose start is out of sight: its oldest event stands for the start.
    """
    global _last
    known, before = _last
    if known is events:
        return before
    grouped = _grouped(events)
    if isinstance(events, tuple):  # what cannot change under us
        _last = events, grouped
    return grouped


_last: tuple[Sequence[StackEvent], tuple[StackOperation, ...]] = ((), ())
"""The history that was grouped last: it is asked for with every judgement and changes with a deployment."""


def _grouped(events: Sequence[StackEvent]) -> tuple[StackOperation, ...]:
    found: list[StackOperation] = []
    current: list[StackEvent] = []
    closed = False
    ascending = list(reversed(events))  # newest first is how they come: of one instant the last is the first
    ascending.sort(key=lambda event: event.at)
    for event in ascending:
        if current and _begins(event, current, closed):
            found.append(_operation(current))
            current, closed = [], False
        current.append(event)
        closed = closed or _final(event)
    if current:
        found.append(_operation(current))
    return tuple(reversed(found))


def _begins(event: StackEvent, current: list[StackEvent], closed: bool) -> bool:
    """Whether `event` is the first of another operation than `current`."""
    if event.nested:
        return False
    before = next((one for one in reversed(current) if not one.nested and one.operation), None)
    if event.operation and before is not None:
        return event.operation != before.operation and (not event.token or event.token != before.token)
    starts = event.about_the_stack and event.status in _BEGINNINGS
    resumed = closed and event.about_the_stack and event.reason == USER_INITIATED
    return starts or resumed or (closed and not event.about_the_stack)


def _final(event: StackEvent) -> bool:
    return event.about_the_stack and not event.status.endswith("_IN_PROGRESS")


def _operation(ascending: list[StackEvent]) -> StackOperation:
    own = [event for event in ascending if event.about_the_stack]
    newest = own[-1] if own else ascending[-1]
    ended = newest.at if own and _final(newest) else None
    return StackOperation(ascending[0].at, ended, newest.status, tuple(reversed(ascending)))
