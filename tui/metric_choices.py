"""Which metrics screen 2 can show, and how each is read: unit, statistic, thresholds. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import msgspec

from services import diagnosis
from services.model.assessment import Assessment, Judgement, Standing, State, Threshold, Unit
from services.model.functions import Function
from services.model.series import MetricId, Metrics, Signal, Sparseness
from services.model.situation import Situation
from services.rules.verdict import FIRST
from services.safe_text import SafeText
from services.settings.values import Bands, Settings

_JUDGED = {
    ("AWS/ApiGateway", "Latency"): "api.latency",
    ("AWS/ApiGateway", "5XXError"): "api.errors",
    ("AWS/ApiGateway", "5xx"): "api.errors",
    ("AWS/Lambda", "Duration"): "lambda.duration",
    ("AWS/Lambda", "Errors"): "lambda.errors",
    ("AWS/DynamoDB", "ReadThrottleEvents"): "table.throttles",
    ("AWS/DynamoDB", "WriteThrottleEvents"): "table.throttles",
    ("AWS/CloudFront", "4xxErrorRate"): "edge.4xx",
}
"""Namespace and name → the key metric of the runbook that is made of it."""


class Choice(msgspec.Struct, frozen=True):
    """A metric that can be shown, or several that belong into one chart."""

    metric: MetricId
    """The first of a group."""
    watched: bool
    """The cockpit asks for it anyway; otherwise it was found by browsing."""
    settle: int = 120
    sparse: Sparseness = Sparseness.PER_REQUEST
    name: str = ""
    """What a group is called; empty: a single metric."""
    about: str = ""
    """Whose metrics a group has."""
    members: tuple[tuple[str, MetricId], ...] = ()
    """Of a group: what each is called in it."""
    mixed: bool = False
    """Its members are different metrics of one unit."""

    @property
    def grouped(self) -> bool:
        return bool(self.members)

    @property
    def key(self) -> Hashable:
        """Tells it apart from all others."""
        return (self.name, self.about, self.metric.region) if self.members else self.metric

    @property
    def title(self) -> str:
        return self.name or self.metric.name

    @property
    def subject(self) -> str:
        """`ApiGateway  ApiName=…, Stage=prod`."""
        if self.members:
            return self.about
        pairs = ", ".join(f"{name}={value}" for name, value in self.metric.dimensions)
        return f"{self.metric.namespace.removeprefix('AWS/')}  {pairs}"


class Ranked(msgspec.Struct, frozen=True):
    """A metric in the list, and how its resource stands among those it is compared with."""

    choice: Choice
    standing: Standing | None = None
    unit: Unit | None = None


def choices(situation: Situation, browsed: Sequence[MetricId] = ()) -> tuple[Choice, ...]:
    """What is watched first, in the order of the catalogue; then what else the resources publish."""
    found: dict[MetricId, Choice] = {}
    feeds = (situation.metrics.value, situation.edge_metrics.value, situation.percentiles.value)
    for signal in _signals(feeds):
        found.setdefault(signal.metric, Choice(signal.metric, True, signal.settle, signal.sparse))
    for signal in _diagnosis(situation):
        found.setdefault(signal.metric, Choice(signal.metric, False, signal.settle, signal.sparse))
    for metric in browsed:
        found.setdefault(metric, Choice(metric, False))
    return tuple(found.values())


def _diagnosis(situation: Situation) -> Sequence[Signal]:
    """What the parts publish and no panel shows: asked for when it is chosen."""
    parts, metrics = situation.parts.value, situation.metrics.value
    region = next((series.signal.metric.region for series in metrics.series.values()), "") if metrics else ""
    if parts is None or not region:
        return ()
    return diagnosis.signals(parts, situation.apis.value or (), situation.tables.value or (), region)


def ranked(found: Sequence[Choice], situation: Situation, assessment: Assessment | None) -> tuple[Ranked, ...]:
    """The metrics with what is judged of their resource: the worst first, of one key metric the highest first.

    What is not judged stands behind, in the order it had.
    """
    standings = _standings(assessment)
    resources = {
        signal.metric: signal.resource for signal in _signals((situation.metrics.value, situation.edge_metrics.value))
    }
    order = {key: place for place, key in enumerate(assessment.judgements)} if assessment is not None else {}
    rows = []
    for place, one in enumerate(found):
        key = "" if one.grouped else _key(one)
        standing = standings.get((key, resources.get(one.metric, "")))
        if standing is None and one.watched:
            standing = _alone(key, one.metric, situation, assessment)
        rank = (0, -1, 0.0, place) if one.grouped else (1, 0, 0.0, place)  # groups before what is fine
        if standing is not None:
            rank = (-standing.state.severity, order[key], -(standing.value or 0.0), place)
        rows.append((rank, Ranked(one, standing, assessment.judgements[key].unit if standing and assessment else None)))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))


def _standings(assessment: Assessment | None) -> dict[tuple[str, str], Standing]:
    if assessment is None:
        return {}
    return {
        (key, str(one.resource)): one for key, judgement in assessment.judgements.items() for one in judgement.standings
    }


def _signals(feeds: Iterable[Metrics | None]) -> Iterable[Signal]:
    return (series.signal for feed in feeds if feed is not None for series in feed.series.values())


def _alone(key: str, metric: MetricId, situation: Situation, assessment: Assessment | None) -> Standing | None:
    """How the only resource of its kind stands, when it is out of its band; in the series that tells it."""
    judgement = assessment.judgements.get(key) if assessment is not None else None
    if judgement is None or judgement.standings or judgement.state not in _OUT:
        return None
    told = _told(key, situation, assessment)
    if told is not None and told != metric and key == "table.throttles":
        return None  # of the reads and writes of a table and its indexes the one with most of the events
    return Standing(SafeText(""), judgement.state, judgement.value)


_OUT = (State.ELEVATED, State.WARN, State.CRIT)


def _told(key: str, situation: Situation | None, assessment: Assessment | None) -> MetricId | None:
    """The metric that a rule about `key` was taken from: of several resources the worst one's."""
    if situation is None or assessment is None:
        return None
    known = {signal.id: signal.metric for signal in _signals((situation.metrics.value, situation.edge_metrics.value))}
    rules = (one for one in assessment.alerts if one.about == key)
    return next((known[id] for one in rules for id in one.signals if id in known), None)


