"""The panels of the overview are the judgements of the rules."""

from __future__ import annotations

from datetime import UTC, datetime

from services.model.situation import Situation
from services.rules import judge
from services.settings.loading import load
from tui.screens.overview import PANELS


def test_a_panel_waits_under_the_title_that_it_is_judged_under() -> None:
    now = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
    judged = judge(Situation("production", now), load(), now).judgements
    assert dict(PANELS) == {key: judgement.title for key, judgement in judged.items()}
