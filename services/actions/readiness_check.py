"""One check of a layer: what was found, in words that are safe to show."""

from __future__ import annotations

from typing import Any

from services.model.readiness import Answer, Check
from services.model.reading import Reading
from services.safe_text import safe


def check(name: str, answer: Answer, said: str, remedy: str = "") -> Check:
    """`remedy`: what lifts it; empty when nothing has to be."""
    return Check(name, answer, safe(said, 300), safe(remedy, 600))


def unread(name: str, reading: Reading[Any], what: str) -> Check:
    """Nothing is known, and why."""
    if reading.problem is not None:
        return check(name, Answer.UNKNOWN, f"{what}: {reading.problem.message}", reading.problem.remedy)
    return check(name, Answer.UNKNOWN, f"{what}: not answered yet", "Wait a moment.")
