"""What each key of the table does: `do_<id>`, one method a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.settings.values import Environment
from tui.answering import Answering
from tui.keys import KeyContext, blocks, key_by_id, why_off
from tui.screens.environments import ALL, EnvironmentsScreen
from tui.screens.help import HelpScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.operation import OperationScreen
from tui.screens.overview import OverviewScreen
from tui.showing import SCREENS
from widgets import wording

if TYPE_CHECKING:
    from tui.screens.fleet import FleetScreen


class Pressing(Answering):
    """The app's keys. What they change goes through `Acting`, which screen is up through `Showing`, what they answer
    through `Answering`."""

    @property
    def overview(self) -> OverviewScreen:
        raise NotImplementedError

    def switch_to(self, environment: Environment) -> None:
        raise NotImplementedError

    def equipped(self, environment: Environment) -> Environment:
        """`environment` as the command line wants it: at its endpoint, read-only."""
        raise NotImplementedError

    def present_soon(self) -> None:
        """Show everything anew at the next tick."""
        raise NotImplementedError

    def key_context(self) -> KeyContext:
        """What the key table needs to know to say which keys are on."""
        session = self.session
        situation = session.situation if session is not None else None
        operations = session.operations if session is not None else ()
        return KeyContext(
            read_only=session is not None and session.environment.read_only,
            parts_known=situation is not None and situation.parts.value is not None,
            has_operation=bool(operations),
            running=any(one.open for one in operations),
            orphaned=session is not None and bool(session.orphans),
            waiting=len(self.alert_life.waiting),
            unopened=session.problem.message if session is not None and session.problem is not None else "",
            undoable=any(one.reversible and not one.open for one in operations),
            capped=wording.cost_cap(situation.spending) if situation is not None else "",
        )

    def action_run(self, identity: str) -> None:
        """Do what the key with this id does, or say why it does nothing."""
        key = key_by_id(identity)
        context = self.key_context()
        if blocks(key, context):
            self.notify(f"{key.label.capitalize()}: {why_off(key, context)}.", severity="warning", markup=False)
            return
        if key.id in SCREENS:
            self.show_screen(key.id)
        elif key.where and self.screen is not self.overview:
            self.notify(f"{key.label.capitalize()}: only on the overview; 1 goes there.", markup=False)
        else:
            getattr(self, f"do_{key.id}")()

    def roll_back_to(self, target: int, function: str) -> None:
        """`R` on a version: as `R` everywhere, to that one."""
        key, context = key_by_id("rollback"), self.key_context()
        if blocks(key, context):
            self.notify(f"{key.label.capitalize()}: {why_off(key, context)}.", severity="warning", markup=False)
        else:
            self.prepare_rollback(target, function)

    def roll_back_stack(self) -> None:
        """`R` on the stack's operations: as `R` everywhere, of the stack."""
        key, context = key_by_id("rollback"), self.key_context()
        if blocks(key, context):
            self.notify(f"{key.label.capitalize()}: {why_off(key, context)}.", severity="warning", markup=False)
        else:
            self.prepare_stack()

    def configure_function(self, name: str) -> None:
        """The order of memory and timeout, of the function with this name, or of the first."""
        key, context = key_by_id("configure"), self.key_context()
        if blocks(key, context):
            self.notify(f"{key.label.capitalize()}: {why_off(key, context)}.", severity="warning", markup=False)
        else:
            self.configure(name)

    def do_overview(self) -> None:
        self.show_overview()

    def do_rollback(self) -> None:
        if not self.offer_script():
            self.prepare_rollback()

    def do_invalidate(self) -> None:
        self.prepare_invalidation()

    def do_restore(self) -> None:
        self.prepare_restoration()

    def do_isolate(self) -> None:
        self.prepare_isolation()

    def do_undo(self) -> None:
        self.prepare_undo()

    def do_health(self) -> None:
        """The health score and what it is made of."""
        from tui.screens.health import HealthScreen

        if self.session is not None:
            self.push_screen(HealthScreen())
            self.present_soon()

    def do_outage(self) -> None:
        """A complete outage, step by step."""
        from tui.screens.outage import OutageScreen

        if self.session is not None:
            self.push_screen(OutageScreen(self.session, self.clock.now()))
            self.present_soon()

    def do_readiness(self) -> None:
        """Whether a rollback would work now, layer by layer."""
        from tui.screens.readiness import ReadinessScreen

        if self.session is not None:
            self.push_screen(ReadinessScreen(self.session.home))
            self.present_soon()

    def do_operation(self) -> None:
        operations = self.session.operations if self.session is not None else ()
        shown = next((one for one in operations if one.open), operations[0] if operations else None)
        if shown is not None:
            self.show_operation(shown.id)

    def show_operation(self, operation: str) -> None:
        """Open the screen that follows one operation."""
        self.push_screen(OperationScreen(operation))
        self.present_soon()

    def do_pause(self) -> None:
        self.overview.toggle_pause()

    def do_level(self) -> None:
        self.overview.cycle_level()

    def do_refresh(self) -> None:
        if self.session is not None and self.session.watch is not None:
            self.session.watch.refresh()

    def do_environment(self) -> None:
        current = self.session.environment.name if self.session is not None else ""
        self.push_screen(EnvironmentsScreen(self.settings.environments, current), self._environment_chosen)

    def on_fleet_screen_chosen(self, message: FleetScreen.Chosen) -> None:
        message.stop()
        self.show_overview()
        self._environment_chosen(message.name)

    def _environment_chosen(self, name: str | None) -> None:
        if name == ALL:
            self.show_screen("fleet")
            return
        if name is None or (self.session is not None and name == self.session.environment.name):
            return
        chosen = next(one for one in self.settings.environments if one.name == name)
        self.switch_to(self.equipped(chosen))

    def do_palette(self) -> None:
        self.action_command_palette()

    def do_suspend(self) -> None:
        self.action_suspend_process()

    def do_help(self) -> None:
        self.push_screen(HelpScreen(self.key_context(), self.runbook_facts()))

    def do_quit(self) -> None:
        operations = self.session.operations if self.session is not None else ()
        running = next((one for one in operations if one.open), None)
        if running is None:
            self.exit(0, return_code=0)
        elif not isinstance(self.screen, LeavingScreen):
            orphaned = self.session is not None and self.session.orphaned(running.id)
            self.push_screen(LeavingScreen(running, orphaned=orphaned), self._leaving_answered)

    def _leaving_answered(self, leave: bool | None) -> None:
        if leave:
            self.exit(0, return_code=0)
