"""How a stack's history is told from the one that a plan was made from: by ids of its events. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.actions.invalidation import REFERENCE
from services.model.stacks import StackEvent
from services.rules.deploys import holders
from services.rules.operations import USER_INITIATED

__all__ = ["REFERENCE", "begun", "newest_event", "of_token", "stuck"]


def newest_event(events: Sequence[StackEvent]) -> str:
    """Id of the watched stack's newest event; `events` newest first."""
    return next((str(event.id) for event in events if not event.nested), "")


def begun(events: Sequence[StackEvent]) -> str:
    """Id of the event with which the newest operation began."""
    return next((str(event.id) for event in events if event.about_the_stack and event.reason == USER_INITIATED), "")


def of_token(events: Sequence[StackEvent], token: str) -> list[StackEvent]:
    """The stack's own events of a call, newest first."""
    return [event for event in events if not event.nested and event.token == token]


def stuck(events: Sequence[StackEvent]) -> list[tuple[str, StackEvent]]:
    """What failed because its rollback failed: the name that ContinueUpdateRollback knows it by, and the failure.

    A resource of a stack within the stack is called `Nested.LogicalId`; the nested stack itself is not offered beside
    it (aws.md 4.1).
    """
    rolling: list[StackEvent] = []
    for event in events:
        rolling.append(event)
        if event.about_the_stack and event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
            break
    named = holders(events)
    newest: dict[tuple[str, str], StackEvent] = {}
    for event in rolling:
        if not event.about_its_stack:
            newest.setdefault((event.stack_id, event.logical_id), event)
    found = []
    for event in newest.values():
        if event.status != "UPDATE_FAILED" or "cancelled" in event.reason.lower() or event.holds_stack:
            continue
        holder = named.get(event.stack_id, "") if event.nested else ""
        found.append((f"{holder}.{event.logical_id}" if holder else str(event.logical_id), event))
    return found
