"""Rows are cut, filled and wrapped without losing or adding a cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.spans import Span, cells, centred, cut, fit, row, spread, squeeze_text, text_of, wrap

TEXTS = st.lists(
    st.tuples(st.text(alphabet="ab é日✖ ", max_size=12), st.sampled_from(["", "ok"])).map(lambda pair: Span(*pair)),
    max_size=6,
)


@given(TEXTS, st.integers(1, 30))
def test_fit_is_exactly_as_wide_as_asked(spans: list[Span], width: int) -> None:
    assert cells(fit(spans, width)) == width


@given(TEXTS, TEXTS, st.integers(1, 40))
def test_spread_is_exactly_as_wide_as_asked(left: list[Span], right: list[Span], width: int) -> None:
    assert cells(spread(left, right, width)) == width


@given(TEXTS, st.integers(2, 30), st.integers(0, 4))
def test_wrapping_keeps_every_word_and_never_exceeds_the_width(spans: list[Span], width: int, hang: int) -> None:
    rows = wrap(spans, width, hang)
    assert all(cells(one) <= width for one in rows)
    assert "".join(text_of(one) for one in rows).replace(" ", "") == text_of(spans).replace(" ", "")


@given(TEXTS, st.integers(1, 30))
def test_what_is_cut_says_so(spans: list[Span], width: int) -> None:
    shown = cut(spans, width)
    assert cells(shown) <= width
    if cells(spans) > width:
        assert text_of(shown).endswith("…")
    else:
        assert text_of(shown) == text_of(spans)


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 9, ["one two", "  three"]),
        ("  indented text", 20, ["  indented text"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 4, [""]),
        ("errors < 1 % of 1 135", 11, ["errors", "< 1 % of", "1 135"]),
        ("it took 120 ms then", 10, ["it took", "120 ms", "then"]),
    ],
)
def test_lines_break_at_spaces(text: str, width: int, rows: list[str]) -> None:
    hang = 2 if width == 9 else 0
    assert [text_of(one) for one in wrap([Span(text)], width, hang)] == rows


def test_a_word_that_changes_style_inside_is_not_torn() -> None:
    rows = wrap([Span("see v4"), Span("2", "ok"), Span(" now")], 8)
    assert [text_of(one) for one in rows] == ["see v42", "now"]
    assert rows[0] == (Span("see v4"), Span("2", "ok"))


def test_the_right_end_stays_whole_where_both_do_not_fit() -> None:
    assert text_of(spread(row("a long sentence"), row("4 s"), 12)) == "a long…  4 s"


def test_centred_text_has_as_much_before_as_after() -> None:
    assert text_of(centred(row("ab"), 6)) == "  ab  "


@given(st.text(alphabet="abcdefé日", max_size=40), st.integers(1, 30))
def test_a_squeezed_name_fits_and_keeps_both_ends(name: str, width: int) -> None:
    shown = squeeze_text(name, width)
    assert cells([Span(shown)]) <= width
    if cells([Span(name)]) > width >= 8:
        assert shown[0] == name[0] and shown[-1] == name[-1] and "…" in shown


def test_names_that_differ_at_their_ends_stay_apart() -> None:
    assert squeeze_text("ManagerFunctionVersion", 12) == "Manage…rsion"
    assert squeeze_text("ManagerFunctionAlias", 12) == "Manage…Alias"
