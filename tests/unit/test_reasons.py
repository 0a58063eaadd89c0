"""The runbook's reasons to roll back by hand, and what each has to say."""

from __future__ import annotations

import pytest

from services.actions.reasons import DECISION_POINTS, beside, chosen, lacks

IMPACT = "Customer impact severity assessment"


@pytest.mark.parametrize(
    ("reason", "lacking"),
    [
        ("the pager says so", ""),
        ("", ""),
        ("Data corruption detected", ""),
        ("Critical business function impaired", "needs the function"),
        ("Critical business function impaired:  ", "needs the function"),
        ("Critical business function impaired: sign-in", ""),
        (IMPACT, "needs severity"),
        (f"{IMPACT}: P2", "needs severity"),
        (f"{IMPACT}: P5, 3 users", "needs severity"),
        (f"{IMPACT}: 340 users", "needs severity"),
        (f"{IMPACT}: P1, everybody", ""),
        (f"{IMPACT}: P4 2 users", ""),
    ],
)
def test_a_reason_says_what_the_runbook_wants_to_know(reason: str, lacking: str) -> None:
    found = lacks(reason)
    assert lacking in found
    assert bool(found) == bool(lacking)


def test_steps_through_the_points_come_round_both_ways() -> None:
    ways = {}
    for step in (1, -1):
        reason, seen = "own words", []
        for _ in range(len(DECISION_POINTS) + 1):
            reason = beside(reason, step)
            seen.append(reason)
        assert {one.begin for one in DECISION_POINTS} | {""} == set(seen)
        ways[step] = seen[:-1]
    assert ways[1] == ways[-1][::-1]


def test_what_is_told_fits_the_frame_of_the_smallest_terminal() -> None:
    for point in DECISION_POINTS:
        assert 0 < len(lacks(point.begin) or point.first) <= 74
        assert chosen(point.begin) is point
