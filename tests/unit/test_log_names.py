"""What log groups are called: short, and each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.watch.log_sources import told_apart


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["orderdesk-place-order", "orderdesk-pay"], ["place-order", "pay"]),
        (["shop-cart-production", "shop-pay-production"], ["cart", "pay"]),
        (["shop_cart", "till_pay"], ["shop_cart", "till_pay"]),
        (["shop", "shop-pay"], ["shop", "shop-pay"]),
        (["shop-v1", "shop-v1"], ["shop-v1", "shop-v1"]),
        (["a.b.c", "a.d.c", "a.e.c"], ["b", "d", "e"]),
        (["checkout"], ["checkout"]),
        ([], []),
    ],
)
def test_what_all_begin_or_end_with_tells_nothing(names: list[str], told: list[str]) -> None:
    assert [told_apart(names)[name] for name in names] == told


@given(st.lists(st.text("ab-_.", min_size=1, max_size=12), unique=True, max_size=6))
def test_every_name_keeps_a_name_of_its_own(names: list[str]) -> None:
    told = told_apart(names)
    assert list(told) == names
    assert len(set(told.values())) == len(names)
    assert all(short and short in name for name, short in told.items())
