"""An alert's life: raised once per breach, acknowledged by somebody, climbing a ladder, cleared when it stays quiet."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerting.escalation import escalation
from services.alerting.following import acknowledge, escalated, follow, news
from services.alerting.life import AlertRecord, Happening, Life, applied, fold
from services.alerting.outputs import Way, outputs
from services.alerting.terminal import multiplexer_of, passed_through
from services.model.alerts import Alert, AlertClass, AlertClock, Measure
from services.safe_text import safe
from services.settings.values import Alerting
from tests.unit.alerts_support import START, alert, minute, reading

LADDER = Alerting().ladder


def lived(letters: str) -> tuple[Life, list[AlertRecord]]:
    """The life after one reading a minute."""
    life = Life()
    happened: list[AlertRecord] = []
    for number, letter in enumerate(letters):
        life, records = follow(life, (reading(letter),), minute(number))
        life = fold(records, life)
        happened += records
    return life, happened


def told(letters: str) -> list[tuple[str, float]]:
    """What happened, and in which minute."""
    return [(record.happening.value, (record.at - START).total_seconds() / 60) for record in lived(letters)[1]]


@pytest.mark.runbook("R061")
def test_an_alert_is_raised_at_its_first_firing_and_cleared_after_one_quiet_window() -> None:
    assert told("QCF" + "F" * 3 + "Q" * 7) == [("raised", 2), ("cleared", 11)]


@pytest.mark.parametrize("flap", ["FQF", "FQQQQQF", "FQQQQCQQQQF", "FQQQUQQQF", "FUUUUUUUUUUF"])
def test_a_flap_within_one_window_is_the_same_alert(flap: str) -> None:
    assert [happening for happening, _ in told(flap)] == ["raised"]


def test_events_that_are_too_few_to_fire_let_an_alert_end() -> None:
    assert [happening for happening, _ in told("F" + "EQ" * 4)] == ["raised", "cleared"]


@given(st.text(alphabet="FCEUQ", max_size=60))
def test_an_alert_rings_once_per_breach(letters: str) -> None:
    """Breaches are apart when six quiet readings in a row, five minutes, lie between them."""
    breaches = [part for part in re.split(r"[QE]{6,}", letters) if "F" in part]
    life, happened = lived(letters)
    raised = [record for record in happened if record.happening is Happening.RAISED]
    assert len(raised) == len(breaches)
    assert len({record.alert for record in raised}) == len(raised)
    assert len(life.open) <= 1


@given(st.text(alphabet="FCEUQ", max_size=40), st.integers(1, 4))
def test_reading_oftener_rings_no_oftener(letters: str, times: int) -> None:
    life, raised = Life(), 0
    for number, letter in enumerate(letters):
        for again in range(times):
            life, records = follow(life, (reading(letter),), minute(number) + timedelta(seconds=again))
            life = fold(records, life)
            raised += sum(record.happening is Happening.RAISED for record in records)
    assert raised == sum(1 for part in re.split(r"[QE]{6,}", letters) if "F" in part)


def test_a_rule_that_is_gone_keeps_its_alert_open() -> None:
    life, _ = lived("F")
    life, records = follow(life, (), minute(60))
    assert (records, len(life.open)) == ((), 1)


def test_an_alert_of_a_clock_that_was_set_back_is_over() -> None:
    life = Life((alert(raised=minute(600)),))
    _, (record,) = follow(life, (reading("U"),), START)
    assert record.happening is Happening.CLEARED


@pytest.mark.runbook("R063")
@pytest.mark.parametrize(("seconds", "overdue"), [(300, False), (301, True)])
def test_a_response_is_overdue_after_its_time_and_not_at_it(seconds: int, overdue: bool) -> None:
    five = alert(respond_s=300)
    assert five.due == minute(5)
    assert five.overdue(START + timedelta(seconds=seconds)) is overdue
    assert not alert(respond_s=None).overdue(minute(999))


@pytest.mark.runbook("R080")
def test_acknowledging_stamps_who_and_when_and_ends_the_waiting_but_not_the_alert() -> None:
    life, _ = lived("FF")
    (waiting,) = life.waiting
    life = applied(life, acknowledge(waiting, "casey@bastion", minute(3)))
    (taken,) = life.open
    assert taken.acknowledged is not None
    assert (taken.acknowledged.by, taken.acknowledged.at) == ("casey@bastion", minute(3))
    assert (life.waiting, taken.due, taken.overdue(minute(99))) == ((), None, False)
    again = applied(life, acknowledge(taken, "robin", minute(4)))
    assert again is life


@pytest.mark.runbook("R072")
def test_what_rings_comes_before_what_does_not_and_a_warning_waits_for_nobody() -> None:
    readings = [
        reading("F", "alert.degradation", AlertClass.WARNING),
        reading("F", "threshold.edge_4xx", AlertClass.THRESHOLD),
        reading("F", "trigger.error_rate", AlertClass.TRIGGER),
        reading("F", "alert.throttling"),
    ]
    life, records = follow(Life(), readings, START)
    life = fold(records, life)
    assert [one.rings for one in life.open] == [True, True, False, False]
    assert {one.key for one in life.waiting} == {"trigger.error_rate", "alert.throttling"}


@pytest.mark.runbook("R085")
@pytest.mark.runbook("R086")
@pytest.mark.runbook("R087")
@pytest.mark.runbook("R088")
@pytest.mark.parametrize(
    ("seconds", "who", "prompt", "following"),
    [
        (0, "On-call engineer", False, "DevOps Lead"),
        (899, "On-call engineer", False, "DevOps Lead"),
        (900, "DevOps Lead", True, "Engineering Manager"),
        (1799, "DevOps Lead", True, "Engineering Manager"),
        (1800, "Engineering Manager", True, "CTO"),
        (3600, "CTO", True, ""),
        (99999, "CTO", True, ""),
    ],
)
def test_an_unresolved_alert_climbs_the_ladder_by_age(seconds: int, who: str, prompt: bool, following: str) -> None:
    found = escalation(alert(), LADDER, START + timedelta(seconds=seconds))
    assert found is not None
    assert (found.who, found.prompt, found.next_who) == (who, prompt, following)


def test_the_first_rung_tells_when_the_next_begins() -> None:
    found = escalation(alert(), LADDER, START + timedelta(seconds=899))
    assert found is not None
    assert found.next_at == minute(15)


@pytest.mark.runbook("R087")
def test_what_is_resolved_or_on_its_way_to_be_climbs_no_further() -> None:
    assert escalation(alert(cleared=minute(29)), LADDER, minute(31)) is None
    assert escalation(alert(quiet_since=minute(29)), LADDER, minute(31)) is None
    assert escalation(alert(severity=AlertClass.WARNING), LADDER, minute(31)) is None
    assert escalation(alert(), (), minute(31)) is None


@pytest.mark.runbook("R086")
def test_a_rung_that_was_called_prompts_no_more_but_the_next_one_does() -> None:
    life = applied(Life((alert(),)), escalated(alert(), 1, "casey", minute(16)))
    (called,) = life.open
    at_sixteen, at_thirty = escalation(called, LADDER, minute(16)), escalation(called, LADDER, minute(30))
    assert at_sixteen is not None
    assert at_thirty is not None
    assert (at_sixteen.prompt, at_thirty.prompt) == (False, True)


EVERYTHING = Alerting(bell=True, desktop=True, command=("page", "oncall"))


def test_nothing_makes_itself_heard_until_it_is_chosen() -> None:
    assert outputs([alert()], {"a1"}, "production", Alerting()) == ()


@pytest.mark.runbook("R061")
def test_a_critical_alert_rings_the_bell_tells_the_desktop_and_runs_the_command_once() -> None:
    found = outputs([alert(sentence=safe("2.4 s\x07 over 5 min"))], {"a1"}, "production", EVERYTHING)
    assert [one.way for one in found] == [Way.BELL, Way.DESKTOP, Way.COMMAND]
    assert found[0].text == "\a"
    assert found[1].text == "\x1b]9;production: High Latency: 2.4 s\u2407 over 5 min\x07"
    assert found[2].command == ("page", "oncall")
    assert msgspec.json.decode(found[2].payload)["title"] == "High Latency"


def test_the_command_is_run_by_the_screen_that_raised_the_alert_alone() -> None:
    assert [one.way for one in outputs([alert()], (), "production", EVERYTHING)] == [Way.BELL, Way.DESKTOP]


@pytest.mark.runbook("R072")
@pytest.mark.parametrize(
    "silent",
    [
        alert(severity=AlertClass.WARNING),
        alert(severity=AlertClass.THRESHOLD),
        alert(cleared=minute(1)),
        applied(Life((alert(),)), acknowledge(alert(), "casey", minute(1))).alerts[0],
    ],
)
def test_warnings_and_what_is_taken_care_of_ring_nothing(silent: Alert) -> None:
    assert outputs([silent], {"a1"}, "production", EVERYTHING) == ()


def test_news_are_told_once() -> None:
    before, after = Life(), Life((alert(),))
    assert [one.id for one in news(before, after)] == ["a1"]
    assert news(after, after) == ()


def test_an_alert_was_raised_when_its_clock_was_full_and_not_when_somebody_first_looked() -> None:
    fired = msgspec.structs.replace(reading("F"), clock=AlertClock(Measure.TIME, 1, 900, due=minute(-8)))
    _, (record,) = follow(Life(), (fired,), START)
    assert record.at == minute(-8)
    assert record.alert == "alert.high_latency@2026-03-14T02:52:00.000000Z"


def test_late_data_that_join_two_breaches_raise_the_second_anew() -> None:
    known = Life((alert(raised=minute(-30), cleared=minute(-5)),))
    joined = msgspec.structs.replace(reading("F"), clock=AlertClock(Measure.TIME, 1, 900, due=minute(-30)))
    _, (record,) = follow(known, (joined,), START)
    assert record.at == START


@pytest.mark.runbook("R086")
def test_a_rung_says_who_dealt_with_it_and_whether_anybody_was_called() -> None:
    life = applied(Life((alert(),)), escalated(alert(), 1, "casey", minute(16), dismissed=True))
    handled = life.alerts[0].on_rung(1)
    assert handled is not None
    assert (handled.by, handled.at, handled.dismissed) == ("casey", minute(16), True)
    assert applied(life, escalated(alert(), 1, "robin", minute(17))) is life


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "\x1b]9;x\x07"),
        ({"TMUX": "/tmp/tmux-0/default,1,0"}, "\x1bPtmux;\x1b\x1b]9;x\x07\x1b\\"),
        ({"STY": "1.pts"}, "\x1bP\x1b]9;x\x07\x1b\\"),
    ],
)
def test_a_notification_reaches_the_terminal_behind_a_multiplexer(variables: dict[str, str], expected: str) -> None:
    assert passed_through("\x1b]9;x\x07", multiplexer_of(variables)) == expected


def test_a_notification_is_one_short_line_whatever_the_alert_says() -> None:
    hostile = alert(sentence=safe("\x1b]0;owned\x07\x9c\n" + "x" * 4000))
    (_, told, _) = outputs([hostile], {"a1"}, "production", EVERYTHING)
    inner = told.text.removeprefix("\x1b]9;").removesuffix("\x07")
    assert inner.isprintable()
    assert len(inner) <= 220, "and how much was left out"


def test_the_command_learns_the_alerts_facts_from_its_environment() -> None:
    (*_, command) = outputs([alert(sentence=safe("2.4 s"))], {"a1"}, "production", EVERYTHING)
    assert command.variables == {
        "COCKPIT_ENVIRONMENT": "production",
        "COCKPIT_ALERT_ID": "a1",
        "COCKPIT_ALERT_KEY": "alert.high_latency",
        "COCKPIT_ALERT_TITLE": "High Latency",
        "COCKPIT_ALERT_SEVERITY": "critical",
        "COCKPIT_ALERT_SENTENCE": "2.4 s",
        "COCKPIT_ALERT_RAISED": "2026-03-14T03:00:00Z",
        "COCKPIT_ALERT_RESPOND_BY": "2026-03-14T03:10:00Z",
    }
