"""From what a subject found of each of its resources to one judgement: silence or band, since when, why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from services.model.assessment import Judgement, Standing, State, Unit
from services.model.series import Metrics, Series, Sparseness
from services.rules import silences
from services.rules.bands import band, lines, onset, rule
from services.rules.silences import Silence
from services.rules.view import Feed
from services.rules.windows import CHART_SPAN, Track, Window, covered, instant
from services.rules.words import clock, count, figure, minutes
from services.safe_text import safe
from services.settings.values import Bands


class Question(msgspec.Struct, frozen=True):
    """One key metric: what it is called and where its bands come from."""

    key: str
    title: str
    unit: Unit
    definition: str
    """`5XX responses of all requests`."""
    source: str
    bands: Bands | None = None
    floor: float = 0
    """Fewer than this many in the window: a rate is not coloured. None bad is well; any bad is ELEVATED."""


class Finding(msgspec.Struct, frozen=True):
    """What one resource shows: everything a judgement needs, nothing decided."""

    series: Series
    """The series that is judged: identity, settling time, span asked."""
    track: Track
    window: Window
    points: Mapping[int, float]
    """Usable points of this metric: whether it was published."""
    siblings: Mapping[int, float]
    """Usable points of anything else of the resource: whether it is alive."""
    detail: str = ""
    sparse: Sparseness = Sparseness.PER_REQUEST
    disabled: str = ""
    """Why the metric is not switched on; empty: it is."""
    remark: str = ""
    """A further fact that belongs to the reason."""
    attention: bool = False
    """A fact without a band of its own that an otherwise normal value must not hide."""
    tally: tuple[float, float] | None = None
    """(events, of how many) in the window, of a rate."""
    kin: tuple[Series, ...] = ()
    """Further series that prove, when CloudWatch knows them, that the resource publishes."""
    untouched: str = ""
    """`not invoked yet`: why CloudWatch may not know the metric although its name is right; empty: it is not known."""


IDLE = -1.0
"""Instead of a calm value: nobody used the resource, and nothing else is to be said of it."""


class Candidate(msgspec.Struct, frozen=True):
    """One of many resources, looked at in two steps: is it certainly calm, and only if not, what does it show."""

    resource: str
    calm: float | None
    """Its value, when its state is OK beyond doubt and no alert counts, or IDLE; None when it has to be looked at."""
    full: Callable[[], Finding]


class Subject(msgspec.Struct, frozen=True):
    """One key metric with everything that was found of it: judged once, looked at by panels and alerts alike."""

    question: Question
    feed: Feed
    findings: tuple[Finding, ...]
    """One per resource that was looked at."""
    judged: tuple[Judgement, ...]
    """The judgement of each of them, in the same order."""
    judgement: Judgement
    """The worst of all; which one is said when there are several."""
    several: bool = False
    """Whether there are more resources than one, looked at or not."""


WHOLE = 12
"""Up to so many resources are all looked at; of more, those that are not certainly calm and the highest that is."""


def subject(question: Question, feed: Feed, findings: Sequence[Finding]) -> Subject:
    """`findings` judged, and the worst of them."""
    candidates = [Candidate(one.series.signal.resource, None, partial(_itself, one)) for one in findings]
    return among(question, feed, candidates)


def among(question: Question, feed: Feed, candidates: Sequence[Candidate]) -> Subject:
    """The worst of many, without looking at each: what is said is what would be said if all were looked at."""
    if not candidates:
        return Subject(question, feed, (), (), _unfounded(question, feed))
    chosen = list(candidates) if len(candidates) <= WHOLE else _not_calm(candidates)
    findings = tuple(candidate.full() for candidate in chosen)
    judged = tuple(_judge_one(question, feed, finding) for finding in findings)
    if len(candidates) == 1:
        return Subject(question, feed, findings, judged, judged[0])
    worst = max(range(len(judged)), key=lambda place: _badness(judged[place].state, judged[place].value))
    known = {id(candidate): judgement for candidate, judgement in zip(chosen, judged, strict=True)}
    standings = _standings(candidates, known)
    told = _worst_of(judged[worst], chosen[worst].resource, standings)
    return Subject(question, feed, findings, judged, told, several=True)


def _itself(finding: Finding) -> Finding:
    return finding


def _not_calm(candidates: Sequence[Candidate]) -> list[Candidate]:
    highest = max((one for one in candidates if one.calm is not None), key=lambda one: one.calm or 0.0, default=None)
    return [one for one in candidates if one.calm is None or one is highest]


def _badness(state: State, value: float | None) -> tuple[int, float]:
    """For choosing the worst of several: one that nobody uses hides none of those that are used."""
    return (-1 if state is State.NO_TRAFFIC else state.severity), value or 0.0


def _standings(candidates: Sequence[Candidate], known: Mapping[int, Judgement]) -> tuple[Standing, ...]:
    found = []
    for one in candidates:
        judgement = known.get(id(one))
        if judgement is not None:
            state, value = judgement.state, judgement.value
        else:
            state, value = (State.NO_TRAFFIC, None) if one.calm == IDLE else (State.OK, one.calm)
        found.append(Standing(safe(one.resource), state, value))
    return tuple(sorted(found, key=lambda standing: _badness(standing.state, standing.value), reverse=True))


def _worst_of(worst: Judgement, resource: str, standings: tuple[Standing, ...]) -> Judgement:
    return msgspec.structs.replace(
        worst,
        detail=safe(f"{resource} · {worst.detail}" if worst.detail else resource),
        reason=safe(f"{worst.reason} The worst of {len(standings)}: {resource}."),
        standings=standings,
    )


def _unfounded(question: Question, feed: Feed) -> Judgement:
    silence = feed.unnamed(question.title)
    if silence is None and feed.origin.value:
        silence = Silence(State.NO_DATA, f"{question.title}: the {feed.part} has no such series")
    if silence is None:
        silence = Silence(State.NOT_ENABLED, f"the stack has no {feed.part}")
    return _silent(question, silence)


def _silent(question: Question, silence: Silence) -> Judgement:
    return Judgement(
        key=question.key,
        title=question.title,
        state=silence.state,
        value=None,
        unit=question.unit,
        detail=safe(silence.sentence.removeprefix(f"{question.title}: ")),
        reason=safe(f"{silence.sentence}."),
        thresholds=lines(question.bands) if question.bands else (),
        source=question.source,
    )


def _judge_one(question: Question, feed: Feed, finding: Finding) -> Judgement:
    window, signal = finding.window, finding.series.signal
    value = finding.track.value(window)
    silence = _silence(question, feed, finding) or (_undefined(question, finding) if value is None else None)
    if silence is not None and silence.state in _UNMEASURED and not _heard(finding):
        value = None  # what is made of silence is no number
    newest = max(_published(finding), default=None)
    shown = msgspec.structs.replace(
        _silent(question, silence or Silence(State.NO_DATA, question.title)),
        value=value,
        as_of=window.ends_at,
        newest=None if newest is None else min(instant(newest + signal.period), feed.now),
        coverage=covered(_published(finding), window),
        chart=tuple(point for point in finding.track.chart() if point[0] >= window.end - CHART_SPAN),
        chart_period=signal.period,
        settled_until=window.end,
    )
    if value is None or (silence is not None and silence.state is not State.LATE):
        return shown
    state, why = _state(question, finding, value)
    if silence is not None and state.severity < silence.state.severity:
        return shown
    since = None
    if question.bands is not None and not _too_few(question, finding):
        since = onset(finding.track, window, question.bands, state)
    return msgspec.structs.replace(
        shown,
        state=state,
        detail=safe(finding.detail),
        reason=safe(_reason(question, finding, shown.coverage, why)),
        since=since,
    )


_UNMEASURED = frozenset({State.UNVERIFIED, State.NO_DATA, State.LATE})


def _heard(finding: Finding) -> bool:
    """Whether anything of the metric is in the window."""
    return any(start in finding.points for start in finding.window.starts)


def _published(finding: Finding) -> Mapping[int, float]:
    """Where the resource was heard of: a counter published only when it happens is covered by its siblings too."""
    if finding.sparse is Sparseness.NON_ZERO:
        return {**finding.siblings, **finding.points}
    return finding.points


def _silence(question: Question, feed: Feed, finding: Finding) -> Silence | None:
    title, signal = question.title, finding.series.signal
    metrics = feed.reading.value
    refused = silences.of_reading(feed.reading, title)
    if refused is not None or metrics is None:
        return refused
    published = _known_to_publish(metrics, finding)
    if signal.id in metrics.unpublished and not finding.points and not published:
        if finding.untouched:
            return Silence(State.NO_TRAFFIC, f"{title}: {signal.resource} was {finding.untouched}")
        hint = metrics.hints.get(signal.id, "")
        return Silence(
            State.UNVERIFIED,
            f"{title}: CloudWatch knows no such metric of {signal.resource}" + (f"; it has {hint}" if hint else ""),
        )
    return (
        silences.of_age(feed.reading, feed.cadence, feed.now, title)
        or _switched_off(finding)
        or silences.of_region(_published(finding), feed.heard, feed.used_elsewhere, finding.window, title)
        or silences.of_window(
            finding.points, finding.siblings, finding.series, finding.sparse, finding.window, title, published
        )
        or _late(title, feed, finding)
    )


def _switched_off(finding: Finding) -> Silence | None:
    """NOT ENABLED, also when it was until a while ago."""
    if not finding.disabled or _heard(finding):
        return None
    return Silence(State.NOT_ENABLED, finding.disabled)


def _known_to_publish(metrics: Metrics, finding: Finding) -> bool:
    """Whether silence is not a wrong name: CloudWatch knows the metric, or it had points before the window."""
    return any(
        series.signal.id in metrics.verified or (series.newest is not None and series.newest < finding.window.start)
        for series in (finding.series, *finding.kin)
    )


def _undefined(question: Question, finding: Finding) -> Silence:
    """Points without a value: nothing to divide by, or numbers beyond counting."""
    resource, track, starts = finding.series.signal.resource, finding.track, finding.window.starts
    if track.weight(finding.window) > 0:
        return Silence(State.NO_DATA, f"{question.title}: the points of {resource} cannot be added up")
    if track.weights is not None and not any(start in track.weights for start in starts):
        return Silence(State.NO_DATA, f"{question.title}: nothing tells of how many requests of {resource} it is")
    return Silence(State.NO_TRAFFIC, f"{question.title}: {resource} was not used")


def _late(title: str, feed: Feed, finding: Finding) -> Silence | None:
    window = finding.window
    fresh = window.end - silences.LATE_AFTER * window.period
    if finding.sparse is Sparseness.NON_ZERO or max(finding.points, default=fresh) >= fresh:
        return None
    resource = finding.series.signal.resource
    return silences.of_lateness(finding.points, partial(feed.newest_elsewhere, resource), finding.window, title)


def _too_few(question: Question, finding: Finding) -> bool:
    return finding.tally is not None and finding.tally[1] < question.floor


def _state(question: Question, finding: Finding, value: float) -> tuple[State, str]:
    shown = figure(value, question.unit)
    if _too_few(question, finding):
        events, among = finding.tally or (0.0, 0.0)
        if not events:
            return State.OK, f"none of {count(among)}"
        return State.ELEVATED, f"{count(events)} of {count(among)}: too few ({count(question.floor)}) to judge a rate"
    if question.bands is None:
        state, why = State.OK, f"{shown}; no threshold"
    else:
        state = band(value, question.bands)
        limits = (question.bands.normal, question.bands.warning, question.bands.critical)
        why = rule(question.bands, state, shown, *(figure(limit, question.unit) for limit in limits))
    if finding.attention and state is State.OK:
        return State.ELEVATED, f"{why}, but {finding.remark}"
    return state, why


def _reason(question: Question, finding: Finding, coverage: tuple[int, int], why: str) -> str:
    window = finding.window
    over = minutes(window.end - window.start)
    partly = f", {coverage[0]} of {coverage[1]} minutes with data" if coverage[0] < coverage[1] else ""
    remark = f"; {finding.remark}" if finding.remark and finding.remark not in why else ""
    source = f" ({question.source})" if question.source else ""
    return f"{question.definition}, {over} to {clock(window.ends_at)} UTC{partly}: {why}{remark}{source}."
