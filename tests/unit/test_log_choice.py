"""Which groups are meant by a word; what is left of a stretch that cannot be read; a line that two sources find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.log_sources import LogSource, LogSources, Origin
from services.model.logs import LogGroup
from services.safe_text import SafeText
from services.watch.live_ledger import Ledger
from services.watch.log_choice import choice, nearest, usual
from services.watch.tailing_holes import Hole, Holes


def group(name: str, kind: str = "STANDARD") -> LogGroup:
    return LogGroup(SafeText(name), kind=SafeText(kind))


GROUPS = (
    group("/aws/lambda/a"),
    group("/aws/lambda/b"),
    group("/other/b"),
    group("/app"),
    group("/access"),
    group("/exec"),
    group("/archive", "INFREQUENT_ACCESS"),
    group("/trail"),
)
BY_NAME = {str(one.name): one for one in GROUPS}


def source(name: str, short: str, origin: Origin, slow_ms: int = 0) -> LogSource:
    return LogSource(SafeText(name), short, origin, BY_NAME.get(name), slow_ms)


THERE = LogSources(
    (
        source("/app", "app", Origin.APPLICATION),
        source("/access", "api", Origin.ACCESS),
        source("/exec", "api-exec", Origin.EXECUTION),
        source("/aws/lambda/a", "lambda", Origin.FUNCTION),
        source("/gone", "gone", Origin.STACK),
        source("/trail", "trail", Origin.TRAIL, 900_000),
    ),
    GROUPS,
    listed=True,
)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), "/app /access /aws/lambda/a"),
        (("stack",), "/app /access /exec /aws/lambda/a /trail"),
        (("lambda", "/app"), "/aws/lambda/a /app"),
        (("/aws/lambda/*",), "/aws/lambda/a /aws/lambda/b"),
        (("/aws/lambda/*", "lambda", "/other/?"), "/aws/lambda/a /aws/lambda/b /other/b"),
        (("api-exec",), "/exec"),
    ],
)
def test_words_mean_groups(words: tuple[str, ...], names: str) -> None:
    found = choice(words, THERE)
    assert [one.name for one in found.groups] == names.split()
    assert found.unknown == found.unreadable == ()


def test_no_two_groups_go_by_one_short_name() -> None:
    found = choice(("/*",), THERE)
    shorts = [one.short for one in found.groups]
    assert len(set(shorts)) == len(shorts)
    assert next(one for one in found.groups if one.name == "/trail").slow_ms == 900_000


def test_a_class_that_cannot_be_read_is_told_and_a_word_that_means_nothing_too() -> None:
    found = choice(("/archive", "/gone", "lamda", "/none/*"), THERE)
    assert found.groups == () or all(one.name == "/gone" for one in found.groups)
    assert found.unreadable == ("/archive",)
    assert found.unknown == ("/gone", "lamda", "/none/*")
    assert nearest("lamda", THERE) == "lambda"


def test_without_a_list_a_name_is_taken_at_its_word() -> None:
    found = choice(("/anything",), LogSources())
    assert [one.name for one in found.groups] == ["/anything"]
    assert found.unknown == ()


def test_an_execution_log_is_followed_where_there_is_no_access_log() -> None:
    only = (source("/exec", "api-exec", Origin.EXECUTION), source("/trail", "trail", Origin.TRAIL))
    assert [str(one.name) for one in usual(only)] == ["/exec"]


def test_what_retention_has_deleted_stays_a_gap_and_the_rest_can_still_be_filled() -> None:
    holes = Holes()
    holes.add(Hole(100, 200, "throttled"))
    holes.add(Hole(10, 20, "throttled"))
    holes.expire(150, "older than the group's retention of 7 days")
    gaps = sorted((gap.start, gap.end, gap.lasting) for gap in holes.gaps())
    assert gaps == [(10, 20, True), (100, 149, True), (150, 200, False)]
    hole = holes.next()
    assert hole is not None and (hole.start, hole.end) == (150, 200)
    holes.close(hole)
    assert holes.closed == 1
    assert holes.next() is None
    assert all(gap.lasting and "retention" in gap.why for gap in holes.gaps())


@given(st.lists(st.tuples(st.sampled_from(("live", "tail")), st.integers(0, 3)), max_size=60))
def test_of_equal_lines_as_many_are_shown_as_the_one_that_has_more_has_found(found: list[tuple[str, int]]) -> None:
    ledger = Ledger()
    shown = [0] * 4
    had = {"live": [0] * 4, "tail": [0] * 4}
    for who, key in found:
        had[who][key] += 1
        shown[key] += ledger.by_live(0, key) if who == "live" else ledger.by_tail(0, key)
    assert shown == [max(live, tail) for live, tail in zip(had["live"], had["tail"], strict=True)]
