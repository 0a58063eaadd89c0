"""What happened, as rows: each resource once for each change, the root cause pinned, the running marked as running."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.model.assessment import State
from services.model.changes import Change, ChangeKind
from services.model.edge import Invalidation
from services.model.reading import Reading
from services.model.situation import Situation
from services.model.stacks import StackEvent
from services.problems import Problem, ProblemKind
from services.safe_text import safe
from tests.unit.widget_support import texts
from tui.timeline import nothing, timeline
from widgets.timeline import TimelineRow, timeline_rows

NOW = datetime(2026, 11, 23, 3, 11, 42, tzinfo=UTC)
STACK = safe("arn:aws:cloudformation:us-west-2:123456789012:stack/s/1")


def _event(
    seconds_ago: float, logical: str, status: str, reason: str = "", type: str = "AWS::Lambda::Alias"
) -> StackEvent:
    physical = STACK if type.endswith("::Stack") else safe(logical)
    at = NOW - timedelta(seconds=seconds_ago)
    identity = safe(f"{logical}-{status}-{seconds_ago}")
    return StackEvent(identity, at, safe(logical), physical, safe(type), safe(status), safe(reason), safe(""), STACK)


def _stack(seconds_ago: float, status: str) -> StackEvent:
    return _event(seconds_ago, "the-stack", status, type="AWS::CloudFormation::Stack")


def _rows(*events: StackEvent, changes: tuple[Change, ...] = (), **feeds: object) -> tuple[TimelineRow, ...]:
    readings = {name: Reading(value, NOW, NOW) for name, value in {"events": events, **feeds}.items()}
    return timeline(Situation("production", NOW, **readings), changes, NOW)  # type: ignore[arg-type]  # feeds by name


def test_a_finished_resource_is_one_row_with_how_long_it_took() -> None:
    (row,) = _rows(_event(100, "Alias", "UPDATE_IN_PROGRESS"), _event(94, "Alias", "UPDATE_COMPLETE"))
    assert (row.what, row.text, row.took, row.state) == ("Alias", "UPDATE_COMPLETE", 6.0, State.OK)


def test_a_resource_under_way_is_shown_as_such() -> None:
    (row,) = _rows(_event(100, "Alias", "UPDATE_IN_PROGRESS"))
    assert row.state is State.WAITING
    assert row.took is None


def test_the_root_cause_is_pinned_and_cancelled_siblings_are_not() -> None:
    rows = _rows(
        _stack(60, "UPDATE_IN_PROGRESS"),
        _event(50, "Table", "UPDATE_FAILED", "no such attribute"),
        _event(49, "Alias", "UPDATE_FAILED", "Resource update cancelled"),
        _stack(40, "UPDATE_ROLLBACK_COMPLETE"),
    )
    assert [row.what for row in rows if row.pinned] == ["Table"]
    assert all(row.state is State.CRIT for row in rows)
    assert "no such attribute" in next(row.text for row in rows if row.pinned)


def test_what_is_older_than_a_day_is_left_out() -> None:
    assert _rows(_event(25 * 3600, "Alias", "UPDATE_COMPLETE")) == ()


def test_what_happened_yesterday_has_its_day() -> None:
    """At 03:11 a row of 03:50 is no news of the future, and one of 23:40 is not of this evening."""
    rows = _rows(
        _event(60, "Alias", "UPDATE_COMPLETE"),
        _event(4 * 3600, "Function", "UPDATE_COMPLETE"),
        _event(23 * 3600, "Table", "UPDATE_COMPLETE"),
    )
    assert {str(row.what): row.day for row in rows} == {"Alias": "", "Function": "11-22", "Table": "11-22"}
    for width in (30, 46, 120):
        said = texts(timeline_rows(sorted(rows, key=lambda row: row.at), width))
        assert [line.partition("●")[0].strip() for line in said] == ["11-22 04:11", "11-22 23:11", "03:10:42"]
        assert all(len(line) <= width for line in said)


def test_where_the_events_may_not_be_read_it_is_not_said_that_nothing_happened() -> None:
    denied: Reading[Any] = Reading(
        tried=NOW, problem=Problem(ProblemKind.DENIED, safe("access denied"), "cloudformation:D")
    )
    assert nothing(Situation("production", NOW, events=denied)) == "not known: access denied"
    assert nothing(Situation("production", NOW, events=Reading((), NOW, NOW))) == "nothing in the last 24 h"


def test_alias_moves_and_invalidations_stand_among_the_events() -> None:
    moved = Change(NOW - timedelta(minutes=5), ChangeKind.ALIAS, safe("v42"), safe("v42 went live"))
    stack = Change(NOW - timedelta(minutes=4), ChangeKind.STACK, safe("stack"), safe("stack update finished"))
    purge = Invalidation(safe("I1"), safe("InProgress"), NOW - timedelta(minutes=1), (safe("/*"),))
    rows = _rows(changes=(moved, stack), invalidations=(purge,))
    assert {(row.what, row.state) for row in rows} == {("alias", State.OK), ("invalidation", State.WAITING)}
    assert any("/*" in row.text for row in rows)
