"""From FilterLogEvents' answer to lines: made safe once, and the same as `safe` would make it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aws.logs import Search, line
from services.model.logs import Level
from services.problems import AccountError, ProblemKind
from services.safe_text import safe


def event(message: Any, at: Any = 5, identity: Any = "7") -> dict[str, Any]:
    return {"message": message, "timestamp": at, "eventId": identity, "ingestionTime": 6, "logStreamName": "s"}


@given(st.text(st.characters() | st.sampled_from("\t\n\r\x1b\x9b"), max_size=300))
def test_a_lines_text_is_its_message_made_safe(message: str) -> None:
    assert line(event(message), "app").text == safe(message.rstrip("\r\n\t "))


def test_a_huge_message_is_cut_and_says_so() -> None:
    text = line(event("a\tb\n" * 100_000), "app").text
    assert len(text) < 40_000
    assert text.endswith("chars")


def test_a_line_keeps_time_level_group_and_id() -> None:
    made = line(event('{"level": "ERROR", "requestId": "abc"}'), "app")
    assert (made.at, made.level, made.group, made.id, made.request, made.late) == (
        5,
        Level.ERROR,
        "app",
        "7",
        "abc",
        False,
    )


@pytest.mark.parametrize(
    "broken", [event(None), event("x", at="5"), event(b"x"), {}], ids=["none", "time", "bytes", "empty"]
)
def test_an_event_without_message_or_time_is_garbled(broken: dict[str, Any]) -> None:
    with pytest.raises(AccountError) as caught:
        line(broken, "app")
    assert caught.value.problem.kind is ProblemKind.GARBLED


def test_events_without_an_id_are_told_apart_by_stream_times_and_text() -> None:
    first, second = line(event("a", identity=None), "app"), line(event("b", identity=None), "app")
    assert first.id and first.id != second.id
    assert first.id == line(event("a", identity=None), "app").id


def test_newest_first_is_asked_for_only_where_it_is_allowed() -> None:
    assert "startFromHead" not in Search("g", "g", 5, newest_first=True).parameters()
    assert Search("g", "g", 1_795_000_000_000, newest_first=True).parameters()["startFromHead"] is False
    assert Search("g", "g", 5, end=9, pattern="ERROR").parameters("token") == {
        "logGroupName": "g",
        "startTime": 5,
        "endTime": 9,
        "filterPattern": "ERROR",
        "limit": 10_000,
        "nextToken": "token",
    }
