"""Remote text: whatever comes in, nothing that comes out can move a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.safe_text import safe, safe_lines


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain [ERROR] text", "plain [ERROR] text"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("OK\rERROR", "OK␍ERROR"),
        ("a\tb", "a    b"),
        ("two\nlines", "two␊lines"),
        ("\x7f\x9b2J", "␡\\u{9b}2J"),
        ("user \u202egnp.exe", "user \\u{202e}gnp.exe"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("\ud800", "\\u{d800}"),
        ("line\u2028sep", "line\\u{2028}sep"),
        ("no\u00a0break", "no\u00a0break"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        ("日本語 – naïve ✓", "日本語 – naïve ✓"),
        ("", ""),
    ],
)
def test_each_kind_of_hostile_text_is_shown_for_what_it_is(raw: str, shown: str) -> None:
    assert safe(raw) == shown


def test_long_text_is_cut_and_says_by_how_much() -> None:
    assert safe("x" * 100, limit=10) == "x" * 10 + "… +90 chars"


def test_lines_are_cut_at_every_kind_of_line_end_before_they_are_made_safe() -> None:
    assert safe_lines("a\r\nb\nc\rd") == ("a", "b", "c", "d")


def test_things_that_are_no_text_are_spelled() -> None:
    assert safe(None) == "None"
    assert safe(12) == "12"


@given(st.text(alphabet=st.characters(), max_size=200))
def test_no_control_or_invisible_character_survives(raw: str) -> None:
    for character in safe(raw):
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")


@given(st.text(alphabet=st.characters(), max_size=200))
def test_making_safe_twice_changes_nothing_more(raw: str) -> None:
    assert safe(safe(raw)) == safe(raw)
