"""A row of the list of environments: its state, its words, its place, and how it fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.model.alerts import AlertClass, AlertClock, AlertReading, AlertState, Measure
from services.model.assessment import Assessment, Judgement, State, Unit, Verdict
from services.model.changes import Change, ChangeKind
from services.model.fleet import FleetRow, worst_first
from services.model.reading import Reading
from services.model.series import Metrics
from services.model.situation import Situation
from services.model.spending import Spending
from services.problems import ProblemKind, problem
from services.safe_text import SafeText, safe
from services.settings.loading import find, load
from tui.fleet_rows import fleet_row, fleet_verdict
from widgets.fleet_view import NAME_CELLS, NARROW_CELLS, WIDE, detail_rows, facts_row, sentence_row
from widgets.spans import cells, text_of

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
PROD = find(load(), "prod")


def _judged(state: State, *, beside: State = State.OK, alerts: tuple[AlertReading, ...] = ()) -> Assessment:
    judgement = Judgement("api.errors", "API errors", beside, 1.0, Unit.PERCENT, safe(""), safe(""))
    since = NOW - timedelta(minutes=12)
    changes = tuple(
        Change(NOW - timedelta(minutes=minutes), ChangeKind.ALIAS, safe(f"v{minutes}"), safe(f"v{minutes} went live"))
        for minutes in (40, 13, -5)
    )
    return Assessment(
        NOW, Verdict(state, safe("API errors 34 %"), since), {"api.errors": judgement}, (), changes, alerts
    )


def _alert(key: str, severity: AlertClass, state: AlertState = AlertState.FIRING) -> AlertReading:
    clock = AlertClock(Measure.TIME, 60, 60)
    return AlertReading(key, key.title(), state, severity, clock, safe(""), "", "")


def _situation() -> Situation:
    metrics = Reading(Metrics({}), NOW - timedelta(seconds=35), NOW)
    return Situation("production", NOW, metrics=metrics, spending=Spending(per_hour=0.02))


def test_a_row_tells_the_verdict_the_last_change_the_age_and_the_cost() -> None:
    row = fleet_row(PROD, _situation(), _judged(State.CRIT), NOW)
    assert (row.state, row.sentence, row.since) == (State.CRIT, "API errors 34 %", NOW - timedelta(minutes=12))
    assert row.changed is not None
    assert row.changed.label == "v13", "the newest that has happened, not what is to come"
    assert (row.age, row.per_hour) == (35, 0.02)


def test_how_bad_it_is_beside_an_operation_of_ours_is_not_lost() -> None:
    assert fleet_row(PROD, _situation(), _judged(State.OK, beside=State.CRIT), NOW).state is State.CRIT
    assert fleet_row(PROD, _situation(), _judged(State.OK, beside=State.NO_TRAFFIC), NOW).state is State.OK


def test_alerts_wait_until_they_are_acknowledged_and_warnings_ring_for_nobody() -> None:
    alerts = (
        _alert("alert.one", AlertClass.CRITICAL),
        _alert("trigger.two", AlertClass.TRIGGER),
        _alert("alert.three", AlertClass.WARNING),
        _alert("alert.four", AlertClass.CRITICAL, AlertState.COUNTING),
    )
    assessment = _judged(State.CRIT, alerts=alerts)
    assert fleet_row(PROD, _situation(), assessment, NOW).alerts == ("Alert.One", "Trigger.Two")
    taken = fleet_row(PROD, _situation(), assessment, NOW, acknowledged=frozenset({"alert.one"}))
    assert taken.alerts == ("Trigger.Two",)


def test_what_could_not_be_opened_says_why_and_what_was_not_asked_yet_is_waiting() -> None:
    dead = problem(ProblemKind.UNREACHABLE, "nothing answers", remedy="Start it.")
    row = fleet_row(PROD, None, None, NOW, problem=dead)
    assert row.state is State.STALE
    assert row.sentence == "Cannot see anything: nothing answers. Start it. It is tried again by itself."
    assert (row.age, row.per_hour, row.now) == (None, None, None)
    assert fleet_row(PROD, None, None, NOW).state is State.WAITING


def _row(name: str, state: State, production: bool = False) -> FleetRow:
    return FleetRow(name, f"Stack-{name}", "us-west-2", state=state, production=production, now=NOW)


def test_the_worst_comes_first_then_production_then_the_order_of_the_settings() -> None:
    rows = (
        _row("a", State.OK),
        _row("b", State.CRIT),
        _row("c", State.OK, production=True),
        _row("d", State.STALE),
        _row("e", State.CRIT, production=True),
        _row("f", State.OK),
        _row("g", State.WARN),
    )
    assert "".join(row.name for row in worst_first(rows)) == "ebgdcaf"


def test_one_sentence_counts_the_states_and_names_the_bad() -> None:
    calling = msgspec.structs.replace(_row("c", State.OK), alerts=("Latency",))
    rows = (_row("prod", State.CRIT), _row("a", State.OK), _row("b", State.OK), calling)
    told = fleet_verdict(rows)
    assert told.state is State.CRIT
    assert told.sentence == "4 environments: 1 CRIT (prod); 3 OK; 1 alert nobody has acknowledged"


FULL = FleetRow(
    "production-of-the-far-east-and-beyond", "Stack", "ap-southeast-2", production=True, here=True, read_only=True,
    account=SafeText("123456789012"), who=SafeText("ann"), state=State.NOT_ENABLED, sentence=safe("word " * 60),
    since=NOW - timedelta(hours=50), changed=Change(NOW, ChangeKind.STACK, safe("stack"), safe("stack update")),
    alerts=("One", "Two"), operation=SafeText("rollback verifying 2/5"), now=NOW, age=7100.0, per_hour=12.5,
)  # fmt: skip


def test_the_last_change_has_its_day_when_it_was_not_today() -> None:
    row = msgspec.structs.replace(_row("a", State.CRIT), now=NOW, sentence=safe("API errors"))
    for hours, said in (
        (1, f"{NOW - timedelta(hours=1):%H:%M}, 60 min ago"),
        (71, f"{NOW - timedelta(hours=71):%m-%d %H:%M}, 2 d ago"),
    ):
        changed = Change(NOW - timedelta(hours=hours), ChangeKind.STACK, safe("stack"), safe("stack update finished"))
        shown = msgspec.structs.replace(row, changed=changed)
        assert f"stack update finished {said}" in text_of(sentence_row(shown, 120))
        assert f"stack update finished {said}" in " ".join(" ".join(map(text_of, detail_rows(shown, 120))).split())


@pytest.mark.parametrize("width", [56, 76, 116, 196])
@pytest.mark.parametrize("row", [FULL, _row("dev", State.OK), FleetRow("x", "y", "us-west-2")])
def test_rows_fit_every_width(row: FleetRow, width: int) -> None:
    assert cells(facts_row(row, width, NAME_CELLS)) == width
    assert cells(sentence_row(row, width)) <= width
    assert row.state.value in text_of(facts_row(row, width, NAME_CELLS))


@pytest.mark.parametrize("width", [76, 116, 196])
def test_state_since_alerts_age_and_cost_are_never_cut_and_the_detail_cuts_nothing(width: int) -> None:
    text = text_of(facts_row(FULL, width, NAME_CELLS if width >= WIDE else NARROW_CELLS))
    for words in ("NOT ENABLED", "here", "2 open", "118 min", "$12.50/h"):
        assert words in text
    detail = " ".join(" ".join(map(text_of, detail_rows(FULL, width))).split())
    for words in (
        FULL.name.upper(),
        "1234-5678-9012",
        "read-only",
        "One, Two",
        "rollback verifying 2/5",
        "stack update",
    ):
        assert words in detail
    assert detail.count("word") == 60
