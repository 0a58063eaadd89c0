"""The app and its alerts: they are followed with every judgement, heard when that is wished, answered by keys."""

from __future__ import annotations

import os
from typing import Any

from services.alerting.hook import start
from services.alerting.keeping import Told
from services.alerting.life import Life
from services.alerting.outputs import Output, Way, outputs
from services.alerting.terminal import multiplexer_of
from services.clock import Clock
from services.model.alerts import Alert
from services.model.assessment import Assessment
from services.safe_text import SafeText
from services.settings.values import Environment
from tui.alert_desk import AlertDesk
from tui.alert_errands import AlertErrands
from tui.alert_facts import named, waiting
from tui.screens.acknowledge import AcknowledgeScreen
from tui.screens.rule import RuleScreen
from tui.threads import in_loop
from widgets import wording

UNHEARD = 20
"""Most sounds that wait for a terminal that takes nothing."""


class Answering(AlertErrands):
    """What becomes of alerts, on the screen's side."""

    _machine: Clock

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self._desk: AlertDesk | None = None
        self._unheard: list[str] = []
        self._store_told = ""
        self._hooks_told: set[str] = set()

    def present_soon(self) -> None:
        raise NotImplementedError

    # ---- following

    def begin_alerts(self, environment: Environment) -> None:
        """Follow this environment's alerts and no other's."""
        self.end_alerts()
        self._unheard, self._store_told, self._hooks_told, self._errand = [], "", set(), None
        self._desk = AlertDesk(environment, in_loop(self._alerts_told), self._machine.monotonic)

    def end_alerts(self) -> None:
        """Follow nothing any more."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    @property
    def alert_life(self) -> Life:
        """What is known of the alerts."""
        return self._desk.life if self._desk is not None else Life()

    def follow_alerts(self, assessment: Assessment) -> None:
        """The newest judgement."""
        if self._desk is not None:
            self._desk.follow(assessment.alerts, assessment.at)

    def look_after_alerts(self) -> None:
        """With every beat: what could not be heard is heard when the terminal takes it; a dead store is given up."""
        if self._desk is not None:
            self._desk.look_after()
        if self._unheard and not self.behind:
            self._sound()

    def _alerts_told(self, desk: AlertDesk, told: Told) -> None:
        """On the screen's loop."""
        if desk is not self._desk:
            return
        new = desk.take(told)
        self._say_problem(told.problem)
        multiplexer = multiplexer_of(os.environ)
        for output in outputs(new, told.ours, desk.environment.name, self.settings.alerting, multiplexer):
            self._make_heard(output)
        self._confirm(told)
        self.present_soon()

    def _say_problem(self, problem: str) -> None:
        """Once for each."""
        if problem and problem != self._store_told:
            said = f"{problem} Alerts are followed in this screen alone until then."
            self.notify(said, title="Alerts are not shared", severity="warning", timeout=15, markup=False)
        self._store_told = problem or self._store_told

    def _confirm(self, told: Told) -> None:
        """What became of a key that was pressed here."""
        taken = [one.title for one in told.written if one.acknowledged is not None]
        if taken and len(taken) == len(told.written):
            by = told.written[0].acknowledged
            self.notify(f"{', '.join(taken)}: acknowledged by {by.by if by else ''}.", markup=False)
        for one in told.refused:
            self.notify(f"{one.title}: {_why_refused(one)}.", severity="warning", markup=False)

    # ---- being heard

    def _make_heard(self, output: Output) -> None:
        if output.way is Way.COMMAND:
            start(output, self.settings.alerting.command_limit_s, in_loop(self._hook_failed))
            return
        self._unheard = [*self._unheard, output.text][-UNHEARD:]
        if not self.behind:
            self._sound()

    def _sound(self) -> None:
        """Write what rings. A terminal that is not read is never waited for."""
        text, self._unheard = "".join(self._unheard), []
        if self._driver is not None and not self.is_headless:
            self._driver.write(text)

    def _hook_failed(self, said: SafeText) -> None:
        """Each way of failing is told once."""
        if said not in self._hooks_told:
            self._hooks_told.add(said)
            self.notify(
                f"{said}. An alert was not handed on; said once.",
                title="Alert command", severity="error", timeout=30, markup=False,
            )  # fmt: skip

    # ---- keys

    def do_acknowledge(self) -> None:
        """Take on what the screen shows as waiting: at once when it is one alert, after a choice of several."""
        shown = waiting(self._picture.alerts) if self._picture is not None else ()
        if not shown:
            self.notify("Nothing waits to be acknowledged.", markup=False)
        elif len(shown) == 1:
            self.acknowledge(shown)
        else:
            now = self._picture.now if self._picture is not None else shown[0].raised
            self.push_screen(AcknowledgeScreen(shown, now), self._chosen)

    def _chosen(self, alerts: tuple[Alert, ...] | None) -> None:
        if alerts:
            self.acknowledge(alerts)

    def acknowledge(self, alerts: tuple[Alert, ...]) -> None:
        """The person here takes these alerts on, for all screens."""
        if self._desk is not None:
            self._desk.acknowledge(alerts, self.clock.now())

    def do_alert(self) -> None:
        """Open the rule that the header speaks of, or the one that matters most."""
        key = named(self._picture) if self._picture is not None else ""
        if key:
            self.open_rule(key)
        else:
            self.notify("Nothing has been judged yet.", markup=False)

    def open_rule(self, key: str) -> None:
        """Open one rule of the runbook."""
        self.push_screen(RuleScreen(key, self._picture))
        self.present_soon()

    def on_rule_screen_acknowledge(self, message: RuleScreen.Acknowledge) -> None:
        message.stop()
        self.acknowledge((message.alert,))

    def on_rule_screen_escalated(self, message: RuleScreen.Escalated) -> None:
        """One call tells of everything that is open: nobody is called about each alert of one night."""
        message.stop()
        if self._desk is None:
            return
        told = tuple(one for one in self._desk.life.open if one.rings and one.on_rung(message.rung) is None)
        self._desk.escalated(told, message.rung, self.clock.now(), dismissed=message.dismissed)

    def on_rule_screen_stepped(self, message: RuleScreen.Stepped) -> None:
        message.stop()
        self.take_step(message.alert, message.step, message.note)

    def take_step(self, alert: Alert, step: int, note: str = "") -> None:
        """The person here has taken a step of the first response, for all screens to see."""
        if self._desk is not None:
            self._desk.stepped(alert, step, note, self.clock.now())

    def on_rule_screen_do(self, message: RuleScreen.Do) -> None:
        """A key of the runbook's action: the rule is closed, and the key does what it does everywhere."""
        message.stop()
        if isinstance(self.screen, RuleScreen):
            self.pop_screen()
        self.action_run(message.identity)
        self.run_errand(message)
        if message.identity == "metrics" and message.metric is not None:
            from tui.screens.metrics import MetricsScreen

            screen = self._framed.get("metrics")
            if isinstance(screen, MetricsScreen):
                screen.choose(message.metric)

    def action_run(self, identity: str) -> None:
        raise NotImplementedError


def _why_refused(alert: Alert) -> str:
    if not alert.open:
        return "it is over"
    if alert.acknowledged is not None:
        return f"{alert.acknowledged.by} was first, at {wording.minute(alert.acknowledged.at)}"
    return "somebody was first, or another screen is writing; press the key again"
