"""When the runbook's regular tasks come round (lines 585-619), and its own review (lines 5 and 1142). Pure; days are
UTC's.

A daily task is due again the next day, a weekly one seven days after it was done, a monthly one on the same day of the
next month, or that month's last where it has no such day.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

from services.model.checklists import MAINTENANCE, Doing, Mark, Marks
from services.model.maintenance import Review, TaskState
from services.model.runbook import Every, Runbook, Task


def tasks(runbook: Runbook, marks: Marks, now: datetime) -> tuple[TaskState, ...]:
    """Every task in the runbook's order."""
    newest = {one.item: one for one in marks.marks if one.list == MAINTENANCE}
    return tuple(_state(one, newest.get(one.id), now.date()) for one in runbook.tasks)


def review(runbook: Runbook, now: datetime) -> Review | None:
    """When the document has to be reviewed; None where it names no day."""
    due = runbook.next_review
    cycle = runbook.facts.get("Review Cycle", "")
    return Review(due, (due - now.date()).days, cycle) if due is not None else None


def next_due(every: Every, done: date) -> date:
    """The day on which a task that was done on `done` is due again."""
    if every is Every.DAY:
        return done + timedelta(days=1)
    if every is Every.WEEK:
        return done + timedelta(days=7)
    year, month = (done.year + 1, 1) if done.month == 12 else (done.year, done.month + 1)
    return date(year, month, min(done.day, calendar.monthrange(year, month)[1]))


def _state(task: Task, mark: Mark | None, today: date) -> TaskState:
    last = mark if mark is not None and mark.doing in (Doing.DONE, Doing.WAIVED) else None
    if last is None:
        return TaskState(task, None, 0)
    due = next_due(task.every, last.at.date())
    return TaskState(task, due, (due - today).days, last)