def first_choice(
    found: Sequence[Choice], assessment: Assessment | None, situation: Situation | None = None
) -> Choice | None:
    """What the screen begins with: the metric of the worst judgement, of several the one told first, else the first."""
    judgements: Mapping[str, Judgement] = assessment.judgements if assessment is not None else {}
    out = [judgements[key] for key in FIRST if key in judgements and judgements[key].state in (State.WARN, State.CRIT)]
    worst = max(out, key=lambda one: one.state.severity, default=None)
    if worst is not None:
        told = _told(worst.key, situation, assessment)
        about = [one for one in found if not one.grouped and _key(one) == worst.key]
        about.sort(key=lambda one: (one.metric != told, not _is_the_worst(one.metric, worst)))
        if about:
            return about[0]
    judged = [one for one in found if (key := _key(one)) in judgements and _is_the_worst(one.metric, judgements[key])]
    return next(iter(judged), found[0] if found else None)


def _key(one: Choice) -> str:
    """What is judged of a metric; empty: nothing."""
    return _JUDGED.get((one.metric.namespace, one.metric.name), "")


def _is_the_worst(metric: MetricId, judgement: Judgement) -> bool:
    """Of several resources the worst; one alone is its own."""
    worst = next((str(one.resource) for one in judgement.standings), "")
    return not worst or any(value == worst for _, value in metric.dimensions)


def matching(found: Sequence[Choice], wanted: str) -> tuple[Choice, ...]:
    """Those in which every word of `wanted` is found; a word that begins with `!` must not be."""
    words = wanted.lower().split()
    return tuple(one for one in found if all(_has(one, word) for word in words))


def _has(one: Choice, word: str) -> bool:
    text = f"{one.title} {one.subject} {one.metric.region}".lower()
    return word[1:] not in text if word.startswith("!") and len(word) > 1 else word in text


_RATES = ("4xxerror", "5xxerror", "4xx", "5xx")
"""Counts of an API whose Average is a rate."""


def unit_and_scale(metric: MetricId, statistic: str) -> tuple[Unit, float]:
    """What a statistic is measured in, and the factor that makes CloudWatch's number that.

    The Average of API Gateway's error counts is the error rate, 0..1.
    """
    if statistic == "SampleCount":
        return Unit.COUNT, 1.0
    name = metric.name.lower()
    if name.endswith("rate"):
        return Unit.PERCENT, 1.0
    if metric.namespace == "AWS/ApiGateway" and name in _RATES and statistic == "Average":
        return Unit.PERCENT, 100.0
    if metric.namespace.startswith("AWS/") and any(word in name for word in ("latency", "duration")):
        return Unit.MILLISECONDS, 1.0
    return Unit.COUNT, 1.0


def timeout(metric: MetricId, functions: Iterable[Function]) -> tuple[Threshold, ...]:
    """Where a function is cut off, as it is configured; nothing for what is no function's duration."""
    if (metric.namespace, metric.name) != ("AWS/Lambda", "Duration"):
        return ()
    name = dict(metric.dimensions).get("FunctionName")
    return tuple(
        Threshold(1000.0 * one.timeout_s, State.CRIT, "timeout")
        for one in functions
        if one.name == name and one.timeout_s
    )


def thresholds(metric: MetricId, statistic: str, settings: Settings) -> tuple[Threshold, ...]:
    """The runbook's lines for this metric, where the statistic is what they are about."""
    if statistic in ("SampleCount", "Sum"):
        return ()
    limits = settings.thresholds
    bands: dict[str, Bands] = {
        "api.latency": limits.api_latency_ms,
        "api.errors": limits.error_rate_percent,
        "lambda.duration": limits.lambda_duration_ms,
        "edge.4xx": limits.edge_4xx_percent,
    }
    found = bands.get(_JUDGED.get((metric.namespace, metric.name), ""))
    if found is None:
        return ()
    return (Threshold(found.warning, State.WARN), Threshold(found.critical, State.CRIT))
