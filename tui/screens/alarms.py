"""Screen 7: CloudWatch's alarms of both regions, one of them opened, and what all of them did overnight.

The list is the situation's. How alarms are set up, what mutes them and what they did is asked only while the screen
is seen: once for each change of their states, and for each one that is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from services.model.alarm_detail import AlarmDetail, History
from services.model.alarms import Alarm
from services.model.reading import Reading
from services.problems import AccountError, Problem
from services.settings.values import Environment
from tui.alarm_beside import beside, identities
from tui.alarm_rows import alarm_rows, matching, summary
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from tui.screens.moving import Moving
from widgets.alarm_table import AlarmRow, AlarmTable
from widgets.alarm_view import AlarmView
from widgets.alarm_view_alerts import AlertList, AlertRow, AlertStrip
from widgets.alarm_view_history import HistoryView

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.safe_text import SafeText
    from services.watch.on_demand import Question

OVERNIGHT = timedelta(hours=12)
"""The runbook's daily look back."""

KEPT = timedelta(days=14)
"""How long AWS keeps the history of an alarm."""

EDGE_REGION = "us-east-1"
"""Where CloudFront's alarms are."""


INSIDE = ("-one", "-overnight", "-alerts")
"""Classes of what stands in place of the list."""


class AlarmsScreen(Moving, FrameScreen):
    """Key `7`."""

    IDENTITY = "alarms"

    DEFAULT_CSS = """
    AlarmsScreen #title { height: 1; padding: 0 1; color: $foreground 82%; }
    AlarmsScreen #filter { height: 1; background: $boost; border: none; padding: 0 1; display: none; }
    AlarmsScreen.-filtering #filter { display: block; }
    AlarmsScreen #table { height: auto; max-height: 60%; }
    AlarmsScreen #alerts { display: none; border-top: solid $foreground 22%; }
    AlarmsScreen #preview { height: 1fr; border-top: solid $foreground 22%; scrollbar-size-vertical: 1; }
    AlarmsScreen.-tall #alerts, AlarmsScreen.-high #alerts { display: block; height: auto; max-height: 45%; }
    AlarmsScreen.-tall #table, AlarmsScreen.-high #table { max-height: 45%; }
    AlarmsScreen #rules { display: none; height: 1fr; }
    AlarmsScreen.-alerts #list { display: none; }
    AlarmsScreen.-alerts #rules { display: block; }
    AlarmsScreen #one, AlarmsScreen #overnight { display: none; height: 1fr; scrollbar-size-vertical: 1; }
    AlarmsScreen.-one #list, AlarmsScreen.-overnight #list { display: none; }
    AlarmsScreen.-one #one { display: block; }
    AlarmsScreen.-overnight #overnight { display: block; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._wanted = ""
        self._details: dict[tuple[str, str], AlarmDetail] = {}
        self._asked_for: object = None
        self._problem: Problem | None = None
        self._opened: tuple[str, str] | None = None
        self._history: Reading[History] = Reading()
        self._night: Reading[History] = Reading()
        self._is_seen = False
        self._title = Static(id="title", markup=False)
        self._table = AlarmTable(id="table")
        self._alerts = AlertStrip(id="alerts")
        self._rules = AlertList(id="rules")
        self._preview = AlarmView(brief=True, id="preview-view")
        self._view = AlarmView(id="one-view")
        self._field = Input(id="filter", placeholder="words; !word leaves out", compact=True, max_length=200)
        self._one = VerticalScroll(id="one", can_focus=False)
        self._overnight = HistoryView(id="overnight")

    # ---- the picture

    def body(self) -> ComposeResult:
        yield self._title
        with Vertical(id="list"):
            yield self._table
            yield self._alerts
            with VerticalScroll(id="preview", can_focus=False):
                yield self._preview
            yield self._field
        with self._one:
            yield self._view
        yield self._overnight
        yield self._rules

    def show(self, picture: Picture) -> None:
        situation = picture.situation
        if situation is None:
            return
        self._ask_details(situation.alarms.value or ())
        rows, alerts = self._all_rows()
        self._alerts.show(alerts, picture.now.replace(second=0))
        self._rules.show(alerts, picture.now)
        shown = matching(rows, self._wanted)
        self._table.show(shown, picture.now, self._empty(situation.alarms, bool(rows)))
        self._say_title(rows, shown)
        self._show_one(rows)
        if self.has_class("-overnight"):
            self._overnight.show(self._night, picture.now, frozenset(row.alarm.name for row in rows))

    def forget(self) -> None:
        self._wanted, self._details, self._asked_for, self._problem = "", {}, None, None
        self._opened, self._history, self._night = None, Reading(), Reading()
        self._field.value = ""
        self.remove_class(*INSIDE, "-filtering")
        self._alerts.show(())
        self._rules.begin()
        self._rules.show(())
        self._table.begin()
        self._table.show((), None, "not asked yet")
        self._preview.show(None, None)
        self._view.show(None, None)
        self._overnight.show(Reading(), None, frozenset())
        self._say("Alarms")

    def seen(self, yes: bool) -> None:
        self._is_seen = yes
        if yes and self.picture is not None:
            self.present(self.picture)

    def _all_rows(self) -> tuple[tuple[AlarmRow, ...], tuple[AlertRow, ...]]:
        """Alarms and alerts, each told of the other."""
        picture = self.picture
        if picture is None or picture.situation is None:
            return (), ()
        situation = picture.situation
        rows = alarm_rows(situation.alarms.value or (), self._details, situation.metrics.value, picture.now)
        alerts = picture.assessment.alerts if picture.assessment is not None else ()
        told, rules = beside(rows, alerts, identities(situation))
        life = picture.alerts
        return told, tuple(msgspec.structs.replace(one, life=life.current(one.alert.key)) for one in rules)

    def _empty(self, reading: Reading[tuple[Alarm, ...]], any_at_all: bool) -> str:
        if any_at_all:
            return f"no alarm has {self._wanted}"
        if reading.value is None:
            return f"{reading.problem.message}." if reading.problem is not None else "asking for the alarms …"
        return "this stack has no alarms: nobody is told of anything"

    def _say_title(self, rows: tuple[AlarmRow, ...], shown: tuple[AlarmRow, ...]) -> None:
        if self.has_class("-overnight"):
            self._say("Overnight: what the alarms did in the last 12 h")
            return
        if self.has_class("-alerts"):
            self._say("The runbook's own alerts and triggers · enter opens one")
            return
        count = f"{len(shown)} of {len(rows)}" if self._wanted else str(len(rows))
        words = f" · /{self._wanted}" if self._wanted else ""
        problem = f" · set-up not known: {self._problem.message}" if self._problem is not None else ""
        self._say(f"Alarms {count}{words} · {summary(rows)}{problem}" if rows else "Alarms")

    def _say(self, title: str) -> None:
        self._title.update(Content(title))

    def _show_one(self, rows: tuple[AlarmRow, ...]) -> None:
        now = self.picture.now if self.picture is not None else None
        self._preview.show(self._table.selected, now)
        if self._opened is not None:
            one = next((row for row in rows if (row.alarm.region, row.alarm.name) == self._opened), None)
            self._view.show(one, now, self._history)

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)
        self.show_keys()

    # ---- questions

    def _ask_details(self, alarms: tuple[Alarm, ...]) -> None:
        """Ask how the alarms are set up, once for each change of them; only while the screen is seen."""
        mark = tuple((alarm.region, alarm.name, alarm.state, alarm.since) for alarm in alarms)
        if not self._is_seen or not alarms or mark == self._asked_for:
            return
        self._asked_for = mark
        names: dict[str, list[str]] = {}
        for alarm in alarms:
            names.setdefault(alarm.region, []).append(alarm.name)
        self.run_worker(self._learn(names), group="details", exclusive=True)

    async def _learn(self, names: Mapping[str, list[str]]) -> None:
        from services.aws import alarm_history

        async def question(account: Account) -> tuple[AlarmDetail, ...]:
            found = await alarm_history.details(account, names)
            by: dict[tuple[str, str], tuple[SafeText, ...]] = {}
            for region in names:
                for name, rules in (await alarm_history.mutes(account, region)).items():
                    by[region, name] = rules
            return alarm_history.muted(found, by)

        try:
            self._details = {one.key: one for one in await self.ask(question)}
            self._problem = None
        except AccountError as error:
            self._problem = error.problem
        self._again()

    def _ask_history(self, key: tuple[str, str]) -> None:
        self.run_worker(self._learn_history(key), group="history", exclusive=True)

    async def _learn_history(self, key: tuple[str, str]) -> None:
        from services.aws import alarm_history

        async def question(account: Account) -> History:
            return await alarm_history.history(account, key[0], account.clock.now() - KEPT, name=key[1])

        self._history = await self._answer(question, self._history)
        self._again()

    def _ask_night(self) -> None:
        self.run_worker(self._learn_night(), group="history", exclusive=True)

    async def _learn_night(self) -> None:
        from services.aws import alarm_history

        async def question(account: Account) -> History:
            regions = dict.fromkeys((account.environment.region, EDGE_REGION))
            since = account.clock.now() - OVERNIGHT
            return alarm_history.merged(
                await asyncio.gather(*(alarm_history.history(account, region, since) for region in regions))
            )

        self._night = await self._answer(question, self._night)
        self._again()

    async def _answer(self, question: Question[History], before: Reading[History]) -> Reading[History]:
        try:
            found = await self.ask(question)
        except AccountError as error:
            return before.failed(error.problem, self._moment())
        return before.answered(found, self._moment())

    def _moment(self) -> datetime:
        moment: datetime = self.app.now()  # type: ignore[attr-defined]
        return moment

    # ---- keys

    def step_back(self) -> bool:
        """One alarm, the night, the filter: what is open closes, one a press."""
        if any(self.has_class(name) for name in INSIDE):
            self._only("")
            self._again()
            return True
        if self._wanted or self.has_class("-filtering"):
            self._wanted = ""
            self._close_filter()
            self._again()
            return True
        return False

    def do_open(self) -> None:
        """Open the selected alarm and ask what it did; of the runbook's alerts, the rule."""
        rule = self._rules.selected
        if self.has_class("-alerts") and rule is not None:
            self.app.open_rule(rule.alert.key)  # type: ignore[attr-defined]
            return
        row = self._table.selected
        if row is None or any(self.has_class(name) for name in INSIDE):
            return
        self._opened, self._history = (row.alarm.region, row.alarm.name), Reading()
        self._only("-one")
        self._ask_history(self._opened)
        self._again()

    def on_listing_opened(self) -> None:
        self.do_open()

    def on_listing_moved(self) -> None:
        self._again()

    def do_overnight(self) -> None:
        """Show, or leave, the night; asked anew each time it is opened."""
        if self.has_class("-overnight"):
            self._only("")
        else:
            self._only("-overnight")
            self._ask_night()
        self._again()

    def do_alerts(self) -> None:
        """Show the runbook's alerts alone, or the alarms again."""
        self._only("" if self.has_class("-alerts") else "-alerts")
        self._again()

    def _only(self, name: str) -> None:
        self.remove_class(*INSIDE)
        if name:
            self.add_class(name)
        if name != "-one":
            self._opened = None

    def moved_scroll(self) -> VerticalScroll | None:
        """What the keys move when it is not the list."""
        if self.has_class("-one"):
            return self._one
        return self._overnight if self.has_class("-overnight") else None

    def moved_list(self) -> AlarmTable | AlertList:
        return self._rules if self.has_class("-alerts") else self._table

    # ---- the filter

    def do_filter(self) -> None:
        """Type words; the list follows."""
        self._only("")
        self.add_class("-filtering")
        self._field.focus()
        self._again()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = event.value.strip()
        self._again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The words stay, the keys go back to the list."""
        event.stop()
        self._close_filter()

    def _close_filter(self) -> None:
        self.remove_class("-filtering")
        if self._field.value.strip() != self._wanted:
            self._field.value = self._wanted
        self.set_focus(None)
