"""From a picture to the page of one rule: its series, its ladder, the keys of its action, its life so far. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from services.alerting.escalation import escalation
from services.alerting.life import Life
from services.model.alerts import Alert, AlertClass, AlertReading
from services.model.series import Metrics, Series, Signal
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from tui.alert_facts import calls, waiting
from tui.keys import KEYS, Key, blocks, key_by_shown, why_off
from tui.picture import Picture
from tui.rule_steps import Found, steps
from widgets import wording
from widgets.rule_view import RuleKey, RulePage, RungLine, SeriesLine

NOTHING = Found()

STEPS_OPEN = ("1", "4", "8", "3")
"""Screens that the steps of the first response are about."""

EARLIER = 5
"""How many former alerts of a rule are told."""


def order(picture: Picture) -> tuple[str, ...]:
    """Keys of all rules: those that somebody has to answer, then the rest as the runbook lists them."""
    ladder = picture.settings.alerting.ladder
    first = [one.key for one in waiting(picture.alerts)]
    first += [one.key for one, _ in calls(picture.alerts, ladder, picture.now)]
    readings = picture.assessment.alerts if picture.assessment is not None else ()
    return tuple(dict.fromkeys([*first, *(one.key for one in readings)]))


def reading_of(picture: Picture, key: str) -> AlertReading | None:
    """What a rule says now."""
    readings = picture.assessment.alerts if picture.assessment is not None else ()
    return next((one for one in readings if one.key == key), None)


def rule_page(picture: Picture, key: str, found: Found = NOTHING) -> RulePage | None:
    """The page of the rule called `key` with what was `found` from it; None when there is none."""
    reading = reading_of(picture, key)
    if reading is None:
        return None
    alert, earlier = _alerts(picture.alerts, key)
    return RulePage(
        reading,
        picture.now,
        alert,
        earlier,
        _series(picture.situation, reading),
        _rungs(picture, reading, alert),
        tuple(one for shown in reading.keys if (one := _key(picture, shown)) is not None),
        steps(picture, alert, found),
        _note(picture.situation, reading),
        message(picture.environment.name, alert),
    )


def _alerts(life: Life, key: str) -> tuple[Alert | None, tuple[Alert, ...]]:
    known = sorted((one for one in life.alerts if one.key == key), key=lambda one: one.raised, reverse=True)
    known.sort(key=lambda one: not one.open)
    return (known[0], tuple(known[1 : 1 + EARLIER])) if known else (None, ())


def series_of(situation: Situation | None, reading: AlertReading) -> tuple[Series, ...]:
    """The series that a rule was taken from, as they are held."""
    if situation is None:
        return ()
    feeds = (situation.metrics.value, situation.percentiles.value, situation.edge_metrics.value)
    held = {key: one for feed in feeds if feed is not None for key, one in feed.series.items()}
    return tuple(held[key] for key in reading.signals if key in held)


_OF_ALL = {"api.5xx": "api.count", "lambda.errors": "lambda.invocations"}
"""Key of a rate's series → key of what it is a rate of."""


def _series(situation: Situation | None, reading: AlertReading) -> tuple[SeriesLine, ...]:
    own = series_of(situation, reading)
    lines = [SeriesLine(one.signal.metric, one.signal.statistics, one.signal.period) for one in own]
    if situation is not None and situation.metrics.value is not None:
        lines += [found for one in own for found in _beside(one.signal, situation.metrics.value)]
    return tuple(dict.fromkeys(lines))


def _beside(signal: Signal, metrics: Metrics) -> Iterator[SeriesLine]:
    """What a rate is of; the other series that throttle events are added up from."""
    table = signal.resource.partition("/")[0]
    for one in metrics.series.values():
        other = one.signal
        if other.key == _OF_ALL.get(signal.key) and other.resource == signal.resource:
            yield SeriesLine(other.metric, other.statistics, other.period, "of all of these")
        elif "throttles" in signal.key and "throttles" in other.key and other.resource.partition("/")[0] == table:
            yield SeriesLine(other.metric, other.statistics, other.period)


