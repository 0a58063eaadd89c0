"""How alarms, their night and the alerts look: whole rows, never wider than they may be, whatever the names are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.alarm_detail import History, HistoryItem, HistoryKind
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.safe_text import safe
from tests.unit.alarm_support import ERRORS, NOW, a_detail, an_alarm
from tests.unit.widget_support import texts
from tui.alarm_rows import alarm_rows
from widgets.alarm_table import AlarmTable
from widgets.alarm_view import alarm_rows as view_rows
from widgets.alarm_view import history_rows
from widgets.alarm_view_history import courses, night_rows
from widgets.arns import without_arns
from widgets.spans import cells

SINCE = NOW - timedelta(hours=12)


def _change(minutes: float, old: str, new: str, alarm: str = "a") -> HistoryItem:
    at = NOW - timedelta(minutes=minutes)
    return HistoryItem(
        at, safe(alarm), "us-west-2", HistoryKind.STATE, safe("updated"), safe(old), safe(new), safe("why")
    )


def _reading(*items: HistoryItem, whole: bool = True) -> Reading[History]:
    return Reading(History(items, SINCE, whole), NOW, NOW)


@pytest.mark.parametrize(
    ("items", "times", "minutes"),
    [
        ((_change(30, "OK", "ALARM"), _change(10, "ALARM", "OK")), 1, 20),
        ((_change(30, "OK", "ALARM"),), 1, 30),  # still on
        ((_change(10, "ALARM", "OK"),), 0, 12 * 60 - 10),  # on since before the window
        ((_change(50, "OK", "ALARM"), _change(40, "ALARM", "INSUFFICIENT_DATA"),
          _change(30, "INSUFFICIENT_DATA", "ALARM"), _change(25, "ALARM", "OK")), 2, 15),
        ((_change(30, "OK", "INSUFFICIENT_DATA"),), 0, 0),
    ],
)  # fmt: skip
def test_a_night_adds_up_how_often_and_how_long_an_alarm_rang(
    items: tuple[HistoryItem, ...], times: int, minutes: float
) -> None:
    (found,) = courses(tuple(reversed(items)), SINCE, NOW)
    assert (found.times, found.seconds) == (times, minutes * 60)


def test_the_longest_alarm_of_the_night_stands_first_and_those_of_other_stacks_are_counted_only() -> None:
    items = (
        _change(5, "OK", "ALARM", "short"),
        _change(50, "OK", "ALARM", "long"),
        _change(3, "OK", "ALARM", "foreign"),
    )
    rows = texts(night_rows(_reading(*items), {"short", "long"}, 100, NOW))
    assert "long" in rows[0]
    assert "short" in rows[1]
    assert "1 change of 1 alarm of other stacks" in rows[2]
    assert not any("foreign" in one for one in rows)


def test_a_quiet_night_says_so() -> None:
    assert "No alarm of this stack has changed" in texts(night_rows(_reading(), {"a"}, 80, NOW))[0]


def test_an_action_that_failed_is_counted_and_said() -> None:
    failed = HistoryItem(NOW, safe("a"), "us-west-2", HistoryKind.ACTION, safe("Failed to execute action"), failed=True)
    rows = texts(night_rows(_reading(failed, _change(5, "OK", "ALARM")), {"a"}, 100, NOW))
    assert "1 actions failed" in rows[0]
    assert any("Failed to execute action" in one for one in rows)


def test_a_history_says_when_it_waits_when_it_failed_and_when_it_is_not_whole() -> None:
    assert "asking" in texts(history_rows(Reading(), 80, NOW, name=False))[0]
    denied = Reading[History]().failed(problem(ProblemKind.DENIED, "this identity may not"), NOW)
    assert "could not be read: this identity may not." in texts(history_rows(denied, 80, NOW, name=False))[0]
    assert (
        "more, older" in texts(history_rows(_reading(_change(1, "OK", "ALARM"), whole=False), 80, NOW, name=False))[-1]
    )
    assert history_rows(None, 80, NOW, name=False) == []


def test_dates_stand_with_every_row_as_soon_as_one_is_of_another_day() -> None:
    rows = texts(history_rows(_reading(_change(1, "OK", "ALARM"), _change(600, "ALARM", "OK")), 80, NOW, name=False))
    assert rows[1].startswith(" 11-23 03:11:00")
    assert rows[2].startswith(" 11-22 17:12:00")


@pytest.mark.runbook("R030")
def test_an_alarm_shows_whom_it_tells_by_arn_and_says_why_it_notifies_nobody() -> None:
    (told,) = alarm_rows([an_alarm("a")], {}, None, NOW)
    assert "arn:aws:sns:us-west-2:123456789012:alerts" in "\n".join(texts(view_rows(told, NOW, 100)))
    (off,) = alarm_rows([an_alarm("a", actions_enabled=False)], {}, None, NOW)
    (none,) = alarm_rows([an_alarm("a", actions=())], {}, None, NOW)
    assert "nobody: its actions are switched off" in "\n".join(texts(view_rows(off, NOW, 100)))
    assert "nobody: it has no action on ALARM" in "\n".join(texts(view_rows(none, NOW, 100)))


def test_arns_are_said_by_their_names() -> None:
    said = "arn:aws:cloudwatch:us-west-2:123456789012:alarm:x-y told arn:aws:sns:us-west-2:123456789012:alerts"
    assert without_arns(said) == "x-y told sns:alerts"


@given(st.text(min_size=1, max_size=200), st.text(max_size=400), st.integers(58, 220))
def test_no_row_is_ever_wider_than_it_may_be(name: str, reason: str, width: int) -> None:
    alarm = an_alarm(name, "ALARM", reason=safe(reason))
    detail = a_detail(alarm.name, ERRORS, description=safe(reason), condition=safe(reason))
    (row,) = alarm_rows([alarm], {detail.key: detail}, None, NOW)
    table = AlarmTable()
    table._now, table._names = NOW, 40
    assert cells(table.line(row, width - 2)) <= width - 2
    assert all(cells(one) <= width for one in view_rows(row, NOW, width))
    item = HistoryItem(
        NOW, alarm.name, "us-west-2", HistoryKind.STATE, safe(reason), safe(reason), safe(name), safe(reason)
    )
    assert all(cells(one) <= width for one in night_rows(_reading(item), {alarm.name}, width, NOW))
