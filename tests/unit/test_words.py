"""Numbers as the sentences of the rules say them."""

from __future__ import annotations

import pytest

from services.rules.words import number_of


@pytest.mark.parametrize(
    ("value", "noun", "text"),
    [
        (0, "event", "no events"),
        (1, "event", "1 event"),
        (1.4, "event", "1 event"),
        (2, "event", "2 events"),
        (1412, "throttle event", "1 412 throttle events"),
        (1, "5xx", "1 5xx"),
        (4, "5xx", "4 5xx"),
    ],
)
def test_a_number_and_its_noun_agree(value: float, noun: str, text: str) -> None:
    assert number_of(value, noun) == text
