"""Whether the account still answers at all. A value whose feed is not due yet looks fresh while the line is dead."""

from __future__ import annotations

from services.model.line import ELSEWHERE, Silence, silence
from services.model.reading import Reading
from services.model.situation import Situation


def cut_off(situation: Situation) -> Silence | None:
    """Since when nothing is answered any more; None while anything is, a refusal included, and before the first."""
    named = ((name, getattr(situation, name)) for name in situation.__struct_fields__ if name not in ELSEWHERE)
    return silence(reading for _, reading in named if isinstance(reading, Reading))
