"""Screen 7's rows: what matters first, who is told, what is stale, what the runbook's alerts say beside it."""

from __future__ import annotations

from typing import Any

import pytest

from services.model.alerts import AlertClass, AlertClock, AlertReading, AlertState, Measure
from services.model.assessment import State
from services.safe_text import safe
from tests.unit.alarm_support import ERRORS, NOW, THROTTLES, a_detail, an_alarm, metrics_of
from tui.alarm_beside import beside
from tui.alarm_rows import alarm_rows, matching, summary


def test_what_rings_stands_first_and_what_is_well_and_tells_somebody_last() -> None:
    alarms = [
        an_alarm("good"),
        an_alarm("mute", actions_enabled=False),
        an_alarm("blind", "INSUFFICIENT_DATA"),
        an_alarm("old fire", "ALARM", minutes=60),
        an_alarm("new fire", "ALARM", minutes=2),
    ]
    names = [row.alarm.name for row in alarm_rows(alarms, {}, None, NOW)]
    assert names == ["new fire", "old fire", "blind", "mute", "good"]


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({}, "tells alerts"),
        ({"actions_enabled": False}, "notifies nobody: off"),
        ({"actions": ()}, "notifies nobody"),
    ],
)
def test_a_row_says_whom_the_alarm_tells(fields: dict[str, Any], remark: str) -> None:
    (row,) = alarm_rows([an_alarm("a", **fields)], {}, None, NOW)
    assert [one.text for one in row.remarks] == [remark]


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({"muted_by": (safe("weekend"),)}, "muted by weekend"),
        ({"suppressed": safe("Alarm: parent")}, "actions suppressed"),
        ({"evaluation": safe("EVALUATION_ERROR")}, "evaluation error"),
    ],
)
def test_a_green_alarm_that_is_broken_or_muted_says_so_and_stands_before_the_sound_ones(
    fields: dict[str, object], remark: str
) -> None:
    detail = a_detail("zzz", ERRORS, **fields)
    rows = alarm_rows([an_alarm("aaa"), an_alarm("zzz")], {detail.key: detail}, None, NOW)
    assert rows[0].alarm.name == "zzz"
    assert remark in [one.text for one in rows[0].remarks]


@pytest.mark.parametrize(
    ("values", "stale"),
    [
        ({}, True),
        ({30: 4.0}, True),  # long over
        ({5: 4.0}, False),
        ({1: 4.0}, True),  # not settled: says nothing yet
        ({3: 1.0}, False),
    ],
)
def test_a_dynamodb_alarm_whose_throttles_are_over_is_stale(values: dict[int, float], stale: bool) -> None:
    detail = a_detail("t", THROTTLES)
    (row,) = alarm_rows([an_alarm("t", "ALARM")], {detail.key: detail}, metrics_of(THROTTLES, values), NOW)
    assert (row.state is State.STALE) == stale
    assert bool(row.stale) == stale


def test_only_a_plain_alarm_on_a_metric_that_was_asked_for_is_ever_called_stale() -> None:
    plain, known = a_detail("t", THROTTLES), metrics_of(THROTTLES, {})
    filled = a_detail("t", THROTTLES, plain=False)
    alarm = an_alarm("t", "ALARM")
    for detail, metrics in ((filled, known), (plain, None), (plain, metrics_of(ERRORS, {}))):
        (row,) = alarm_rows([alarm], {detail.key: detail}, metrics, NOW)
        assert row.state is State.CRIT
    (unknown,) = alarm_rows([alarm], {}, known, NOW)
    assert unknown.state is State.CRIT


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", {"api-5xx", "api-latency", "lambda"}),
        ("api", {"api-5xx", "api-latency"}),
        ("API !latency", {"api-5xx"}),
        ("alarm", {"lambda"}),
        ("!api", {"lambda"}),
        ("nothing-of-the-kind", set()),
    ],
)
def test_the_filter_wants_every_word_and_leaves_out_what_begins_with_an_exclamation_mark(
    wanted: str, names: set[str]
) -> None:
    rows = alarm_rows([an_alarm("api-5xx"), an_alarm("api-latency"), an_alarm("lambda", "ALARM")], {}, None, NOW)
    assert {row.alarm.name for row in matching(rows, wanted)} == names


def test_the_summary_counts_states_and_those_that_notify_nobody() -> None:
    rows = alarm_rows([an_alarm("a", "ALARM"), an_alarm("b"), an_alarm("c", actions=())], {}, None, NOW)
    assert summary(rows) == "1 in alarm, 2 OK; 1 notifies nobody"


# ---- beside the runbook's alerts


def _alert(key: str, state: AlertState) -> AlertReading:
    clock = AlertClock(Measure.EVENTS, 5, 3)
    return AlertReading(
        key, key, state, AlertClass.CRITICAL, clock, safe("5 errors"), "", "line 131", signals=("errors",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("alarm_state", "states", "differs"),
    [
        ("ALARM", [AlertState.FIRING], False),
        ("ALARM", [AlertState.QUIET], True),
        ("ALARM", [AlertState.QUIET, AlertState.FIRING], False),
        ("ALARM", [AlertState.COUNTING], False),
        ("ALARM", [AlertState.UNOBSERVABLE], False),
        ("OK", [AlertState.FIRING], True),
        ("OK", [AlertState.QUIET], False),
        ("OK", [AlertState.QUIET, AlertState.FIRING], False),
        ("INSUFFICIENT_DATA", [AlertState.FIRING], False),
    ],
)
def test_alarm_and_alert_differ_when_one_rings_and_no_alert_on_the_metric_says_what_the_alarm_says(
    alarm_state: str, states: list[AlertState], differs: bool
) -> None:
    detail = a_detail("a", ERRORS)
    rows = alarm_rows([an_alarm("a", alarm_state)], {detail.key: detail}, None, NOW)
    alerts = [_alert(f"alert {place}", state) for place, state in enumerate(states)]
    told, alert_rows = beside(rows, alerts, {"errors": ERRORS})
    assert told[0].disagrees == differs
    assert ("differs from the runbook" in [one.text for one in told[0].remarks]) == differs
    assert any(row.differs for row in alert_rows) == differs
    assert all(row.alarms == ("a",) for row in alert_rows)


def test_an_alarm_on_other_metrics_stands_beside_nothing() -> None:
    detail = a_detail("a", THROTTLES)
    rows = alarm_rows([an_alarm("a", "ALARM")], {detail.key: detail}, None, NOW)
    told, alert_rows = beside(rows, [_alert("x", AlertState.QUIET)], {"errors": ERRORS})
    assert told[0].beside == ""
    assert alert_rows[0].alarms == ()
