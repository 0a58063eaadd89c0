"""How log messages are said in few words, and that nothing unsafe comes out of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.logs import Gap, Level, TailStatus
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.safe_text import safe
from tests.unit.tailing_support import BASE, START
from widgets import log_claim
from widgets.log_ring import Row
from widgets.log_row import log_row
from widgets.log_wording import summary
from widgets.spans import cells, text_of

ID = "7f3a9c1e-52d4-4b8a-9d3e-1f2a3b4c5d6e"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"START RequestId: {ID} Version: 42", "start v42"),
        (f"END RequestId: {ID}", "end"),
        (
            f"REPORT RequestId: {ID}\tDuration: 1912.34 ms\tBilled Duration: 1913 ms\tMemory Size: 512 MB\t"
            "Max Memory Used: 118 MB\tInit Duration: 310.20 ms",
            "1 912 ms  118/512 MB  cold start 310 ms",
        ),
        (
            f"[ERROR]\t2026-11-23T03:11:40.123Z\t{ID}\tKeyError: 'region'\nTraceback:\n  File x\nKeyError\n",
            "KeyError: 'region'  +3 lines",
        ),
        (f"2026-11-23T03:11:40.123Z\t{ID}\tERROR\tcharge failed", "charge failed"),
        (f"({ID}) Method completed with status: 502", "Method completed with status: 502"),
        (json.dumps({"level": "ERROR", "message": "charge failed: KeyError"}), "charge failed: KeyError"),
        (
            json.dumps({"httpMethod": "POST", "resourcePath": "/instances", "status": 502, "responseLatency": 81}),
            "502 POST /instances  81 ms",
        ),
        ('{"httpMethod": "GET", "path": "/", "status": "200", "responseLatency": "1865"}', "200 GET /  1 865 ms"),
        ('{"httpMethod": "GET", "path": "/", "status": "200", "responseLatency": 1865.4}', "200 GET /  1 865 ms"),
        ('{"httpMethod": "GET", "path": "/", "status": "200", "responseLatency": "slow"}', "200 GET /  slow ms"),
        (json.dumps({"eventSource": "lambda.amazonaws.com", "eventName": "UpdateAlias"}), "lambda:UpdateAlias"),
        (json.dumps({"other": 1}), '{"other": 1}'),
        ('{"broken', '{"broken'),
        ("plain [/red] text", "plain [/red] text"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_message_is_said_in_few_words(message: str, expected: str) -> None:
    assert summary(safe(message)) == expected


HOSTILE = st.text(st.characters(), max_size=80) | st.sampled_from(
    ["\x1b]0;owned\x07", "\x1b[2J", "\x9b2J", "a\rOK", "\x00\x7f", "‮dorp", "[/red]", "e" + "\u0301" * 50, "\ud800"]
)


@given(HOSTILE, st.sampled_from(list(Level)), st.integers(1, 200), st.booleans())
def test_no_row_holds_a_control_character_or_is_too_wide(text: str, level: Level, width: int, as_json: bool) -> None:
    message = json.dumps({"message": text}) if as_json else text
    row = log_row(Row(BASE, "app", level, safe(message), safe(text), True), width, 6)
    shown = text_of(row)
    assert not any(ord(one) < 0x20 or 0x7F <= ord(one) <= 0x9F for one in shown)
    assert "‮" not in shown
    assert cells(row) <= max(width, 24)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "Logs · 3 groups · complete to 03:00:00, 0 gaps"),
        (40, "Logs · 3 groups · to 03:00:00, 0 gaps"),
        (30, "Logs · to 03:00:00, 0 gaps"),
        (18, "Logs · to 03:00:00"),
        (5, "Logs"),
    ],
)
def test_the_title_promises_in_the_room_there_is(width: int, expected: str) -> None:
    status = TailStatus(groups=("api", "lambda", "app"), complete_to=BASE)
    assert log_claim.title(Reading(value=status, tried=START), width) == expected


def test_gaps_and_groups_that_cannot_be_read_are_in_the_title() -> None:
    status = TailStatus(("api", "app"), BASE, (Gap(BASE - 9, BASE, "throttled"),), denied=("/secret",))
    text = log_claim.title(Reading(value=status, tried=START), 120)
    assert text == "Logs · 2 groups · ▲ 1 denied · complete to 03:00:00, ▲ 1 gap"


def test_a_gap_that_stays_throttling_and_a_class_that_cannot_be_read_are_in_the_title() -> None:
    gaps = (Gap(BASE - 9, BASE, "throttled"), Gap(BASE - 99, BASE - 90, "older than the retention", lasting=True))
    status = TailStatus(("api",), BASE, gaps, unreadable=("/archive",), spacing_s=4.0)
    reading = Reading(value=status, tried=START)
    assert log_claim.title(reading, 160) == (
        "Logs · 1 group · ▲ 1 for Insights only · complete to 03:00:00, ▲ 2 gaps, 1 for good"
        " · AWS throttles: a call every 4 s"
    )
    assert log_claim.title(reading, 100).endswith("▲ 2 gaps, 1 for good · slowed")


def test_an_empty_pane_says_why() -> None:
    assert "asking" in log_claim.empty(Reading())
    denied: Reading[TailStatus] = Reading().failed(problem(ProblemKind.DENIED, "logs:FilterLogEvents denied"), START)
    assert log_claim.empty(denied) == "logs:FilterLogEvents denied"
    assert "no log group" in log_claim.empty(Reading(value=TailStatus(), tried=START))
