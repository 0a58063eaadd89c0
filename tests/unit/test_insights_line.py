"""The line a Logs Insights query is typed in, and the table its rows become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.insights import Cell, InsightsPrice
from services.safe_text import safe
from tui.insights_line import InsightsLine, estimate, read
from widgets.log_table import table
from widgets.spans import columns

FOLLOWED = (("/aws/ec2-manager/prod", "app"), ("/aws/lambda/one", "lambda"), ("/api", "api"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("stats count(*)", InsightsLine("stats count(*)")),
        ("6h stats count(*)", InsightsLine("stats count(*)", timedelta(hours=6))),
        ("group:app 15m group:lam* fields x", InsightsLine("fields x", timedelta(minutes=15), ("app", "lam*"))),
        ("0d filter x", InsightsLine("filter x", timedelta(days=1))),
        ("  ", InsightsLine("")),
        ("stats count(*) by 6h", InsightsLine("stats count(*) by 6h")),
    ],
)  # fmt: skip
def test_span_and_groups_stand_before_the_query(line: str, expected: InsightsLine) -> None:
    assert read(line) == expected


@given(st.text(max_size=60))
def test_any_line_is_read(line: str) -> None:
    assert read(line).window > timedelta(0)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((), ["/aws/ec2-manager/prod", "/aws/lambda/one"]), (("app", "api"), ["/aws/ec2-manager/prod", "/api"]),
        (("/aws/*",), ["/aws/ec2-manager/prod", "/aws/lambda/one", "/aws/other"]), (("no",), []),
    ],
)  # fmt: skip
def test_groups_are_those_shown_or_those_named(groups: tuple[str, ...], expected: list[str]) -> None:
    line = InsightsLine("x", groups=groups)
    assert list(line.chosen(FOLLOWED, ("api",), ("/aws/other", "/api"))) == expected


def test_the_price_is_told_as_an_upper_bound_with_what_is_not_known() -> None:
    said = estimate(InsightsPrice(12_300_000, 0.0615, ("/x",)))
    assert said == "at most about $0.0615 for 12.3 MB, 1 group of unknown size on top"


def test_numbers_stand_to_the_right_under_their_heading_and_no_row_is_too_wide() -> None:
    rows: list[tuple[Cell, ...]] = [
        (safe("ERROR"), 12.0, datetime(2026, 11, 23, 3, 5, tzinfo=UTC)),
        (safe("a level of quite some length that nobody would give one"), 1_234.5, None),
    ]
    heading, lines = table(("level", "count", "newest"), rows, 80)
    assert all(columns([one]) <= 80 for one in (heading, *lines))
    end = heading.index("count") + len("count")
    assert lines[0][:end].endswith("   12")
    assert "1,234.50" in lines[1]
    assert lines[0].endswith("2026-11-23 03:05:00")
    assert lines[1].endswith("-")
