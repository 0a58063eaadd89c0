"""What waits under the header: whole rows at any width, the count, the deadline and the key always in them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerting.life import Life
from services.model.alerts import Alert, AlertClass
from services.safe_text import safe
from services.settings.values import Alerting
from tests.unit.alerts_support import START, alert, minute
from tests.unit.widget_support import texts
from tui.alert_facts import calls, waiting
from widgets.alert_bar import AlertFacts, CallFacts, WaitingFacts, alert_rows, small_rows
from widgets.spans import cells

LADDER = Alerting().ladder
TITLES = ("API Server Errors", "Lambda Function Errors", "DynamoDB Throttling", "Error rate")


def facts(title: str, count: int = 2, late: int | None = None, offer: str = "") -> AlertFacts:
    call = CallFacts(minute(15), safe("Engineering Manager"), safe(title), 15, 1, safe("@eng.manager"))
    return AlertFacts(WaitingFacts(count, safe(title), minute(5), late, offer), call, START)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(("late", "offer"), [(None, ""), (0, ""), (999, "R rolls back")])
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_count_name_deadline_and_key_are_never_left_out(title: str, late: int | None, offer: str, width: int) -> None:
    first, second = texts(alert_rows(facts(title, 12, late, offer), width))
    for words in (" ✖ 12 ", title, "03:05", " a ", " ! "):
        assert words in first
    assert ("OVERDUE" in first) == (late is not None)
    assert "▲ ESCALATE" in second
    assert "03:15 Engineering Manager is to be called" in second


@given(st.text(max_size=80), st.integers(1, 500), st.integers(1, 220))
def test_no_row_is_wider_than_it_may_be(title: str, count: int, width: int) -> None:
    for one in alert_rows(facts(title, count, 3, "R rolls back"), width):
        assert cells(one) <= width


def test_how_they_are_reached_stands_beside_the_name_where_there_is_room() -> None:
    told = facts("API Server Errors")
    assert "Engineering Manager is to be called: @eng.manager  API" in texts(alert_rows(told, 120))[1]
    assert "is to be called: @eng.manager" in texts(alert_rows(told, 80))[1]
    assert "@" not in texts(alert_rows(told, 60))[1]


def test_nothing_that_waits_takes_no_room() -> None:
    assert alert_rows(None, 80) == []
    assert small_rows(None) == []


def test_the_worst_is_what_has_to_be_answered_soonest_then_what_has_no_time() -> None:
    alerts = (
        alert(id="trigger", key="t", severity=AlertClass.TRIGGER, respond_s=None, raised=minute(-9)),
        alert(id="ten", key="a", respond_s=600),
        alert(id="two", key="b", respond_s=120, raised=minute(3)),
        alert(id="warning", key="c", severity=AlertClass.WARNING),
    )
    assert [one.id for one in waiting(Life(alerts))] == ["two", "ten", "trigger"]


@pytest.mark.runbook("R086")
def test_the_highest_rung_is_called_first_and_warnings_call_nobody() -> None:
    alerts: tuple[Alert, ...] = (
        alert(id="young", key="a", raised=minute(10)),
        alert(id="old", key="b"),
        alert(id="older", key="c", raised=minute(-20)),
        alert(id="warning", key="d", severity=AlertClass.WARNING),
    )
    found = calls(Life(alerts), LADDER, START + timedelta(minutes=16))
    assert [(one.id, turn.who) for one, turn in found] == [("older", "Engineering Manager"), ("old", "DevOps Lead")]


@pytest.mark.parametrize(("late", "told"), [(0, "OVERDUE now"), (59, "by 59 min"), (223, "by 3 h 43 min")])
def test_how_late_it_is_is_told_in_hours_from_one_hour_on(late: int, told: str) -> None:
    assert told in texts(alert_rows(facts("Lambda Function Errors", late=late), 200))[0]
