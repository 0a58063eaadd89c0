"""What is told of an environment, against what a scenario's truth says of an instant."""

from __future__ import annotations

from datetime import timedelta

from services.model.alerts import AlertReading, AlertState
from services.model.assessment import Assessment, State
from services.model.changes import ChangeKind
from services.simulated.world.scenarios import Rule, Telling, Truth
from tests.simulated_support import START

BLIND = frozenset({State.NO_DATA, State.DENIED, State.UNVERIFIED, State.LATE, State.STALE})
"""The silences in which a rule can say nothing."""

OF_NODE = {
    "users": ("api.requests",),
    "cloudfront": ("edge.4xx",),
    "api": ("api.latency", "api.errors"),
    "lambda": ("lambda.duration", "lambda.errors"),
    "dynamodb": ("table.throttles",),
}
"""Which judgements colour a component of the strip."""

OF_FEED = {"cloudwatch:DescribeAlarms": ("cloudwatch", "sns"), "log:application": ("cloudwatch",)}
"""Which components cannot be seen without an operation, or a log."""


def contradictions(told: Assessment, truth: Truth, telling: Telling) -> list[str]:
    """Everything in which what is told differs from the truth; empty when nothing does."""
    return [
        *_verdict(told, telling),
        *_bands(told, truth, telling.at),
        *_alerts(told, truth, telling),
        *_suspects(told, truth, telling),
        *_nodes(told, truth, telling),
        *_values(told, truth, telling.at),
    ]


def line(alert: AlertReading) -> Rule | None:
    """The runbook's line of an alert or trigger; None for a band without one."""
    if alert.key.startswith("threshold."):
        return None
    return Rule(int(alert.source.rpartition(" ")[2]))


def _verdict(told: Assessment, telling: Telling) -> list[str]:
    verdict = told.verdict
    wrong = [f"does not say {part!r}: {verdict.sentence}" for part in telling.says if part not in verdict.sentence]
    if verdict.state is not telling.state:
        wrong.append(f"is {verdict.state}, not {telling.state}: {verdict.sentence}")
    if verdict.key != telling.key:
        wrong.append(f"offers {verdict.key!r}, not {telling.key!r}")
    if telling.clock not in verdict.clock or (verdict.clock and not telling.clock):
        wrong.append(f"the line below says {verdict.clock!r}, not {telling.clock!r}")
    if telling.since is not None:
        began = START + timedelta(seconds=telling.since)
        if verdict.since is None or not began - timedelta(seconds=60) < verdict.since <= began + timedelta(seconds=60):
            wrong.append(f"since {verdict.since}, not {began}")
    return wrong


def expected(truth: Truth, key: str, at: float) -> frozenset[State]:
    """The states that a judgement may be in at an instant."""
    for reach in truth.reaches:
        if reach.key == key and reach.by <= at and (reach.until is None or at <= reach.until):
            return frozenset({reach.state})
    return frozenset({State.OK, State.ELEVATED} if key in truth.may_reach else {State.OK})


def _bands(told: Assessment, truth: Truth, at: float) -> list[str]:
    return [
        f"{key} is {one.state}: {one.reason}"
        for key, one in told.judgements.items()
        if one.state not in expected(truth, key, at)
    ]


def _alerts(told: Assessment, truth: Truth, telling: Telling) -> list[str]:
    reached = {reach.key for reach in truth.reaches}
    # A band without a line of the runbook is told as an alert of its own: the truth names it as a band.
    firing = {
        alert.key: line(alert)
        for alert in told.alerts
        if alert.firing and not (line(alert) is None and alert.about in reached)
    }
    wrong = []
    if set(firing.values()) != set(telling.rings):
        wrong.append(f"fires {sorted(firing)}, not {[rule.name for rule in telling.rings]}")
    by_rule = {line(alert): alert for alert in told.alerts}
    for count in telling.counts:
        clock = by_rule[count.rule].clock
        if not count.least <= clock.held <= count.most:
            wrong.append(f"{count.rule.name} has {clock.held:g}, not {count.least:g} to {count.most:g}")
    for alert in told.alerts:
        seen = told.judgements.get(alert.about)
        if line(alert) is Rule.LOW_ACTIVITY and seen is not None and seen.state is State.LATE:
            continue  # it judges whole hours: what is late is of an hour that is not over
        if seen is not None and (seen.state in BLIND) != (alert.state is AlertState.UNOBSERVABLE):
            wrong.append(f"{alert.key} is {alert.state} although {alert.about} is {seen.state}: {alert.sentence}")
    return wrong


