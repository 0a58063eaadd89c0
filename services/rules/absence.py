"""When "no change" may be said: which sources of changes are known for the time before a breach, and which are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import ProblemKind
from services.rules.words import clock, listed

UNKNOWN = "changes are not known"

LATE = timedelta(minutes=15)
"""How long CloudTrail may take to tell of an event (aws.md 3.6)."""


def sentence(situation: Situation, key: str, since: datetime, reach: timedelta, now: datetime) -> str:
    """`no change in the hour before`, or that none is known, and what of it cannot be known."""
    hidden = list(_hidden(situation, key, since, reach))
    if situation.events.value is None and hidden:
        return f"{UNKNOWN}: {hidden[0]}"
    if hidden:
        return f"no known change in the hour before; changes not known: {listed(hidden)}"
    until = _told_until(situation)
    if until is not None and until < since:
        return f"no known change in the hour before; CloudTrail may tell of one until {clock(since + LATE, now)}"
    return "no change in the hour before"


def phrase(situation: Situation, key: str, since: datetime, reach: timedelta, now: datetime) -> str:
    """The same in the few words that the verdict has room for."""
    return sentence(situation, key, since, reach, now).partition(";")[0]


def _told_until(situation: Situation) -> datetime | None:
    """Until when everything that happened has been told by the trail; None where it was never asked."""
    taken = situation.writes.taken
    return None if taken is None else taken - LATE


def _hidden(situation: Situation, key: str, since: datetime, reach: timedelta) -> Iterator[str]:
    """Each source that cannot tell, and why."""
    sources: list[tuple[str, Reading[Any]]] = [("stack events", situation.events), ("CloudTrail", situation.writes)]
    if key.startswith("edge."):
        sources += [("invalidations", situation.invalidations), ("object versions", situation.bursts)]
    for name, reading in sources:
        why = _why(reading, since)
        if why:
            yield f"{name}: {why}"
    told = situation.writes.value
    if told is not None and told.since > since - reach and not _why(situation.writes, since):
        yield f"CloudTrail: nothing is known before {clock(told.since, since)}"


def _why(reading: Reading[Any], since: datetime) -> str:
    """Why a source does not tell of the time before `since`; empty when it does."""
    problem = reading.problem
    if problem is not None and problem.kind is ProblemKind.DENIED:
        return str(problem.message)
    if reading.value is None:
        return str(problem.message) if problem is not None else "not answered yet"
    if problem is not None and reading.taken is not None and reading.taken < since:
        return f"last answered at {clock(reading.taken, since)}: {problem.message}"
    return ""
