"""Whether the account still answers at all: told from what its feeds have met. A value of a feed that is not due yet
looks fresh while the line is dead. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from services.model.reading import Reading
from services.problems import Problem, ProblemKind

LEAST = 2
"""Feeds that have to fail for want of an answer: one alone may be that service's own trouble."""

ELSEWHERE = frozenset({"operations", "kept", "deployed", "probes", "spending"})
"""Feeds that tell nothing of the line: journal, kept templates and costs are on this machine, what is deployed is only
asked when the stack has moved, a probe that fails answers too."""

_NO_ANSWER = (ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT)


class Silence(msgspec.Struct, frozen=True):
    """The account has stopped answering."""

    since: datetime
    """When anything was last answered."""
    problem: Problem
    """What the newest try met."""


def silence(readings: Iterable[Reading[Any]]) -> Silence | None:
    """Since when nothing is answered any more; None while anything is, a refusal included, and before the first answer.

    Every feed that has asked since the newest answer has met no answer, and at least two have asked (reliability C24).
    """
    known = list(readings)
    answered = [reading.taken for reading in known if reading.taken is not None]
    if not answered:
        return None
    newest = max(answered)
    asked = [reading for reading in known if reading.tried is not None and reading.tried > newest]
    problems = [reading.problem for reading in asked if reading.problem is not None]
    silent = [one for one in problems if one.kind in _NO_ANSWER]
    if len(silent) < LEAST or len(silent) < len(asked):
        return None
    return Silence(newest, silent[-1])
