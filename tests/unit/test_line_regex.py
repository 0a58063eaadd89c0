"""The linear-time engine says what Python's `re` says, on any pattern both take; and no pattern can hold it up."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.line_search.regex import STATES, Regex
from services.line_search.regex_syntax import PatternRefused

ALPHABET = "ab1_ -."
_atoms = st.sampled_from(
    [
        *("a", "b", "1", "_", " ", "-", r"\.", ".", "[ab]", "[^a]", "[a-b1]", r"[^\d]", r"[\w-]"),
        *(r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\b", r"\B", "^", "$"),
    ]
)
_counts = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "{,2}", "*?", "+?"])


def _repeated(pair: tuple[str, str]) -> str:
    part, count = pair
    return part if part in ("^", "$", r"\b", r"\B") else part + count


_patterns = st.recursive(
    st.tuples(_atoms, _counts).map(_repeated),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda found: "(" + "|".join(found) + ")"),
        st.tuples(inner, _counts).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=8,
)


@settings(max_examples=600, deadline=None)
@given(_patterns, st.lists(st.text(ALPHABET, min_size=1, max_size=12), min_size=1, max_size=6), st.booleans())
def test_it_says_what_re_says(pattern: str, texts: list[str], fold: bool) -> None:
    pattern = f"(?i){pattern}" if fold else pattern
    try:
        ours = Regex(pattern)
    except PatternRefused:
        assume(False)
    theirs = re.compile(pattern, re.DOTALL)
    for text in texts:
        assert ours.search(text) == (theirs.search(text) is not None), (pattern, text)


@settings(max_examples=200, deadline=None)
@given(_patterns, st.text(ALPHABET, min_size=1, max_size=12))
def test_what_it_marks_is_a_match_and_begins_where_the_first_one_does(pattern: str, text: str) -> None:
    try:
        spans = Regex(pattern).spans(text)
    except PatternRefused:
        assume(False)
    theirs = re.compile(pattern, re.DOTALL)
    for start, end in spans:
        assert theirs.match(text, start)
        assert 0 <= start < end <= len(text)
    assert spans or not any(one.end() > one.start() for one in theirs.finditer(text))


@given(st.text(string.printable, max_size=40))
def test_any_text_is_a_pattern_or_is_refused_with_a_place(text: str) -> None:
    try:
        Regex(text).search("some line, 1 2 3")
    except PatternRefused as error:
        assert str(error)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a|a)*$",
        r"(a|aa)+$",
        r"(.*)*x",
        r"(a?){50}a{50}",
        r"((a*)*)*b",
        r"(a|b)*a(a|b){12}$",
        r"a.*a.*a.*b",
    ],
)
def test_patterns_that_hang_a_backtracking_engine_take_one_step_a_character(pattern: str) -> None:
    regex = Regex(pattern)
    steps = 0
    step = regex._step

    def counted(*given: object) -> object:
        nonlocal steps
        steps += 1
        return step(*given)  # type: ignore[arg-type]

    regex._step = counted  # type: ignore[method-assign,assignment]
    text = "ab" * 2_000 + "a" * 4_000 + "!"
    regex.search(text)
    assert steps <= len(text) + 1
    assert len(regex._states) <= STATES


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"(a)\1", r"\1 is not taken"), ("(?=a)", "only (…)"), ("(?<!a)b", "only (…)"), ("a++", "possessive"),
        ("(a", "without its )"), ("a)", "without its ("), ("[a", "without its ]"), ("*a", "nothing stands before *"),
        ("a{2,1}", "larger number"), ("a{101}", "more than 100"), ("((a{100}){100}){100}", "too large"),
        ("^*", "cannot be repeated"), ("a\\", "behind \\"), ("x" * 501, "longer than 500"), ("(" * 50, "inside each"),
        ("[b-a]", "a later one"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_refused_with_a_sentence(pattern: str, said: str) -> None:
    with pytest.raises(PatternRefused, match=re.escape(said)):
        Regex(pattern)


def test_braces_that_count_nothing_are_meant_as_they_stand() -> None:
    assert Regex('{"level"').search('{"level":"ERROR"}')
