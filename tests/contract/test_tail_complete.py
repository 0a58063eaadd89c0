"""The tail is complete: a hundred thousand lines through throttling and three cuts. `make bench` does a million."""

from __future__ import annotations

import pytest

from tests.completeness import STILL_S, prove


@pytest.mark.runbook("R089", "R090", "R091")
async def test_every_line_arrives_once_or_lies_in_a_marked_gap_where_the_cli_loses_some() -> None:
    found = await prove(100_000, 360, controlled=2)
    print(f"the control lost {found.lost:,} of {found.control:,} lines; the tail none of {found.lines:,}")
    assert found.lines >= 99_900
    assert (found.handed, found.twice, found.missing) == (found.lines, 0, 0)
    assert found.broken == 0, "at some moment the claim was wrong"
    assert found.cuts == [True, True, True], "every cut is shown as a gap while it lasts"
    assert found.gaps == 0
    assert found.closed >= 12
    assert found.calls <= 2 * (found.seconds - STILL_S) + 8, "the budget is two calls a second"
    # Nothing was made easy.
    assert found.late > 500
    assert found.throttled and found.empty and found.again
    assert found.lost > 0.05 * found.control
