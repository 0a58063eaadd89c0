"""The app: owns and folds the Situation, has it judged, and says who does what when.

The watch posts from its thread into the inbox; the inbox wakes the app once. A tick five times a second folds, judges
(only when something changed, and once a second because ages grow) and hands the picture to the screens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from services.clock import Clock, RealClock
from services.journal.home import JournalBroken
from services.model.assessment import Assessment
from services.model.entry import Operation
from services.settings.values import Environment, Settings
from tui.acting import Acting
from tui.keys import KEYS, KeyContext, blocks, key_by_id, why_off
from tui.messages import TerminalGone, UpdatesArrived
from tui.palette import KeyProvider
from tui.picture import Picture
from tui.screens.confirm import ConfirmScreen
from tui.screens.environments import EnvironmentsScreen
from tui.screens.help import HelpScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.operation import OperationScreen
from tui.screens.overview import OverviewScreen
from tui.session import Opener, Session, open_watch
from tui.terminal.crash import crash_sentence
from tui.terminal.driver import CockpitDriver
from tui.terminal.frames import DroppingFrames
from tui.terminal.stall import StallGuard
from tui.theme import theme

TICK = 0.2
"""Seconds of machine time between ticks."""

AGES_EVERY = 1.0
"""Seconds of machine time after which ages are shown anew though nothing arrived."""

CRASHED = 70


class CockpitApp(DroppingFrames, Acting):
    """One environment at a time, on one terminal."""

    CSS_PATH = ["styles/app.tcss", "styles/overview.tcss"]  # noqa: RUF012 - the base class declares no ClassVar
    TITLE = "cockpit"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {KeyProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join((key.key, *key.also)), f"run('{key.id}')", key.label, show=False, id=key.id)
        for key in KEYS
        if key.id != "focus"
    ]

    def __init__(
        self,
        settings: Settings,
        environment: Environment,
        *,
        opener: Opener = open_watch,
        equip: Callable[[Environment], Environment] = lambda environment: environment,
        machine: Clock | None = None,
    ) -> None:
        """`opener` makes the watch; `equip` gives an environment that is switched to what the command line says."""
        self._machine: Clock = machine or RealClock()
        self.guard = StallGuard(self._machine.monotonic)
        super().__init__(driver_class=CockpitDriver)
        self.settings = settings
        self.first_environment = environment
        self.session: Session | None = None
        self.assessment: Assessment | None = None
        self.crash = ""
        """The sentence about an exception that ended the app; empty when none did."""
        for production in (True, False):
            self.register_theme(theme(production))
        self.theme = theme(environment.production).name
        self._opener = opener
        self._equip = equip
        self._presented_at = 0.0
        self._dirty = True
        self._journal_problem = ""

    # ---- life

    def get_default_screen(self) -> Screen[Any]:
        return OverviewScreen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our tokens stand in every theme, the one before ours is set included."""
        return theme(production=False).variables

    def on_overview_screen_ready(self) -> None:
        """The widgets stand: there is something to show in."""
        self.switch_to(self.first_environment)
        self.set_interval(TICK, self._tick)

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.close()

    @property
    def lagging(self) -> bool:
        """Whether the terminal may show something old: frames were dropped, or a write takes long."""
        return self.frames_owed or self.guard.lagging

    @property
    def overview(self) -> OverviewScreen:
        """The screen at the bottom of the stack."""
        screen = self.screen_stack[0]
        assert isinstance(screen, OverviewScreen)
        return screen

    @property
    def clock(self) -> Clock:
        """The account's clock; this machine's until the account's is known."""
        clock = self.session.clock if self.session is not None else None
        return clock or self._machine

    def now(self) -> datetime:
        """The account's time."""
        return self.clock.now()

    # ---- one environment

    def switch_to(self, environment: Environment) -> None:
        """Leave the environment on the screen, with everything of it, and open `environment`."""
        if self.session is not None:
            self.session.close()
        self.assessment = None
        self._dirty, self._journal_problem = True, ""
        self.theme = theme(environment.production).name
        self.session = Session(environment, self.settings, self._woken, self._opener)
        self.overview.clear(self.settings.system, environment)
        self.call_after_refresh(self._open, self.session)
        self._present()

    def _woken(self) -> None:
        """Called on the watch's thread."""
        self.post_message(UpdatesArrived())

    @work(group="open")
    async def _open(self, session: Session) -> None:
        """Make the watch on a thread, so that the first paint waits for neither imports nor the network."""
        opened = await asyncio.to_thread(session.prepare)
        session.begin(opened)
        if session is self.session:
            self._dirty = True
            self._follow_journal(session)

    @work(group="journal", exclusive=True)
    async def _follow_journal(self, session: Session) -> None:
        """Read the journal for as long as the session is on the screen; its file system may be slow, so on a thread."""
        while session is self.session:
            try:
                found = await asyncio.to_thread(session.read_journal)
                operations, self._journal_problem = found.operations, ""
                if found.orphans != session.orphans:
                    session.orphans, self._dirty = found.orphans, True
            except JournalBroken as error:
                operations = None
                if not self._journal_problem:
                    self.notify(str(error), title="Journal", severity="error", timeout=15, markup=False)
                self._journal_problem = str(error)
            if operations is not None and session is self.session:
                first = session.situation is not None and session.situation.operations.waiting
                session.fold_journal(operations)
                self._dirty = True
                if first:
                    self._show_open_operation(operations)
            await asyncio.sleep(0.25 if any(one.open for one in session.operations) else 1.0)

    def _show_open_operation(self, operations: tuple[Operation, ...]) -> None:
        """What was under way before this screen began is the first thing a person has to see."""
        running = next((one for one in operations if one.open), None)
        if running is not None and self.screen is self.overview:
            self.show_operation(running.id)

    # ---- the tick

    def on_updates_arrived(self, message: UpdatesArrived) -> None:
        """Show what arrived at once, unless something was shown a moment ago: then the tick does."""
        message.stop()
        if self._machine.monotonic() - self._presented_at >= TICK:
            self._present()

    def _tick(self) -> None:
        report = self.guard.beat(self.behind)
        if report is not None:
            ignored = f" {report.keys} keys typed meanwhile were ignored." if report.keys else ""
            self.notify(
                f"The display was frozen for {report.seconds:.0f} s.{ignored}", severity="warning", markup=False
            )
        driver = self._driver
        if isinstance(driver, CockpitDriver) and driver.hung_up():
            self.terminal_gone()
        self._present()

    def _present(self) -> None:
        """Fold, judge if there is something new to judge, and hand out the picture."""
        session = self.session
        if session is None:
            return
        changed, batch = session.fold()
        if batch is not None:
            self.overview.extend(batch)
        at = self._machine.monotonic()
        due = at - self._presented_at >= AGES_EVERY
        if not (changed or self._dirty or due):
            return
        self._presented_at, self._dirty = at, False
        now = self.now()
        if session.situation is not None:
            from services.rules import judge

            self.assessment = judge(session.situation, self.settings, now)
        picture = Picture(
            self.settings,
            session.environment,
            session.situation,
            self.assessment,
            now,
            self.key_context(),
            session.orphans,
        )
        for screen in self.screen_stack:
            if isinstance(screen, (OverviewScreen, OperationScreen)):
                screen.present(picture)

    # ---- keys

    async def on_event(self, event: events.Event) -> None:
        """A confirmation that is not armed hears nothing but the way out."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, ConfirmScreen) and not event.is_forwarded and not screen.accepts(event):
            return
        await super().on_event(event)

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
            undoable=any(one.reversible and not one.open for one in operations),
        )

    def action_run(self, identity: str) -> None:
        """Do what the key with this id does, or say why it does nothing."""
        key = key_by_id(identity)
        context = self.key_context()
        if blocks(key, context):
            self.notify(f"{key.label.capitalize()}: {why_off(key, context)}.", severity="warning", markup=False)
            return
        getattr(self, f"do_{key.id}")()

    def do_rollback(self) -> None:
        self.prepare_rollback()

    def do_invalidate(self) -> None:
        self.prepare_invalidation()

    def do_undo(self) -> None:
        self.prepare_undo()

    def do_operation(self) -> None:
        operations = self.session.operations if self.session is not None else ()
        shown = next((one for one in operations if one.open), operations[0] if operations else None)
        if shown is not None:
            self.show_operation(shown.id)

    def show_operation(self, operation: str) -> None:
        """Open the screen that follows one operation."""
        self.push_screen(OperationScreen(operation))
        self._dirty = True

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

    def _environment_chosen(self, name: str | None) -> None:
        if name is None or (self.session is not None and name == self.session.environment.name):
            return
        chosen = next(one for one in self.settings.environments if one.name == name)
        self.switch_to(self._equip(chosen))

    def do_palette(self) -> None:
        self.action_command_palette()

    def do_help(self) -> None:
        self.push_screen(HelpScreen(self.key_context()))

    def do_quit(self) -> None:
        operations = self.session.operations if self.session is not None else ()
        running = next((one for one in operations if one.open), None)
        if running is None:
            self.exit(0, return_code=0)
        elif not isinstance(self.screen, LeavingScreen):
            self.push_screen(LeavingScreen(running), self._leaving_answered)

    def _leaving_answered(self, leave: bool | None) -> None:
        if leave:
            self.exit(0, return_code=0)

    def get_system_commands(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """None of Textual's own: the palette holds our keys."""
        return iter(())

    # ---- endings

    def end(self, code: int) -> None:
        """Leave with this exit code, from a signal handler or another thread."""
        loop = self._loop
        if loop is None:
            raise SystemExit(code)
        loop.call_soon_threadsafe(partial(self.exit, 0, return_code=code))

    def terminal_gone(self) -> None:
        """Nobody is at the other end any more. Any thread."""
        self.post_message(TerminalGone())

    def on_terminal_gone(self) -> None:
        self.exit(0, return_code=129)

    def _handle_exception(self, error: Exception) -> None:
        """Replaces Textual's: no traceback, no locals; a crash file, a sentence, and an exit code that says so."""
        self._return_code = CRASHED
        if not self.crash:
            self.crash = crash_sentence(error)
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self._return_code = CRASHED
        self.crash = self.crash or "ended by a fault of its own"
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """Textual hands tracebacks here too; none of them is shown."""
        self._fatal_error()
