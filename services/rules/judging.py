"""From what was found of one resource to a judgement: silence or band, since when, why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import msgspec

from services.model.assessment import Judgement, State, Unit
from services.model.series import Metrics, Series, Sparseness
from services.rules import silences
from services.rules.bands import band, lines, onset, rule
from services.rules.silences import Silence
from services.rules.view import Feed
from services.rules.windows import CHART_SPAN, Track, Window, covered, instant
from services.rules.words import clock, count, figure, minutes
from services.safe_text import SafeText, safe
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
    low_is_bad: bool = False
    """Of several resources the lowest value is the worst."""


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
    telling: str = ""
    """Signal of the series that has most of it, where it is added up from several; empty: that of `series`."""
    unvisited: str = ""
    """`none but our own health checks`: why what was measured is nobody's use; empty: it is somebody's."""


def unfounded(question: Question, feed: Feed) -> Judgement:
    """The judgement of a feed without such a series."""
    silence = feed.unnamed(question.title)
    if silence is None and feed.origin.value:
        silence = Silence(State.NO_DATA, f"{question.title}: the {feed.part} has no such series")
    if silence is None:
        silence = Silence(State.NOT_ENABLED, f"the stack has no {feed.part}")
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


class Look(msgspec.Struct, frozen=True):
    """What one resource comes to: enough to rank it among many, and for the alerts."""

    state: State
    value: float | None
    detail: SafeText
    silence: Silence | None = None
    """None: it is in the band `state`."""


def look(question: Question, feed: Feed, finding: Finding) -> Look:
    """The band of one resource, or which of the silences it is."""
    value = finding.track.value(finding.window)
    silence = _silence(question, feed, finding) or (_undefined(question, finding) if value is None else None)
    if silence is not None and silence.state in _UNMEASURED and not _heard(finding):
        value = None  # what is made of silence is no number
    if silence is not None and (value is None or silence.state is not State.LATE):
        return _unheard(question, value, silence)
    assert value is not None  # without one there is a silence
    state = _state(question, finding, value)
    if silence is not None and state.severity < silence.state.severity:
        return _unheard(question, value, silence)
    return Look(state, value, safe(finding.detail))


def _unheard(question: Question, value: float | None, silence: Silence) -> Look:
    return Look(silence.state, value, safe(silence.sentence.removeprefix(f"{question.title}: ")), silence)


def judgement(question: Question, finding: Finding, seen: Look) -> Judgement:
    """All that is said and drawn of one resource. Its newest period may still be filling: then it ends after now."""
    window, signal, since = finding.window, finding.series.signal, None
    published = _published(finding)
    newest, coverage = max(published, default=None), covered(published, window)
    if seen.silence is None and question.bands is not None and not _too_few(question, finding):
        since = onset(finding.track, window, question.bands, seen.state)
    reason = f"{seen.silence.sentence}." if seen.silence else _reason(question, finding, coverage, seen)
    return Judgement(
        key=question.key,
        title=question.title,
        state=seen.state,
        value=seen.value,
        unit=question.unit,
        detail=seen.detail,
        reason=safe(reason),
        thresholds=lines(question.bands) if question.bands else (),
        since=since,
        as_of=window.ends_at,
        newest=None if newest is None else instant(newest + signal.period),
        coverage=coverage,
        chart=tuple(point for point in finding.track.chart() if point[0] >= window.end - CHART_SPAN),
        chart_period=signal.period,
        settled_until=window.end,
        source=question.source,
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
        or (Silence(State.NO_TRAFFIC, f"{title}: {finding.unvisited}") if finding.unvisited else None)
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
    return silences.of_lateness(finding.points, partial(feed.newer_elsewhere, resource), finding.window, title)


def _too_few(question: Question, finding: Finding) -> bool:
    return finding.tally is not None and finding.tally[1] < question.floor


def _state(question: Question, finding: Finding, value: float) -> State:
    if _too_few(question, finding):
        return State.ELEVATED if finding.tally and finding.tally[0] else State.OK
    state = State.OK if question.bands is None else band(value, question.bands)
    return State.ELEVATED if finding.attention and state is State.OK else state


def _why(question: Question, finding: Finding, value: float) -> str:
    """Why it is in its band, as half a sentence."""
    shown = figure(value, question.unit)
    if _too_few(question, finding):
        events, among = finding.tally or (0.0, 0.0)
        if not events:
            return f"none of {count(among)}"
        return f"{count(events)} of {count(among)}: too few ({count(question.floor)}) to judge a rate"
    if question.bands is None:
        state, why = State.OK, f"{shown}; no threshold"
    else:
        state = band(value, question.bands)
        limits = (question.bands.normal, question.bands.warning, question.bands.critical)
        why = rule(question.bands, state, shown, *(figure(limit, question.unit) for limit in limits))
    return f"{why}, but {finding.remark}" if finding.attention and state is State.OK else why


def _reason(question: Question, finding: Finding, coverage: tuple[int, int], seen: Look) -> str:
    window, why = finding.window, "" if seen.value is None else _why(question, finding, seen.value)
    over = minutes(window.end - window.start)
    partly = f", {coverage[0]} of {coverage[1]} minutes with data" if coverage[0] < coverage[1] else ""
    remark = f"; {finding.remark}" if finding.remark and finding.remark not in why else ""
    source = f" ({question.source})" if question.source else ""
    return f"{question.definition}, {over} to {clock(window.ends_at)} UTC{partly}: {why}{remark}{source}."
