"""Live Tail in few words: never without its cost, and what AWS left out is said."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from services.model.live import LiveStatus
from services.problems import ProblemKind, problem
from tests.unit.tailing_support import START
from tui.screens.live_tail import LiveOffer
from widgets.log_live import said

ON = LiveStatus(
    ("app",), START, connected=True, until=START + timedelta(hours=3), minutes=12.4, dollars=0.124, lines=900
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "● LIVE 12 min, $0.12, until 06:00"),
        ({"sampled": 1}, "● LIVE 12 min, $0.12, until 06:00 · ▲ sampled 1 time; the tail fills it in"),
        (
            {"sampled": 7, "silent_s": 14.2},
            "● LIVE 12 min, $0.12, until 06:00 · ▲ sampled 7 times, silent for up to 14 s; the tail fills it in",
        ),
        ({"silent_s": 1.4}, "● LIVE 12 min, $0.12, until 06:00"),
        (
            {
                "connected": False,
                "reconnects": 1,
                "problem": problem(ProblemKind.UNREACHABLE, "the session was cut off"),
            },
            "○ LIVE connecting again: the session was cut off · 12 min, $0.12",
        ),
        ({"connected": False, "minutes": 0.0, "dollars": 0.0}, "○ LIVE connecting · 0 min, $0.00"),
        (
            {"connected": False, "ended": "its three hours are over", "minutes": 180.0, "dollars": 1.8},
            "Live Tail ended: its three hours are over · 180 min, $1.80",
        ),
    ],
)
def test_what_it_does_and_costs(change: dict[str, object], sentence: str) -> None:
    assert said(msgspec.structs.replace(ON, **change)) == sentence


def test_off_it_says_nothing() -> None:
    assert said(None) == ""


def test_the_offer_names_the_groups_that_one_session_takes() -> None:
    text = LiveOffer(tuple(f"g{n}" for n in range(12)), 0.01).text
    assert "g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, the first 10 of 12" in text
    assert "g10" not in text
