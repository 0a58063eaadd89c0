"""The filter line: what each part finds, what is refused, what is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.line_search.fields import document
from services.line_search.query import Query, QueryRefused, parse
from services.line_search.shapes import longest_word, shape
from services.model.logs import Level

UUID = "-52d4-4b8a-9d3e-1f2a3b4c5d6e"

LINES = (
    "listed 14 instances",
    "Charge failed: KeyError 'region'",
    '{"level":"ERROR","status":502,"user":{"name":"ann"},"path":"/instances/7"}',
    '{"level":"INFO","status":"200","user":{"name":"bea"},"tags":["x","y"]}',
    "REPORT RequestId: 7f3a Duration: 1912.20 ms Billed Duration: 1913 ms Memory Size: 512 MB Max Memory Used: 118 MB",
)


def found(text: str) -> list[int]:
    query = parse(text)
    assert query is not None
    return list(query.select(LINES, range(len(LINES))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("charge", [1]), ("Charge", [1]), ("CHARGE", []), ("!charge", [0, 2, 3, 4]), ('"charge failed"', [1]),
        ("listed instances", [0]), (r"/\d{2} inst/", [0]), (r"/KEYERROR/i", [1]), (r"!/\d/", [1]), ("/list", [0]),
        (".status>=500", [2]), (".status>=200", [2, 3]), (".status=200", [3]), (".user.name=ann", [2]),
        ('.user.name="ann"', [2]), (".user.name=b*", [3]), (".user.name!=ann", [3]), (".user", [2, 3]),
        (".tags.1=y", [3]), ("!.user", [0, 1, 4]), (".used_mb>100", [4]), (".duration_ms>5000", []),
        (".status>=500 ann", [2]), ("...", []), ("a.b", []),
    ],
)  # fmt: skip
def test_each_part_finds_what_it_says(text: str, expected: list[int]) -> None:
    assert found(text) == expected


def test_level_and_groups_are_conditions_of_their_own() -> None:
    query = parse("level:warn group:lam* !group:lambda-b")
    assert isinstance(query, Query)
    assert query.least is Level.WARN
    assert [name for name in ("lambda", "lambda-b", "api") if query.takes_group(name)] == ["lambda"]


def test_nothing_but_spaces_is_no_filter() -> None:
    assert parse("   ") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("level:loud", "level:error"), (".status>=", "a value is missing"), (".status>high", "no number"),
        ("group:", "name a group"), (r"/(a/", "without its )"), (".a..b=1", "a name is missing"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        parse(text)
    assert said in str(refused.value)


@given(st.text(max_size=60), st.text(max_size=80))
def test_any_text_is_a_filter_or_refused_and_marks_only_what_is_there(text: str, line: str) -> None:
    try:
        query = parse(text)
    except QueryRefused as error:
        assert str(error)
        return
    if query is not None:
        query.select([line], [0])
        assert all(0 <= start < end <= len(line) for start, end in query.spans(line))


def test_what_fulfils_it_is_marked_once() -> None:
    query = parse("fail /charge fa/i")
    assert query is not None
    assert query.spans("Charge failed") == [(0, 11)]


def test_an_object_over_several_lines_is_read_as_one() -> None:
    assert document('{␊  "status": 500␊}') == {"status": 500}
    assert document('{"a":"␊"}') == {"a": "␊"}
    assert document('{"cut": "… +99 chars') is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("charge 17 failed: KeyError 'region'", "charge 4 failed: KeyError 'zone'"),
        (f"request 7f3a9c1e{UUID} timed out", f"request 00000000{UUID} timed out"),
        ("at 2026-11-23T03:11:40.123Z lost i-6caf930e1", "at 2026-11-23T03:12:00Z lost i-0000beef1"),
        ("took 1,912.5 ms", "took 3 ms"),
    ],
)  # fmt: skip
def test_lines_that_differ_in_ids_numbers_times_and_quotes_have_one_shape(one: str, other: str) -> None:
    assert shape(one) == shape(other)


def test_words_keep_shapes_apart() -> None:
    assert shape("charge failed") != shape("refund failed")
    assert longest_word(shape("start instance i-6caf930e failed: KeyError 'x'")) in ("instance", "KeyError")
