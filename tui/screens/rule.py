"""One rule of the runbook, opened: everything about it, and the keys of what the runbook asks for."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen

from services.alerting.escalation import escalation
from services.model.alerts import Alert
from services.model.series import MetricId
from tui.keys import view_keys
from tui.picture import Picture
from tui.rule_facts import action_keys, order, reading_of, rule_page, series_of
from tui.rule_steps import EVENTS, Found, status_lines, status_note
from widgets.rule_view import RuleView

HINT = ("take", "called", "not_called", "next_rule")
"""Keys that the foot names, as far as they do something."""


class RuleScreen(ModalScreen[None]):
    """Follows the rule with this key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(",".join((key.key, *key.also)), f"do('{key.id}')", show=False) for key in view_keys("alert")),
        Binding("escape,q,enter,exclamation_mark", "leave", "leave", show=False),
        Binding("L", "app.run('app_log')", show=False),
    ]

    def __init__(self, key: str, picture: Picture | None = None) -> None:
        """`picture`: what is known now, so that the first key that is pressed counts."""
        super().__init__(classes="at-rule")
        self.key = key
        self._picture = picture
        self._said = self._titled = ""
        self._found = Found()
        # Held here, not looked up: a picture may be handed over while they come or go.
        self._dialog = Vertical(id="dialog")
        self._scroll = VerticalScroll(id="rule-scroll", can_focus=False)
        self._view = RuleView(id="rule-view")

    class Acknowledge(Message):
        """The person takes this alert on."""

        def __init__(self, alert: Alert) -> None:
            super().__init__()
            self.alert = alert

    class Escalated(Message):
        """The person has called the one whose turn it is, or decided not to."""

        def __init__(self, alert: Alert, rung: int, *, dismissed: bool) -> None:
            super().__init__()
            self.alert, self.rung, self.dismissed = alert, rung, dismissed

    class Stepped(Message):
        """The person has taken a step of the first response here."""

        def __init__(self, alert: Alert, step: int, note: str) -> None:
            super().__init__()
            self.alert, self.step, self.note = alert, step, note

    class Do(Message):
        """A key of the runbook's action was pressed."""

        def __init__(self, identity: str, metric: MetricId | None, rule: str, alert: Alert | None) -> None:
            """`alert`: the open one of the rule."""
            super().__init__()
            self.identity, self.metric, self.rule, self.alert = identity, metric, rule, alert

    def compose(self) -> ComposeResult:
        with self._dialog, self._scroll:
            yield self._view

    def on_mount(self) -> None:
        if self._picture is not None:
            self.present(self._picture)

    def present(self, picture: Picture) -> None:
        """Show the rule as it stands now."""
        self._picture = picture
        page = rule_page(picture, self.key, self._found)
        self._view.show(page)
        if page is None:
            return
        self.set_class(page.reading.firing and page.alert is not None and page.alert.waits, "-crit")
        self._say(page.reading.title, self._keys())

    def _say(self, title: str, hint: str) -> None:
        if title != self._titled:
            self._titled = title
            self._dialog.border_title = Content(title)
        if hint != self._said:
            self._said = hint
            self._dialog.border_subtitle = Content(hint)

    def _keys(self) -> str:
        alert = self._alert()
        works = {
            "take": alert is not None and alert.acknowledged is None,
            "called": self._turn() is not None,
            "not_called": self._turn() is not None,
            "next_rule": True,
        }
        words = [f"{key.shown} {key.label}" for key in view_keys("alert") if key.id in HINT and works[key.id]]
        return " · ".join(["esc closes", *words])

    def _alert(self) -> Alert | None:
        """The open alert of the rule."""
        return self._picture.alerts.current(self.key) if self._picture is not None else None

    def _turn(self) -> int | None:
        """The rung whose holder is to be called."""
        alert, picture = self._alert(), self._picture
        if alert is None or picture is None:
            return None
        turn = escalation(alert, picture.settings.alerting.ladder, picture.now)
        return turn.rung if turn is not None and turn.prompt else None

    # ---- keys

    def on_key(self, event: events.Key) -> None:
        """A key of the action does here what it does everywhere."""
        if self._picture is None:
            return
        found = next((one for one in action_keys(self._picture, self.key) if event.key in (one.key, *one.also)), None)
        if found is None:
            return
        event.stop()
        reading = reading_of(self._picture, self.key)
        series = series_of(self._picture.situation, reading) if reading is not None else ()
        metric = series[0].signal.metric if series else None
        self.post_message(self.Do(found.id, metric, self.key, self._alert()))

    def action_do(self, identity: str) -> None:
        """Do what a key of this view does."""
        getattr(self, f"do_{identity}")()

    def do_take(self) -> None:
        alert = self._alert()
        if alert is None:
            self.notify("It is not open: there is nothing to take on.", markup=False)
        elif alert.acknowledged is None:
            self.post_message(self.Acknowledge(alert))
        else:
            self.notify("It has been taken on already.", markup=False)

    def do_status(self) -> None:
        """Step 2: what `cockpit status` says now, with its time."""
        if self._picture is not None:
            lines = status_lines(self._picture)
            self._show(msgspec.structs.replace(self._found, status=lines))
            self._step_taken(2, status_note(lines))

    def do_events(self) -> None:
        """Step 3: the newest events of the stack."""
        if self._picture is not None:
            self._show(msgspec.structs.replace(self._found, events=EVENTS))
            self._step_taken(3, "")

    def do_more_events(self) -> None:
        """As many older ones."""
        if self._found.events:
            self._show(msgspec.structs.replace(self._found, events=self._found.events + EVENTS))

    def _show(self, found: Found) -> None:
        self._found = found
        if self._picture is not None:
            self.present(self._picture)

    def _step_taken(self, step: int, note: str) -> None:
        alert = self._alert()
        if alert is not None:
            self.post_message(self.Stepped(alert, step, note))

    def do_called(self) -> None:
        self._handled(dismissed=False)

    def do_not_called(self) -> None:
        self._handled(dismissed=True)

    def _handled(self, *, dismissed: bool) -> None:
        alert, rung = self._alert(), self._turn()
        if alert is not None and rung is not None:
            self.post_message(self.Escalated(alert, rung, dismissed=dismissed))
        else:
            self.notify("Nobody on the ladder is to be called now.", markup=False)

    def do_next_rule(self) -> None:
        self._step(1)

    def do_former_rule(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        if self._picture is None:
            return
        keys = order(self._picture)
        self.key = keys[(keys.index(self.key) + by) % len(keys)] if self.key in keys else self.key
        self._scroll.scroll_home(animate=False)
        self._show(Found())

    def do_rule_down(self) -> None:
        self._scroll.scroll_down(animate=False)

    def do_rule_up(self) -> None:
        self._scroll.scroll_up(animate=False)

    def do_rule_page_down(self) -> None:
        self._scroll.scroll_page_down(animate=False)

    def do_rule_page_up(self) -> None:
        self._scroll.scroll_page_up(animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)
