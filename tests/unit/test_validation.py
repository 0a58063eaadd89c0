"""The five checks after a rollback: only what was seen since counts, and a person's word is one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.actions.completion import completion
from services.model.entry import Actor, Entry, Operation, Outcome, Phase
from services.model.reading import Reading
from services.model.situation import Situation
from services.model.validation import Check, Finding
from services.model.witness import Probe, Probes
from services.rules.validation import SIGN_IN, VALIDATED, validation
from services.safe_text import SafeText, safe
from tests.unit.journal_support import a_plan
from tests.unit.rules_support import API, NOW, at, epoch, metrics, series, steady
from widgets.charset import UNICODE
from widgets.spans import text_of
from widgets.validation_rows import validation_rows

SWITCHED = at(20)
URL = "https://ec2manager.com"


def operation(*remarks: tuple[str, str, bool]) -> Operation:
    told = tuple(
        Entry("op", number, NOW, Phase.REMARK, safe(text), data={"about": about, "good": good}, actor=Actor("ann", "b"))
        for number, (about, text, good) in enumerate(remarks)
    )
    plan = a_plan(SWITCHED)
    order = Entry("op", 0, SWITCHED, Phase.ORDERED, safe("ordered"), plan=plan, reason=SafeText("bad deploy"))
    reply = Entry("op", 1, SWITCHED, Phase.REPLY, safe("accepted"), step=0)
    return Operation(
        "op", plan, (order, reply), SWITCHED - timedelta(seconds=5), Phase.DONE, safe("RECOVERED: well"),
        switched=SWITCHED, outcome=Outcome.RECOVERED, ended=NOW, remarks=told,
    )  # fmt: skip


def probe(minutes_ago: float, status: int, took_ms: float = 210.0) -> Probe:
    return Probe(at(minutes_ago), 200 <= status < 400, safe(f"HTTP {status}" if status else "refused"), status, took_ms)


def seen(*probes: Probe, errors: dict[int, float] | None = None) -> Situation:
    found = series("api.5xx", API, {"Sum": errors if errors is not None else steady(0.0)})
    return Situation("production", NOW, probes=Reading(Probes(probes), NOW), metrics=Reading(metrics(found), NOW))


def checks(situation: Situation, *remarks: tuple[str, str, bool], **more: Any) -> dict[str, Check]:
    unwell = more.get("unwell", ())
    return {one.title: one for one in validation(operation(*remarks), situation, NOW, unwell, URL).checks}


@pytest.mark.runbook("R232")
def test_the_five_checks_stand_in_order_and_four_run_by_themselves() -> None:
    found = checks(seen(probe(30, 200, 1_900.0), probe(2, 200)))
    assert [*found] == ["System", "API", "Sign-in", "Speed", "Errors"]
    assert {title for title, one in found.items() if one.finding is Finding.OK} == {"System", "API", "Speed", "Errors"}
    assert "1.90 s" in found["Speed"].text, "beside what it was before"
    assert "0.21 s" in found["Speed"].text


@pytest.mark.runbook("R233")
def test_a_component_that_cannot_work_fails_the_list_and_is_named() -> None:
    found = checks(seen(), unwell=("table WARN: ec2-manager-audit is CREATING",))
    assert found["System"].finding is Finding.FAIL
    assert "ec2-manager-audit" in found["System"].text
    assert checks(seen(), unwell=None)["System"].finding is Finding.WAITS


@pytest.mark.runbook("R234")
@pytest.mark.parametrize(
    ("probes", "finding", "said"),
    [
        ([probe(1, 200)], Finding.OK, "HTTP 200"),
        ([probe(1, 503)], Finding.FAIL, "HTTP 503"),
        ([probe(1, 404)], Finding.FAIL, "HTTP 404"),
        ([probe(1, 0)], Finding.FAIL, "refused"),
        ([probe(3, 503), probe(1, 200)], Finding.OK, "HTTP 200"),
        ([probe(21, 200)], Finding.WAITS, "not been asked since"),
        ([], Finding.WAITS, "not been asked since"),
    ],
)
def test_the_api_answers_or_says_with_what(probes: list[Probe], finding: Finding, said: str) -> None:
    found = checks(seen(*probes))["API"]
    assert (found.finding, said in found.text) == (finding, True)


@pytest.mark.runbook("R235")
def test_signing_in_waits_for_a_person_at_the_address_and_is_never_ticked_by_itself() -> None:
    waiting = checks(seen(probe(1, 200)))["Sign-in"]
    assert waiting.finding is Finding.WAITS
    assert URL in waiting.text
    good = checks(seen(), (SIGN_IN, "no page", False), (SIGN_IN, "works", True))["Sign-in"]
    assert (good.finding, "ann" in good.text) == (Finding.OK, True)
    bad = checks(seen(), (SIGN_IN, "blank page", False))["Sign-in"]
    assert (bad.finding, "blank page" in bad.text) == (Finding.FAIL, True)


@pytest.mark.parametrize(("took", "finding"), [(2_000.0, Finding.OK), (2_000.1, Finding.FAIL)])
def test_more_than_two_seconds_is_too_slow(took: float, finding: Finding) -> None:
    assert checks(seen(probe(1, 200, took)))["Speed"].finding is finding


@pytest.mark.runbook("R237")
@pytest.mark.parametrize(
    ("errors", "minutes_ago", "finding"),
    [
        ({20.0: 2.0}, 20, Finding.OK),
        ({20.0: 3.0}, 20, Finding.FAIL),
        ({19.0: 1.0, 11.0: 2.0}, 20, Finding.FAIL),
        ({21.0: 90.0, 10.0: 90.0}, 20, Finding.OK),
        ({8.0: 2.0}, 11, Finding.WAITS),
        ({8.0: 3.0}, 11, Finding.FAIL),
        ({}, 12, Finding.OK),
        ({}, 1, Finding.WAITS),
    ],
)
def test_server_errors_are_summed_over_ten_settled_minutes_since_the_switch(
    errors: dict[float, float], minutes_ago: float, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.test_validation.SWITCHED", at(minutes_ago))
    found = checks(seen(errors={epoch(minute): value for minute, value in errors.items()}))["Errors"]
    assert found.finding is finding, found.text


@pytest.mark.parametrize(("since", "until"), [(180.0, 16.0), (10.0, 0.0)])
def test_minutes_that_nobody_asked_for_are_no_minutes_without_errors(since: float, until: float) -> None:
    found = series("api.5xx", API, {"Sum": {}}, asked=(since, until))
    blind = Situation("production", NOW, metrics=Reading(metrics(found), NOW))
    assert checks(blind)["Errors"].finding is Finding.WAITS


def test_who_signs_in_in_vain_afterwards_takes_the_validation_back() -> None:
    remarks = [(SIGN_IN, "works", True), (VALIDATED, "all five checks are well", True), (SIGN_IN, "blank page", False)]
    told = [validation(operation(*remarks[:count]), seen(), NOW, (), URL).validated for count in (2, 3)]
    assert [bool(one) for one in told] == [True, False]


@pytest.mark.runbook("R308")
def test_the_message_says_what_went_back_when_and_how_the_checks_came_out() -> None:
    done = operation((SIGN_IN, "works", True), (VALIDATED, "all five checks are well", True))
    found = validation(done, seen(probe(1, 200)), NOW, (), URL)
    text = completion(done, found, "EC2 Manager production", NOW)
    assert text.startswith(
        "📊 ROLLBACK UPDATE - EC2 Manager production\nTime: 03:12 UTC (+20 minutes)\nStatus: RECOVERED"
    )
    assert "Reason: bad deploy" in text
    assert "v42 → v41 (02:52:00 UTC)" in text
    for one in found.checks:
        assert f"- {one.title}: OK" in text
    assert "all five checks are well (03:12, ann)" in text


def test_the_rows_name_each_check_with_its_word_and_fit() -> None:
    found = validation(operation(), seen(probe(1, 503)), NOW, ("table CRIT: gone",), URL)
    for width in (60, 76, 120):
        shown = [text_of(row) for row in validation_rows(found, width, UNICODE)]
        assert all(len(line) <= width for line in shown)
        whole = "\n".join(shown)
        for word in ("System", "FAIL", "WAITS", "OK", "not yet: System, API, Sign-in", "m copies"):
            assert word in whole
