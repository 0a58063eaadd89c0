"""The cache's hit rate falling: the runbook has no band for it, and people wait for it all the same.

Told where nothing is out of its band: what it was, what it is, since when, and what changed then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

import msgspec

from services.model.assessment import Judgement, State
from services.model.changes import Change
from services.rules import absence
from services.rules.suspects import REACH, after, suspect
from services.rules.view import View
from services.rules.windows import instant
from services.rules.words import clock, percent
from services.safe_text import SafeText, safe

KEY = "edge.hits"

FALL = 30.0
"""Percentage points below what it was in the best quarter of the minutes known."""

HELD = 10
"""Minutes in a row: after a purge the cache has filled again by then."""

LEAST = 30
"""Minutes that have to be known."""

SPAN_S = 3600
"""What it was before: the median of so long."""


class Fall(msgspec.Struct, frozen=True):
    """The hit rate is much lower than it was."""

    since: datetime
    suspect: Change | None
    sentence: SafeText
    """`Cache hit rate 92 % → 18 % since 03:03, 1 min after cloudfront UpdateDistribution of E1 by casey`."""


def fallen(view: View, hits: Judgement | None, changes: Sequence[Change]) -> Fall | None:
    """Whether the newest settled minutes of the hit rate are far below those of the hour before."""
    if hits is None or hits.state is not State.OK or hits.value is None or hits.settled_until is None:
        return None
    points = [(start, value) for start, value in hits.chart if start < hits.settled_until]
    low = _run(points)
    if not low:
        return None
    began = low[0][0]
    before = [value for start, value in points if began - SPAN_S <= start < began]
    if not before or (usual := median(before)) - hits.value < FALL:
        return None  # nobody came in the hour before, or it was as low then
    since = instant(began)
    told = f"{hits.title} {percent(usual)} → {percent(hits.value)} since {clock(since, view.now)}"
    blamed = suspect(since, changes, KEY, hits.chart_period)
    if blamed is not None:
        told += f", {after(blamed, since)}"
    else:
        told += f", {absence.phrase(view.situation, KEY, since, REACH, view.now)}"
    return Fall(since, blamed, safe(told))


def _run(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """The unbroken run of low minutes that ends with the newest, oldest first; empty when it is not worth a word."""
    if len(points) < LEAST:
        return []
    usual = sorted(value for _, value in points)[3 * len(points) // 4]
    run: list[tuple[int, float]] = []
    for start, value in reversed(points):
        if value > usual - FALL:
            break
        run.append((start, value))
    return run[::-1] if HELD <= len(run) < len(points) else []
