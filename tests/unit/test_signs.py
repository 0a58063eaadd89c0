"""Terminals that cannot show Unicode get ASCII, cell for cell."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.terminal.signs import WISH, signs
from widgets.charset import ASCII, UNICODE, Charset, plain


@given(st.text(max_size=60))
def test_every_text_becomes_ascii_of_the_same_width(text: str) -> None:
    assert plain(text).isascii()
    shown = "".join(one for one in text if cell_len(one) or one.isascii())
    assert len(plain(shown)) == sum(max(cell_len(one), one.isascii()) for one in shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("╭─ API ─╮", "+- API -+"), ("┏━┓┃┗", "+-+|+"), ("▲ CRIT", "! CRIT"), ("v41 → v42", "v41 > v42"), ("漢", "??")],
)
def test_known_signs_become_their_likeness(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("encoding", "wish", "expected"),
    [
        ("utf-8", "", UNICODE), ("UTF8", "0", UNICODE), ("utf-8", "1", ASCII), ("iso-8859-1", "", ASCII),
        ("ascii", "0", ASCII), ("no-such-encoding", "", ASCII), (None, "", UNICODE),
    ],
)  # fmt: skip
def test_the_locale_chooses_and_a_wish_overrules_it(encoding: str | None, wish: str, expected: Charset) -> None:
    class Terminal(io.StringIO):
        pass

    terminal = Terminal()
    terminal.__class__.encoding = encoding  # type: ignore[assignment]  # StringIO has none to set
    assert signs(terminal, {WISH: wish} if wish else {}) is expected
