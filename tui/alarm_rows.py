"""From a situation's alarms to the rows of screen 7: which are live, which stale, whom they tell, what matters first.

Pure. An alarm on DynamoDB's throttle metrics ignores missing data whatever it is told, and these metrics exist only
when they are not zero: such an alarm can stay in ALARM for hours after the last throttle (aws.md 0.10). So the live
sum is put beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.model.alarm_detail import AlarmDetail
from services.model.alarms import Alarm
from services.model.assessment import State
from services.model.series import Metrics, Series, Sparseness
from services.safe_text import SafeText
from widgets.alarm_table import AlarmRow, Remark

LIVE_S = 600
"""Seconds of settled periods that the live sum is taken over."""

Details = Mapping[tuple[str, str], AlarmDetail]
"""Region and name → how the alarm is set up."""


def alarm_rows(
    alarms: Sequence[Alarm], details: Details, metrics: Metrics | None, now: datetime
) -> tuple[AlarmRow, ...]:
    """A row for each alarm, what matters first."""
    rows = [_row(alarm, details.get((alarm.region, alarm.name)), metrics, now) for alarm in alarms]
    return tuple(sorted(rows, key=lambda row: (_rank(row), _newest_first(row.alarm), row.alarm.name)))


def matching(rows: Sequence[AlarmRow], wanted: str) -> tuple[AlarmRow, ...]:
    """Those in which every word of `wanted` is found; a word that begins with `!` must not be."""
    return tuple(row for row in rows if chosen_by(wanted, _text(row)))


def chosen_by(wanted: str, text: str) -> bool:
    """Whether every word of `wanted` is in `text`, and none that begins with `!`; capitals do not matter."""
    text = text.lower()
    return all(
        word[1:] not in text if word.startswith("!") and len(word) > 1 else word in text
        for word in wanted.lower().split()
    )


def summary(rows: Sequence[AlarmRow]) -> str:
    """`3 in alarm, 1 stale, 2 without data, 6 OK; 4 notify nobody`."""
    kinds = ((State.CRIT, "in alarm"), (State.STALE, "stale"), (State.NO_DATA, "without data"), (State.OK, "OK"))
    counts = [(sum(row.state is state for row in rows), words) for state, words in kinds]
    said = ", ".join(f"{count} {words}" for count, words in counts if count)
    silent = sum(not row.alarm.notifies for row in rows)
    return f"{said}; {silent} {'notifies' if silent == 1 else 'notify'} nobody" if silent else said


def _row(alarm: Alarm, detail: AlarmDetail | None, metrics: Metrics | None, now: datetime) -> AlarmRow:
    stale = _stale(alarm, detail, metrics, now)
    state = State.STALE if stale else _state(alarm)
    words = {State.CRIT: "ALARM", State.OK: "OK", State.STALE: "STALE", State.NO_DATA: "NO DATA"}
    return AlarmRow(alarm, state, words.get(state, alarm.state), tuple(_remarks(alarm, detail, stale)), detail, stale)


def _state(alarm: Alarm) -> State:
    known = {"ALARM": State.CRIT, "OK": State.OK, "INSUFFICIENT_DATA": State.NO_DATA}
    return known.get(alarm.state, State.UNVERIFIED)


def _remarks(alarm: Alarm, detail: AlarmDetail | None, stale: str) -> list[Remark]:
    found: list[Remark] = []
    if stale:
        found.append(Remark("live sum 0", State.STALE))
    evaluation = detail.evaluation if detail is not None else alarm.evaluation
    if evaluation:
        found.append(Remark(evaluation.lower().replace("_", " "), State.WARN))
    if not alarm.actions_enabled:
        found.append(Remark("notifies nobody: off", State.WARN))
    elif not alarm.actions:
        found.append(Remark("notifies nobody", State.WARN))
    elif detail is not None and detail.muted_by:
        found.append(Remark(f"muted by {detail.muted_by[0]}", State.WARN))
    elif detail is not None and detail.suppressed:
        found.append(Remark("actions suppressed", State.WARN))
    else:
        found.append(Remark(f"tells {', '.join(target(one) for one in alarm.actions)}", State.OK))
    return found


def target(action: SafeText) -> str:
    """The last part of an action's ARN: the topic, the function, the policy."""
    return action.rsplit(":", 1)[-1].rsplit("/", 1)[-1] or action


def _rank(row: AlarmRow) -> int:
    """Live alarms, first those that ought to have told somebody; then what cannot be believed; the good last."""
    broken = any(remark.state is State.WARN for remark in row.remarks)
    if row.state is State.CRIT:
        return 0
    if row.state is State.OK:
        return 6 - broken
    return {State.UNVERIFIED: 1, State.STALE: 2, State.NO_DATA: 3}.get(row.state, 4)


def _newest_first(alarm: Alarm) -> float:
    return 0.0 if alarm.since is None else -alarm.since.timestamp()


def _text(row: AlarmRow) -> str:
    alarm = row.alarm
    remarks = " ".join(remark.text for remark in row.remarks)
    return f"{alarm.name} {alarm.region} {alarm.kind} {alarm.state} {row.word} {remarks} {alarm.reason}"


def _stale(alarm: Alarm, detail: AlarmDetail | None, metrics: Metrics | None, now: datetime) -> str:
    """Why an alarm in ALARM has no cause that is left; empty when it has, or when that is not known."""
    if alarm.state != "ALARM" or detail is None or not detail.plain or metrics is None:
        return ""
    metric = detail.metrics[0]
    if metric.namespace != "AWS/DynamoDB":
        return ""
    known = next((one for one in metrics.series.values() if one.signal.metric == metric), None)
    if known is None or known.signal.sparse is not Sparseness.NON_ZERO:
        return ""
    start, end = _settled(known, now)
    if start >= end or any(value for at, value in known.statistic("Sum").items() if start <= at < end):
        return ""
    return (
        f"{metric.name} is 0 in the last {(end - start) // 60} settled minutes. DynamoDB's missing data never ends an "
        "alarm; it stays until the metric has a new value."
    )


def _settled(series: Series, now: datetime) -> tuple[int, int]:
    """The last LIVE_S seconds of periods that are complete and were asked for."""
    period = series.signal.period
    end = min(series.asked_until, (int(now.timestamp()) - series.signal.settle) // period * period)
    return max(series.asked_from, end - LIVE_S), end