def _rungs(picture: Picture, reading: AlertReading, alert: Alert | None) -> tuple[RungLine, ...]:
    """The ladder, for alerts that climb it: from the first firing on."""
    rungs = picture.settings.alerting.ladder
    if alert is None or not alert.rings or reading.severity not in (AlertClass.CRITICAL, AlertClass.TRIGGER):
        return ()
    turn = escalation(alert, rungs, picture.now)
    return tuple(
        RungLine(
            alert.raised + timedelta(minutes=rung.after_min),
            safe(rung.who, 60),
            _rung_state(alert, index, turn.rung if turn is not None else None, prompt=turn is not None and turn.prompt),
            _rung_note(alert, index, picture),
            safe(rung.reach, 120),
        )
        for index, rung in enumerate(rungs)
    )


def _rung_state(alert: Alert, index: int, current: int | None, *, prompt: bool) -> str:
    handled = alert.on_rung(index)
    if handled is not None:
        return "dismissed" if handled.dismissed else "called"
    if current is None:
        return "later"
    if index == current:
        return "call" if prompt else "now"
    return "passed" if index < current else "next" if index == current + 1 else "later"


def _rung_note(alert: Alert, index: int, picture: Picture) -> SafeText:
    handled = alert.on_rung(index)
    if handled is not None:
        return SafeText(f"  {wording.minute(handled.at)} by {handled.by}")
    left = alert.raised + timedelta(minutes=picture.settings.alerting.ladder[index].after_min) - picture.now
    if alert.open and 0 < left.total_seconds() <= 3600:
        return SafeText(f"  in {wording.countdown(left.total_seconds())}")
    return SafeText("")


def _key(picture: Picture, shown: str) -> RuleKey | None:
    """What a key of the runbook's action does here; None when no screen stands behind it."""
    key = key_by_shown(shown)
    if key is None:
        return None
    off = why_off(key, picture.keys) if blocks(key, picture.keys) else ""
    return RuleKey(key.shown, key.label, off)


def _note(situation: Situation | None, reading: AlertReading) -> SafeText:
    """What the account says about the action: whether there is capacity to scale, how a function is set up."""
    if situation is None:
        return SafeText("")
    if reading.about == "table.throttles":
        return _capacity(situation, str(reading.resource))
    if reading.about == "lambda.errors":
        return _configuration(situation, str(reading.resource))
    return SafeText("")


def _capacity(situation: Situation, resource: str) -> SafeText:
    tables = situation.tables.value or ()
    table = next((one for one in tables if one.name == resource.partition("/")[0]), tables[0] if tables else None)
    if table is None:
        return SafeText("")
    if table.on_demand:
        return safe(f"{table.name}: on-demand, nothing to scale; look for one key that takes the most (hot partition)")
    return safe(f"{table.name}: provisioned, {table.read_units} read and {table.write_units} write units per second")


def _configuration(situation: Situation, resource: str) -> SafeText:
    functions = situation.functions.value or ()
    one = next((found for found in functions if found.name == resource), functions[0] if functions else None)
    if one is None:
        return SafeText("")
    return safe(f"{one.name}: {one.memory_mb} MB, {one.timeout_s} s at most, {one.runtime}")


def message(environment: str, alert: Alert | None) -> SafeText:
    """What the one who has acknowledged says in the channel (line 150); empty before."""
    if alert is None or alert.acknowledged is None:
        return SafeText("")
    took = alert.acknowledged
    return safe(
        f"Acknowledged {took.at:%H:%M} UTC by {took.by}: {alert.title} ({environment}), "
        f"firing since {alert.raised:%H:%M} UTC. {alert.sentence}",
        400,
    )


def action_keys(picture: Picture, key: str) -> Sequence[Key]:
    """The keys that work on the page of a rule besides its own: those of its action and of the first response."""
    reading = reading_of(picture, key)
    shown = {*(reading.keys if reading is not None else ()), *STEPS_OPEN, "R"}
    return [one for one in KEYS if one.shown in shown and one.id not in ("acknowledge", "alert")]
