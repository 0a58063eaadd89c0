"""Numbers as sentences say them."""

from __future__ import annotations

import pytest

from services.plural import several


@pytest.mark.parametrize(
    ("value", "noun", "text"),
    [
        (0, "event", "0 events"),
        (1, "event", "1 event"),
        (1.4, "event", "1 event"),
        (2, "event", "2 events"),
        (1412, "throttle event", "1 412 throttle events"),
        (1, "5xx", "1 5xx"),
        (4, "5xx", "4 5xx"),
    ],
)
def test_a_number_and_its_noun_agree(value: float, noun: str, text: str) -> None:
    assert several(value, noun) == text
