"""The linear-time engine says what Python's `re` says, on any pattern both take; and no pattern can hold it up."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.line_search.regex import MANY, STATES, Regex
from services.line_search.regex_backwards import backwards
from services.line_search.regex_program import compiled
from services.line_search.regex_steps import Steps
from services.line_search.regex_syntax import PatternRefused, parse
from services.line_search.regex_table import plain
from services.line_search.regex_tabling import table_of

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
        return step(*given)  # type: ignore[arg-type]  # handed on as they come

    regex._step = counted  # type: ignore[method-assign,assignment]  # to count steps
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


_lines = st.lists(st.text(ALPHABET + "é␊", min_size=1, max_size=12), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(_patterns, _lines, st.booleans(), st.sampled_from([1, 120, 130]))
def test_a_block_of_lines_is_told_apart_as_each_of_them_alone(
    pattern: str, lines: list[str], fold: bool, stretch: int
) -> None:
    pattern = f"(?i){pattern}" if fold else pattern
    try:
        ours = Regex(pattern)
    except PatternRefused:
        assume(False)
    # Read one by one, which is held against Python's engine above: that one may take for ever for such long lines.
    alone = Regex(pattern)
    # As many lines as make a table worth while; some of them end where a block of columns does, or behind it.
    texts = [line + "-" * (stretch - len(line)) * (index % 2) for index, line in enumerate(lines * MANY)][: MANY + 11]
    expected = [place for place, text in enumerate(texts) if alone.search(text)]
    assert ours.select(texts, range(len(texts))) == expected, (pattern, ours._table is not None)


@settings(max_examples=150, deadline=None)
@given(_patterns, _lines, st.sampled_from([1, 130]))
def test_a_line_read_from_its_end_and_by_a_wide_table_says_the_same(
    pattern: str, lines: list[str], stretch: int
) -> None:
    try:
        tree, alone = parse(pattern), Regex(pattern)
        forwards, reverse = Steps(compiled(tree)), Steps(compiled(backwards(tree)))
    except PatternRefused:
        assume(False)
    texts = [spelt for line in lines if (spelt := plain(line + "-" * stretch)) is not None]
    expected = bytes(alone.search(text.replace("\x80", "␊")) for text in texts)
    for steps, back in ((forwards, False), (reverse, True)):
        for most in (STATES, 0):  # without a narrow one for the few states that would fit into it
            table = table_of(steps, back=back, narrow=most)
            if table is not None:
                assert table.matching(texts) == expected, (pattern, back, most)


@pytest.mark.parametrize(
    "pattern",
    [
        r"[0-9]+ x*$", r"\b\w+\b$", r"[a-f\d]{8}-[a-f\d]{4}", r"^\S+ +\S+$", r"^ *\d+ .{60}[ax]",
        r"(x|a)*a(x|a){12}␊ 0123abcd-12ab x$",
    ],
)  # fmt: skip
def test_a_common_pattern_has_a_table_and_no_line_of_a_block_is_read_alone(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    regex = Regex(pattern)
    texts = [f"{number:>8} {'a' * 300}␊ 0123abcd-12ab x" for number in range(600)]
    expected = [place for place, text in enumerate(texts) if re.search(pattern, text)]
    monkeypatch.setattr(regex, "search", None)
    assert regex.select(texts, range(len(texts))) == expected


def test_a_table_is_not_made_of_more_states_than_a_byte_can_name() -> None:
    regex = Regex(r"a(a|b){12}b")
    texts = ["ab" * (number % 9) + "a" * (number % 3) for number in range(2 * MANY)]
    found = regex.select(texts, range(len(texts)))
    assert regex._table is None, "neither way"
    assert found == [place for place, text in enumerate(texts) if re.search(r"a[ab]{12}b", text)]
    assert found


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("(?i)timeout|Refused", ("timeout", "refused")), (r"\d+ (GET|POST) \w+", ("GET", "POST")),
        (r"(a(bc|de)|xy)\d", ("bc", "de", "xy")), (r"\d+|abc", ()), ("(abc|x)?y+", ()),
    ],
)  # fmt: skip
def test_texts_of_which_a_match_needs_one_are_looked_for_first(pattern: str, named: tuple[str, ...]) -> None:
    assert set(Regex(pattern)._options) == set(named)
