"""Screen 7: CloudWatch's alarms of both regions, one of them opened, and what all of them did overnight.

The list is the situation's. How alarms are set up, what mutes them and what they did is asked only while the screen
is seen: once for each change of their states, and for each one that is opened.
"""

from __future__ import annotations

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from services.model.alarms import Alarm
from services.model.reading import Reading
from services.settings.values import Environment
from tui.alarm_beside import beside, identities
from tui.alarm_rows import alarm_rows, matching, summary
from tui.picture import Picture
from tui.screens.alarms_asking import AlarmsAsking
from tui.screens.cockpit import cockpit
from tui.screens.moving import Moving
from widgets.alarm_table import AlarmRow, AlarmTable
from widgets.alarm_view import AlarmView
from widgets.alarm_view_alerts import AlertList, AlertRow, AlertStrip
from widgets.alarm_view_history import HistoryView

INSIDE = ("-one", "-overnight", "-alerts")
"""Classes of what stands in place of the list."""


class AlarmsScreen(Moving, AlarmsAsking):
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
        self._opened: tuple[str, str] | None = None
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
        self._begin()
        self._wanted, self._opened = "", None
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

    # ---- keys

    def step_back(self) -> bool:
        """One alarm, the night, the filter: what is open closes, one a press."""
        if any(self.has_class(name) for name in INSIDE):
            self._only("")
            self._again()
            return True
        if self._drop_filter():
            self._again()
            return True
        return False

    def do_open(self) -> None:
        """Open the selected alarm and ask what it did; of the runbook's alerts, the rule."""
        rule = self._rules.selected
        if self.has_class("-alerts") and rule is not None:
            cockpit(self).open_rule(rule.alert.key)
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

    def _to_list(self) -> None:
        self._only("")
