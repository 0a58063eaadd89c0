"""Whether the account still answers at all. A value whose feed is not due yet looks fresh while the line is dead."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import Problem, ProblemKind

LEAST = 2
"""Feeds that have to fail for want of an answer: one alone may be that service's own trouble."""

_NO_ANSWER = (ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT)
_ELSEWHERE = frozenset({"operations", "kept", "deployed", "probes"})
"""Feeds that tell nothing of the line: journal and kept templates are on this machine, what is deployed is only asked
when the stack has moved, a probe that fails answers too."""


class Silence(msgspec.Struct, frozen=True):
    """The account has stopped answering."""

    since: datetime
    """When anything was last answered."""
    problem: Problem
    """What the newest try met."""


def cut_off(situation: Situation) -> Silence | None:
    """Since when nothing is answered any more; None while anything is, a refusal included, and before the first answer.

    Every feed that has asked since the newest answer has met no answer, and at least two have asked (reliability C24).
    """
    readings: list[Reading[object]] = [
        value
        for name in situation.__struct_fields__
        if name not in _ELSEWHERE and isinstance(value := getattr(situation, name), Reading)
    ]
    answered = [reading.taken for reading in readings if reading.taken is not None]
    if not answered:
        return None
    newest = max(answered)
    asked = [reading for reading in readings if reading.tried is not None and reading.tried > newest]
    problems = [reading.problem for reading in asked if reading.problem is not None]
    silent = [one for one in problems if one.kind in _NO_ANSWER]
    if len(silent) < LEAST or len(silent) < len(asked):
        return None
    return Silence(newest, silent[-1])
