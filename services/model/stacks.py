"""The stack and what happens to it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Stack(msgspec.Struct, frozen=True):
    """cloudformation:DescribeStacks, one stack."""

    name: SafeText
    id: SafeText
    status: SafeText
    reason: SafeText = SafeText("")
    created: datetime | None = None
    updated: datetime | None = None
    description: SafeText = SafeText("")
    parameters: tuple[tuple[SafeText, SafeText], ...] = ()
    outputs: tuple[tuple[SafeText, SafeText], ...] = ()
    rollback_alarms: tuple[SafeText, ...] = ()
    """ARNs of RollbackConfiguration: they act only during an operation (aws.md 1.3)."""

    @property
    def in_progress(self) -> bool:
        return self.status.endswith("_IN_PROGRESS")


class StackEvent(msgspec.Struct, frozen=True):
    """One event of a stack's history."""

    id: SafeText
    at: datetime
    logical_id: SafeText
    physical_id: SafeText
    type: SafeText
    status: SafeText
    reason: SafeText = SafeText("")
    token: SafeText = SafeText("")
    """ClientRequestToken: the operation's own, when it gave one."""
    stack_id: SafeText = SafeText("")

    @property
    def about_the_stack(self) -> bool:
        """Whether the event is the stack's own and not one of its resources'."""
        return self.type == "AWS::CloudFormation::Stack" and self.physical_id == self.stack_id

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED")


class StackOperation(msgspec.Struct, frozen=True):
    """One update, create, delete or rollback: the events from its start to its end, newest first."""

    began: datetime
    ended: datetime | None
    """None while it runs."""
    status: SafeText
    """The stack's status at the newest event of the operation."""
    events: tuple[StackEvent, ...]

    @property
    def root_cause(self) -> StackEvent | None:
        """The oldest failure that is not a mere cancellation of a sibling (aws.md 4.2)."""
        for event in reversed(self.events):
            if event.failed and not event.about_the_stack and "cancelled" not in event.reason.lower():
                return event
        return None
