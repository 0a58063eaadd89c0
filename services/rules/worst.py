"""One key metric over all of its resources: the worst of them is what is said, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

import msgspec

from services.model.assessment import Judgement, Standing, State
from services.model.series import Series
from services.rules.judging import Finding, Look, Question, judgement, look, unfounded
from services.rules.view import Feed
from services.safe_text import safe

WHOLE = 12
"""Up to so many resources are all looked at; of more, those that are not certainly calm and the highest that is."""

IDLE = -1.0
"""Instead of a calm value: nobody used the resource, and nothing else is to be said of it."""


class Candidate(msgspec.Struct, frozen=True):
    """One of many resources, looked at in two steps: is it certainly calm, and only if not, what does it show."""

    series: Series
    calm: float | None
    """Its value, when its state is OK beyond doubt and no alert counts, or IDLE; None when it has to be looked at."""


class Subject(msgspec.Struct, frozen=True):
    """One key metric with everything that was found of it: judged once, looked at by panels and alerts alike."""

    question: Question
    findings: tuple[Finding, ...]
    """One per resource that was looked at."""
    looks: tuple[Look, ...]
    """What each of them comes to, in the same order."""
    judgement: Judgement
    """The worst of all; which one is said when there are several."""
    several: bool = False
    """Whether there are more resources than one, looked at or not."""

    def at(self, now: datetime) -> Subject:
        """With a newest period that is still filling told as of `now`."""
        newest = self.judgement.newest
        if newest is None or newest <= now:
            return self
        return msgspec.structs.replace(self, judgement=msgspec.structs.replace(self.judgement, newest=now))


def subject(question: Question, feed: Feed, findings: Sequence[Finding]) -> Subject:
    """`findings` judged, and the worst of them."""
    candidates = [Candidate(one.series, None) for one in findings]
    return _worst(question, feed, candidates, candidates, findings).at(feed.now)


def among(
    question: Question, feed: Feed, candidates: Sequence[Candidate], full: Callable[[Series], Finding]
) -> Subject:
    """The worst of many, without looking at each: what is said is what would be said if all were looked at.

    Still to be told `at` an instant.
    """
    chosen = candidates if len(candidates) <= WHOLE else _not_calm(candidates)
    return _worst(question, feed, candidates, chosen, [full(one.series) for one in chosen])


def _worst(
    question: Question,
    feed: Feed,
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    findings: Sequence[Finding],
) -> Subject:
    if not candidates:
        return Subject(question, (), (), unfounded(question, feed))
    looks = tuple([look(question, feed, finding) for finding in findings])
    sign = -1.0 if question.low_is_bad else 1.0
    place = max(range(len(looks)), key=lambda place: _badness(looks[place].state, looks[place].value, sign))
    worst = judgement(question, findings[place], looks[place])
    if len(candidates) == 1:
        return Subject(question, tuple(findings), looks, worst)
    known = {id(candidate): seen for candidate, seen in zip(chosen, looks, strict=True)}
    told = _worst_of(worst, chosen[place].series.signal.resource, _standings(candidates, known, sign))
    return Subject(question, tuple(findings), looks, told, several=True)


def _not_calm(candidates: Sequence[Candidate]) -> list[Candidate]:
    highest = max((one for one in candidates if one.calm is not None), key=lambda one: one.calm or 0.0, default=None)
    return [one for one in candidates if one.calm is None or one is highest]


def _badness(state: State, value: float | None, sign: float = 1.0) -> tuple[int, float]:
    """For choosing the worst of several: one that nobody uses hides none of those that are used. `sign`: -1 where
    the lowest is the worst."""
    return (-1 if state is State.NO_TRAFFIC else state.severity), sign * (value or 0.0)


_IDLE, _CALM = _badness(State.NO_TRAFFIC, None), State.OK.severity


def _standings(candidates: Sequence[Candidate], known: Mapping[int, Look], sign: float) -> tuple[Standing, ...]:
    found = []
    for one in candidates:
        resource, seen = safe(one.series.signal.resource), known.get(id(one))
        if seen is not None:
            found.append((_badness(seen.state, seen.value, sign), Standing(resource, seen.state, seen.value)))
        elif one.calm == IDLE:
            found.append((_IDLE, Standing(resource, State.NO_TRAFFIC, None)))
        else:
            found.append(((_CALM, one.calm or 0.0), Standing(resource, State.OK, one.calm)))
    found.sort(key=itemgetter(0), reverse=True)
    return tuple([standing for _, standing in found])


def _worst_of(worst: Judgement, resource: str, standings: tuple[Standing, ...]) -> Judgement:
    return msgspec.structs.replace(
        worst,
        detail=safe(f"{resource} · {worst.detail}" if worst.detail else resource),
        reason=safe(f"{worst.reason} The worst of {len(standings)}: {resource}."),
        standings=standings,
    )
