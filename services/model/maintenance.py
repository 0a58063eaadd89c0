"""Regular maintenance at this moment: what is due, since when, and who did it last."""

from __future__ import annotations

from datetime import date

import msgspec

from services.model.checklists import Mark
from services.model.runbook import Task


class TaskState(msgspec.Struct, frozen=True):
    """A task and when it comes round."""

    task: Task
    due: date | None
    """The day on which it becomes due, UTC; None: it was never done, and is due."""
    days: int
    """Days until then; 0 or less: it is due, and so many days overdue."""
    last: Mark | None = None
    """When it was done last."""

    @property
    def is_due(self) -> bool:
        return self.days <= 0


class Review(msgspec.Struct, frozen=True):
    """When the runbook itself has to be read through."""

    due: date
    days: int
    """Days until then; negative: overdue."""
    cycle: str = ""

    @property
    def text(self) -> str:
        """`review overdue by 1 day`, `review due in 4 days`."""
        count = abs(self.days)
        days = f"{count} day{'s' if count != 1 else ''}"
        if self.days < 0:
            return f"review overdue by {days}"
        return f"review due in {days}" if self.days else "review due today"
