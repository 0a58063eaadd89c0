"""When the runbook's regular tasks come round, by the clock that is handed in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.model.checklists import MAINTENANCE, Doing, Mark, Marks
from services.model.maintenance import TaskState
from services.model.runbook import Every, Runbook
from services.rules.maintenance import next_due, tasks
from services.runbook.loading import load_runbook
from services.safe_text import SafeText
from services.settings.loading import load

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    found = load_runbook(load()).runbook
    assert found is not None
    return found


def ticked(runbook: Runbook, every: Every, at: datetime) -> Marks:
    """All tasks of a period, done at once."""
    return Marks(tuple(
        Mark(MAINTENANCE, "", one.id, Doing.DONE, at, SafeText("ana@bastion"))
        for one in runbook.tasks
        if one.every is every
    ))  # fmt: skip


def due(runbook: Runbook, marks: Marks, now: datetime, every: Every) -> list[TaskState]:
    return [one for one in tasks(runbook, marks, now) if one.task.every is every and one.is_due]


@pytest.mark.runbook("R196")
def test_three_daily_tasks_done_at_nine_are_due_again_the_next_day(runbook: Runbook) -> None:
    assert len(due(runbook, Marks(), NINE, Every.DAY)) == 3
    marks = ticked(runbook, Every.DAY, NINE)
    assert due(runbook, marks, NINE + timedelta(hours=14), Every.DAY) == []
    again = due(runbook, marks, NINE + timedelta(hours=15), Every.DAY)
    assert [one.last.at if one.last is not None else None for one in again] == [NINE] * 3


@pytest.mark.runbook("R200")
def test_the_weekly_list_is_due_seven_days_after_it_was_done(runbook: Runbook) -> None:
    marks = ticked(runbook, Every.WEEK, NINE)
    assert due(runbook, marks, NINE + timedelta(days=6, hours=14), Every.WEEK) == []
    assert len(due(runbook, marks, NINE + timedelta(days=7), Every.WEEK)) == 5


@pytest.mark.runbook("R206", "R207", "R209")
def test_monthly_tasks_are_due_on_the_same_day_of_the_next_month(runbook: Runbook) -> None:
    marks = ticked(runbook, Every.MONTH, NINE)
    assert due(runbook, marks, datetime(2026, 12, 22, 23, tzinfo=UTC), Every.MONTH) == []
    again = due(runbook, marks, datetime(2026, 12, 23, tzinfo=UTC), Every.MONTH)
    assert [one.task.id for one in again] == [one.id for one in runbook.tasks if one.every is Every.MONTH]


@pytest.mark.parametrize(
    ("done", "again"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2026, 3, 31), date(2026, 4, 30)),
    ],
)
def test_a_month_without_that_day_takes_its_last(done: date, again: date) -> None:
    assert next_due(Every.MONTH, done) == again


def test_a_tick_that_was_taken_back_leaves_the_task_due(runbook: Runbook) -> None:
    task = runbook.tasks[0]
    done = Mark(MAINTENANCE, "", task.id, Doing.DONE, NINE, SafeText("ana@bastion"))
    back = Mark(MAINTENANCE, "", task.id, Doing.UNDONE, NINE + timedelta(minutes=1), SafeText("ana@bastion"))
    assert tasks(runbook, Marks((done, back)), NINE)[0].is_due
