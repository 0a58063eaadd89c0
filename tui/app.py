"""The app: owns and folds the Situation, has it judged, and says who does what when.

The watch posts from its thread into the inbox; the inbox wakes the app once. A tick five times a second folds, judges
(only when something changed, and once a second because ages grow) and hands the picture to the screens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
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
from services.rules import judge
from services.settings.values import Environment, Settings
from tui.keys import KEYS
from tui.messages import UpdatesArrived
from tui.palette import KeyProvider
from tui.picture import Picture
from tui.pressing import Pressing
from tui.screens.confirm import ConfirmScreen
from tui.screens.overview import OverviewScreen
from tui.session import Opener, Session, open_watch
from tui.terminal.driver import CockpitDriver
from tui.terminal.ending import Ending
from tui.terminal.frames import DroppingFrames
from tui.terminal.stall import StallGuard, StallReport
from tui.theme import theme

TICK = 0.2
"""Seconds of machine time between ticks."""

AGES_EVERY = 1.0
"""Seconds of machine time after which ages are shown anew though nothing arrived."""

WORTH_SAYING = 3.0
"""Seconds of a freeze that is told although no key was lost in it."""


class CockpitApp(Ending, DroppingFrames, Pressing):
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

    def equipped(self, environment: Environment) -> Environment:
        return self._equip(environment)

    def present_soon(self) -> None:
        self._dirty = True

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
        self.clear_framed(environment)
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
            for warning in opened.warnings:
                self.notify(warning, severity="warning", timeout=15, markup=False)
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
        if report is not None and (report.keys or report.seconds >= WORTH_SAYING):
            self.notify(frozen_sentence(report), severity="warning", markup=False)
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
        self.hand_out(picture)

    # ---- keys

    async def on_event(self, event: events.Event) -> None:
        """A confirmation that is not armed hears nothing but the way out."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, ConfirmScreen) and not event.is_forwarded and not screen.accepts(event):
            return
        await super().on_event(event)

    def get_system_commands(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """None of Textual's own: the palette holds our keys."""
        return iter(())


def frozen_sentence(report: StallReport) -> str:
    """What a person is told after a freeze: how long, and what became of the keys."""
    lost = {0: "", 1: " 1 key typed meanwhile was ignored."}.get(
        report.keys, f" {report.keys} keys typed meanwhile were ignored."
    )
    return f"The display was frozen for {report.seconds:.0f} s.{lost}"