def _suspects(told: Assessment, truth: Truth, telling: Telling) -> list[str]:
    if not telling.blames:
        wrong = [f"{one.key} blames {one.ranked[0].sentence}" for one in told.suspects if one.ranked]
        named = told.verdict.suspect
        # What gets worse by and by is named before anything is out of its band.
        creeps = (
            truth.cause is not None and truth.cause.creeps and named is not None and named.label == truth.cause.what
        )
        return wrong + ([f"the verdict blames {named.label}"] if named is not None and not creeps else [])
    assert truth.cause is not None
    kinds = {
        "stage": ChangeKind.STAGE,
        "content": ChangeKind.CONTENT,
        "configuration": ChangeKind.CONFIGURATION,
    }
    kind = kinds.get(truth.cause.kind, ChangeKind.ALIAS)
    breached = bool(truth.reaches or truth.may_reach)
    wrong = [] if told.suspects or not breached else ["no breach has a suspect"]
    for one in told.suspects:
        first = one.ranked[0].change if one.ranked else None
        if first is None or first.kind is not kind or truth.cause.what not in (first.label, *first.sentence.split()):
            wrong.append(f"{one.key} does not blame {truth.cause.what}: {one.sentence}")
        elif abs((first.at - START).total_seconds() - truth.cause.at) > 5:
            wrong.append(f"{one.key} has the change at {first.at}")
        elif truth.cause.creeps and not all(part in one.sentence for part in ("p99", "mean", "memory")):
            wrong.append(f"{one.key} does not say what has grown: {one.sentence}")
        elif (
            kind is ChangeKind.ALIAS
            and not truth.cause.creeps
            and not (one.ranked[0].after or 0) > 5 > 1 > (one.ranked[0].before or 0)
        ):
            wrong.append(f"{one.key} does not compare the versions: {one.sentence}")
    blamed = told.verdict.suspect
    if blamed is None or truth.cause.what not in (blamed.label, *blamed.sentence.split()):
        wrong.append(f"the verdict does not blame {truth.cause.what}")
    return wrong


def _values(told: Assessment, truth: Truth, at: float) -> list[str]:
    """The figures that the account publishes, where one of them is what a panel shows."""
    wrong = []
    for sign in truth.signs:
        one = told.judgements.get(sign.figure)
        # A panel shows the newest five minutes that are settled, some ten minutes old at most.
        if one is None or sign.statistic != "Average" or not sign.begins + 660 <= at <= sign.ends:
            continue
        if one.value is None or (one.value > sign.value) != (sign.beyond == "above"):
            wrong.append(f"{sign.figure} shows {one.value}, not {sign.beyond} {sign.value:g}")
    return wrong


def _nodes(told: Assessment, truth: Truth, telling: Telling) -> list[str]:
    unseen = {node for feed in truth.silent for node in OF_FEED.get(feed, ())}
    wrong = []
    for node in told.nodes:
        keys = OF_NODE.get(node.key, ())
        ill = any(told.judgements[key].state is not State.OK for key in keys)
        ill = ill or (node.key == "cloudwatch" and bool(telling.alarms)) or node.key in unseen
        ill = ill or (node.key == "health" and any(one.rule is Rule.HEALTH_TRIGGER for one in telling.counts))
        if ill != (node.state is not State.OK):
            wrong.append(f"{node.title} is {node.state} ({node.note})")
    return wrong
