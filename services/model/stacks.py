"""The stack and what happens to it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText

STACK_TYPE = "AWS::CloudFormation::Stack"


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
    drift: SafeText = SafeText("")
    """The result of the last drift detection: `IN_SYNC`, `DRIFTED`, `NOT_CHECKED`, `UNKNOWN`."""
    drift_checked: datetime | None = None
    change_set: SafeText = SafeText("")
    """ARN of the change set that made the newest operation; empty when it came without one."""
    operations: tuple[tuple[SafeText, SafeText], ...] = ()
    """LastOperations: (type, OperationId), as AWS lists them; empty where it does not tell."""

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
    operation: SafeText = SafeText("")
    """OperationId, where AWS tells it: a rollback that follows a failure has one of its own (aws.md 4.2)."""
    stack_name: SafeText = SafeText("")
    nested: bool = False
    """It is of a stack within the stack that is watched."""

    @property
    def about_the_stack(self) -> bool:
        """Whether the event is the watched stack's own and not of a resource or of a stack within it."""
        return not self.nested and self.about_its_stack

    @property
    def about_its_stack(self) -> bool:
        """Whether the event is of the stack that tells it, watched or nested."""
        return self.type == STACK_TYPE and self.physical_id == self.stack_id

    @property
    def holds_stack(self) -> bool:
        """Whether the resource is a stack of its own, with events of its own."""
        return self.type == STACK_TYPE and not self.about_its_stack and bool(self.physical_id)

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
            if event.failed and not event.about_its_stack and "cancelled" not in event.reason.lower():
                return event
        return None
