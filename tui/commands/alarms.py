"""`cockpit alarms`: the account's alarms and the runbook's alerts beside each other, and what the alarms have done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from services.problems import AccountError, ProblemKind
from tui.commands.common import Common, common_options, resolved
from tui.commands.output import coloured, say, table, word
from tui.commands.times import instant

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.model.alarm_detail import AlarmDetail, History, HistoryItem
    from services.model.situation import Situation
    from services.settings.values import Environment, Settings
    from tui.commands.glance import Glance
    from widgets.alarm_table import AlarmRow
    from widgets.alarm_view_alerts import AlertRow

_ANY = datetime(2026, 1, 1, tzinfo=UTC)


class Alarms(msgspec.Struct, frozen=True):
    """What was found of one environment at one instant."""

    environment: Environment
    situation: Situation
    rows: tuple[AlarmRow, ...]
    """What matters first."""
    alerts: tuple[AlertRow, ...]
    history: History | None
    """None: not asked for."""
    doubts: tuple[str, ...]
    """What could not be read, as sentences."""

    @property
    def ringing(self) -> bool:
        """Whether an alarm is in ALARM with a cause that is left, or an alert of the runbook fires."""
        from services.model.assessment import State

        return any(row.state is State.CRIT for row in self.rows) or any(one.alert.firing for one in self.alerts)

    @property
    def blind(self) -> bool:
        """Whether the alarms could not be read at all."""
        return self.situation.alarms.value is None

    @property
    def code(self) -> int:
        return 1 if self.ringing else 3 if self.blind else 0


@click.command(name="alarms", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("words", nargs=-1, metavar="[WORD...]")
@click.option("--since", default="", metavar="TIME", help="What the alarms did since then, too: 12h, 2d, 03:00.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def command(environment: str, words: tuple[str, ...], since: str, as_json: bool, common: Common) -> int:
    """Print ENV's alarms of every kind, and the runbook's own alerts beside them.

    WORDs choose among both: every one must be found, one that begins with ! must not; in an alarm's name, state,
    region, kind, remarks or reason, in an alert's title, state or sentence or the names of the alarms on its metrics.

    An alarm is STALE when it is in ALARM although its metric has been zero since: DynamoDB's missing data never ends
    one.

    Ends 0 when nothing that was chosen rings, 1 when an alarm is in ALARM or an alert of the runbook fires, 2 for a
    wrong configuration, 3 when AWS could not be reached or the alarms could not be read.

    \b
    --json: an object with
      version      1; grows when a field changes its meaning
      environment, stack, region, account, endpoint, at (ISO 8601)
      exit         this command's exit code
      alarms       list of name, region, kind, state (ALARM, OK, STALE, NO DATA ...), since, reason,
                   condition, remarks, tells, muted_by, stale, runbook, differs
      alerts       list of key, title, state, severity, clock, sentence, source, alarms, differs
      history      list of at, alarm, region, kind, summary, old, new, reason, failed; null without --since
      problems     list of sentences: what could not be read
    """
    from tui.commands.glance import JUDGED, glance, misnamed, unreachable

    if since:
        instant(since, _ANY, "--since")  # a slip is told before anybody is asked
    settings, found = resolved(environment, common)
    with glance(found, settings) as looking:
        situation = looking.answered(JUDGED)
        cause = unreachable(situation) or misnamed(situation)
        if cause is not None:
            raise AccountError(cause)
        told = _asked(looking, situation, settings, " ".join(words), since)
    if as_json:
        click.echo(msgspec.json.encode(record(told)))
    else:
        click.echo("\n".join(lines(told, coloured())))
    for sentence in told.doubts:
        say(sentence)
    return told.code


def _asked(looking: Glance, situation: Situation, settings: Settings, wanted: str, since: str) -> Alarms:
    """Everything that is told; how the alarms are set up, and what they did, is asked for now."""
    from services.rules import judge
    from tui.alarm_beside import beside, identities
    from tui.alarm_rows import alarm_rows, chosen_by, matching

    doubts: list[str] = []
    details = _details(looking, situation, doubts)
    history = _history(looking, situation, since, doubts) if since else None
    if situation.alarms.problem is not None:
        doubts.insert(0, f"Alarms: {situation.alarms.problem.message}.")
    alarms = situation.alarms.value or ()
    rows = alarm_rows(alarms, details, situation.metrics.value, situation.now)
    alerts = judge(situation, settings, situation.now).alerts
    rows, beside_them = beside(rows, alerts, identities(situation))
    chosen = tuple(one for one in beside_them if chosen_by(wanted, _words(one)))
    return Alarms(looking.environment, situation, matching(rows, wanted), chosen, history, tuple(doubts))


def _words(entry: AlertRow) -> str:
    alert = entry.alert
    return f"{alert.title} {alert.state} {alert.severity} {alert.sentence} {' '.join(entry.alarms)}"


def _details(looking: Glance, situation: Situation, doubts: list[str]) -> dict[tuple[str, str], AlarmDetail]:
    from services.aws import alarm_history

    names = alarm_history.by_region(situation.alarms.value or ())

    async def question(account: Account) -> tuple[AlarmDetail, ...]:
        return await alarm_history.set_up(account, names)

    try:
        return {one.key: one for one in looking.ask(question)} if names else {}
    except AccountError as error:
        doubts.append(f"How the alarms are set up: {error.problem.message}.")
        return {}


def _history(looking: Glance, situation: Situation, since: str, doubts: list[str]) -> History | None:
    from services.aws import alarm_history

    start = max(instant(since, situation.now, "--since"), situation.now - alarm_history.KEPT)

    async def question(account: Account) -> History:
        return await alarm_history.account_history(account, start)

    try:
        found = looking.ask(question)
    except AccountError as error:
        doubts.append(f"What the alarms did: {error.problem.message}.")
        return None
    if not found.whole:
        doubts.append("What the alarms did: there was more than is read; the oldest is missing.")
    return found


def lines(found: Alarms, colour: bool) -> list[str]:
    """As text: what rings, where and when, then a table each of alarms and alerts, then what the alarms did."""
    from services.model.assessment import State
    from tui.alarm_rows import summary
    from tui.commands.report import place

    problem = found.situation.alarms.problem
    unseen = State.DENIED if problem is not None and problem.kind is ProblemKind.DENIED else State.STALE
    state = State.CRIT if found.ringing else unseen if found.blind else State.OK
    firing = sum(one.alert.firing for one in found.alerts)
    alarms = "The alarms could not be read" if found.blind else f"Alarms: {summary(found.rows) or 'none'}"
    told = [f"{word(state, colour)}  {alarms}. Alerts of the runbook: {firing} of {len(found.alerts)} firing."]
    told += [place(found.environment, found.situation, found.situation.now), ""]
    if found.rows:
        told += table(
            ("ALARM", "STATE", "SINCE", "WHERE", "REMARKS", "REASON"), [_alarm(row) for row in found.rows], colour
        )
        told.append("")
    told += table(("ALERT", "STATE", "CLOCK", "FOUND"), [_alert(one) for one in _worst_first(found.alerts)], colour)
    if found.history is not None:
        told += ["", f"Since {found.history.since:%Y-%m-%d %H:%M:%S}Z:"]
        told += table(("AT", "ALARM", "WHAT", "REASON"), [_item(one) for one in _in_order(found.history)], colour)
    return told


def _alarm(row: AlarmRow) -> tuple[str, ...]:
    from widgets.arns import without_arns

    alarm = row.alarm
    since = f"{alarm.since:%Y-%m-%d %H:%M}Z" if alarm.since is not None else "-"
    reason = row.stale or (without_arns(alarm.reason) if alarm.state != "OK" else "")
    return (
        alarm.name,
        row.word,
        since,
        f"{alarm.region} {alarm.kind}",
        ", ".join(one.text for one in row.remarks),
        reason,
    )


def _alert(entry: AlertRow) -> tuple[str, ...]:
    from widgets.alarm_view_alerts import clock_of

    alert = entry.alert
    differs = f"differs: {entry.differs}. " if entry.differs else ""
    return (alert.title, alert.state.value, clock_of(alert) or "-", f"{differs}{alert.sentence}")


def _worst_first(alerts: Sequence[AlertRow]) -> list[AlertRow]:
    return sorted(alerts, key=lambda one: -one.alert.state.rank)


def _in_order(history: History) -> list[HistoryItem]:
    """Oldest first; of one instant the change before what it led to."""
    from services.model.alarm_detail import HistoryKind

    return sorted(history.items, key=lambda item: (item.at, item.kind is not HistoryKind.STATE))


def _item(item: HistoryItem) -> tuple[str, ...]:
    from widgets.arns import without_arns

    what = f"{item.old} -> {item.new}" if item.new else f"{'FAILED: ' if item.failed else ''}{item.summary}"
    return (f"{item.at:%Y-%m-%d %H:%M:%S}Z", item.alarm, without_arns(what), without_arns(item.reason))


def record(found: Alarms) -> dict[str, Any]:
    """As data; see the command's help for its fields."""
    from tui.commands.report import heading

    return {
        **heading(found.environment, found.situation, found.situation.now, found.code),
        "alarms": [_alarm_record(row) for row in found.rows],
        "alerts": [_alert_record(one) for one in found.alerts],
        "history": None if found.history is None else list(found.history.items),
        "problems": list(found.doubts),
    }


def _alarm_record(row: AlarmRow) -> dict[str, Any]:
    alarm, detail = row.alarm, row.detail
    return {
        "name": alarm.name,
        "region": alarm.region,
        "kind": alarm.kind,
        "state": row.word,
        "since": alarm.since,
        "reason": alarm.reason,
        "condition": detail.condition if detail is not None else None,
        "remarks": [one.text for one in row.remarks],
        "tells": list(alarm.actions) if alarm.actions_enabled else [],
        "muted_by": list(detail.muted_by) if detail is not None else None,
        "stale": row.stale,
        "runbook": row.beside,
        "differs": row.disagrees,
    }


def _alert_record(entry: AlertRow) -> dict[str, Any]:
    alert = entry.alert
    return {
        "key": alert.key,
        "title": alert.title,
        "state": alert.state,
        "severity": alert.severity,
        "clock": alert.clock.text,
        "sentence": alert.sentence,
        "source": alert.source,
        "alarms": list(entry.alarms),
        "differs": entry.differs,
    }
