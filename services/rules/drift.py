"""What we have moved ourselves since the stack last ran: CloudFormation knows nothing of it (aws.md 4.2)."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.entry import Operation
from services.model.plan import ActionKind
from services.model.stacks import StackEvent
from services.rules.operations import operations as stack_operations


def moved_by_us(events: Sequence[StackEvent], done: Sequence[Operation]) -> tuple[Operation, ...]:
    """Rollbacks of ours, newest first, that took effect after the newest stack operation began and were not undone.

    The next deployment applies the template again, or leaves the moved value where the template has not changed.
    """
    history = stack_operations(events)
    since = history[0].began if history else None
    undone = {one.plan.undo_of for one in done if one.plan.undo_of and one.switched is not None}
    return tuple(
        one
        for one in done
        if one.plan.kind is not ActionKind.INVALIDATE
        and one.switched is not None
        and (since is None or one.switched > since)
        and not one.plan.undo_of
        and one.id not in undone
    )
