"""CloudWatch's alarms and the runbook's alerts side by side: which are about the same metrics, and where they differ.

Pure. They differ when one rings and the other, live and able to see, does not. An alert that is still counting, a
silence, or an alarm whose state is not to be believed disagrees with nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from services.model.alerts import AlertReading, AlertState
from services.model.assessment import State
from services.model.series import MetricId, Metrics
from services.model.situation import Situation
from widgets.alarm_table import AlarmRow, Remark
from widgets.alarm_view_alerts import AlertRow


def identities(situation: Situation) -> Mapping[str, MetricId]:
    """Signal id → the metric it is of."""
    feeds: tuple[Metrics | None, ...] = (
        situation.metrics.value,
        situation.percentiles.value,
        situation.edge_metrics.value,
    )
    return {key: series.signal.metric for feed in feeds if feed is not None for key, series in feed.series.items()}


def beside(
    rows: Sequence[AlarmRow], alerts: Sequence[AlertReading], metrics: Mapping[str, MetricId]
) -> tuple[tuple[AlarmRow, ...], tuple[AlertRow, ...]]:
    """Both lists, each told of the other. Alarms whose set-up is not known yet stand beside nothing."""
    watched = {alert.key: frozenset(metrics[key] for key in alert.signals if key in metrics) for alert in alerts}
    alarm_rows: list[AlarmRow] = []
    for row in rows:
        own = _metrics(row)
        known = [alert for alert in alerts if own and own & watched[alert.key]]
        alarm_rows.append(_told(row, known))
    alert_rows = []
    for alert in alerts:
        known_rows = [row for row in alarm_rows if _metrics(row) & watched[alert.key]]
        differing = [row for row in known_rows if row.disagrees and _differ(row, alert)]
        names = tuple(str(row.alarm.name) for row in known_rows)
        alert_rows.append(AlertRow(alert, names, _difference(alert, differing)))
    return tuple(alarm_rows), tuple(alert_rows)


def _metrics(row: AlarmRow) -> frozenset[MetricId]:
    return frozenset(row.detail.metrics) if row.detail is not None else frozenset()


def _told(row: AlarmRow, alerts: Sequence[AlertReading]) -> AlarmRow:
    if not alerts:
        return row
    differing = [alert for alert in alerts if _differ(row, alert)]
    # They differ only if none of the alerts on the metric says what the alarm says.
    differs = bool(differing) and not any(_same(row, alert) for alert in alerts)
    chosen = differing[0] if differs else max(alerts, key=lambda alert: alert.state.rank)
    clock = f" {chosen.clock.text}" if chosen.state in (AlertState.COUNTING, AlertState.FIRING) else ""
    text = f"{chosen.title} ({chosen.source}) {chosen.state.value}{clock}: {chosen.sentence}"
    remarks = (Remark("differs from the runbook", State.WARN), *row.remarks) if differs else row.remarks
    return msgspec.structs.replace(row, beside=text, disagrees=differs, remarks=remarks)


def _differ(row: AlarmRow, alert: AlertReading) -> bool:
    if row.state is State.CRIT:
        return alert.state is AlertState.QUIET
    return row.state is State.OK and alert.firing


def _same(row: AlarmRow, alert: AlertReading) -> bool:
    return (row.state is State.CRIT and alert.firing) or (row.state is State.OK and alert.state is AlertState.QUIET)


def _difference(alert: AlertReading, rows: Sequence[AlarmRow]) -> str:
    if not rows:
        return ""
    names = ", ".join(str(row.alarm.name) for row in rows[:2])
    more = f" and {len(rows) - 2} more" if len(rows) > 2 else ""
    return f"{names}{more} {'OK' if alert.firing else 'in ALARM'}"
