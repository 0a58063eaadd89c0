"""The app: owns and folds the Situation, has it judged, and says who does what when.

The watch posts from its thread into the inbox. While it is lively (at the beginning, after a key, during an operation)
the inbox wakes the app; otherwise the app looks every two seconds (`heart.py`). It folds, judges when there is news or
ages may have passed a limit, and hands the picture to the screens, whose widgets do nothing when what they draw is the
same.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.widgets import Input

from services.clock import Clock, RealClock
from services.model.assessment import Assessment
from services.model.logs import LineBatch
from services.problems import AccountError
from services.rules import judge
from services.settings.values import Environment, Settings
from tui.heart import CALM_BEATS, LIVELY_BEATS, Heart
from tui.journal_following import JournalFollowing
from tui.keys import KEYS
from tui.messages import UpdatesArrived
from tui.palette import KeyProvider
from tui.picture import Picture
from tui.pouring import Pouring, after_turns
from tui.screens.confirm import ConfirmScreen
from tui.screens.frame import FrameScreen
from tui.screens.overview import OverviewScreen
from tui.session import Opener, Opening, Session, beside, open_watch, stray_warning
from tui.terminal.driver import CockpitDriver
from tui.terminal.frames import DroppingFrames
from tui.terminal.signs import signs
from tui.terminal.stall import StallGuard, StallReport
from tui.terminal.strays import Strays
from tui.theme import theme

JUDGE_EVERY = timedelta(seconds=15)
"""The account's time after which is judged anew though there is no news: ages grow."""

LIVELY = 30.0
"""Seconds of machine time after the opening of an environment, or a key, for which all is shown as it comes."""

OPEN_AGAIN = 3.0
"""Seconds of machine time between tries of an endpoint at which nothing answers."""

STARTING = 10.0
"""Seconds of machine time after the start in which a short freeze is nothing to tell; keys typed in it are dropped."""

WORTH_SAYING = 3.0
"""Seconds of a freeze that is told although no key was lost in it."""


class CockpitApp(Strays, DroppingFrames, JournalFollowing):
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
        beside: Callable[[], Opening] = beside,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        """`opener` makes the watch; `equip` gives an environment that is switched to what the command line says;
        `beside` makes what watches the others while they are looked at; `started` is called once, when the start is
        over."""
        self._machine: Clock = machine or RealClock()
        self.guard = StallGuard(self._machine.monotonic)
        super().__init__(driver_class=CockpitDriver)
        self.charset = signs(sys.__stderr__, os.environ)  # Textual draws on standard error
        self.settings = settings
        self.first_environment = environment
        self.session: Session | None = None
        self.assessment: Assessment | None = None
        for production in (True, False):
            self.register_theme(theme(production))
        self.theme = theme(environment.production).name
        self._opener = opener
        self._equip = equip
        self.beside = beside
        self._heart = Heart(self._beat, self._present, self._handle_exception)
        self._pouring = Pouring(self._take_lines, lambda then: after_turns(partial(self.call_later, then)))
        self._dirty = True
        self._shown_at: datetime | None = None
        """The account's second that is on the screen."""
        self._touched_at = 0.0
        self.lively = True
        self._started_at = self._machine.monotonic()
        self._started: Callable[[], None] | None = started

    # ---- life

    def get_default_screen(self) -> Screen[Any]:
        return OverviewScreen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our tokens stand in every theme, the one before ours is set included."""
        return theme(production=False).variables

    def on_overview_screen_ready(self) -> None:
        """The widgets stand: there is something to show in."""
        self.switch_to(self.first_environment)
        self._heart.start()
        self._read_runbook()
        self.app_resume_signal.subscribe(self, self.repaint_all)

    def on_unmount(self) -> None:
        self._heart.stop()
        self.end_alerts()
        if self.session is not None:
            self.session.close()

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
        self._heart.soon()

    def now(self) -> datetime:
        """The account's time."""
        return self.clock.now()

    # ---- one environment

    def switch_to(self, environment: Environment) -> None:
        """Leave the environment on the screen, with everything of it, and open `environment`."""
        if self.session is not None:
            self.session.close()
        self.assessment = None
        self._dirty, self._shown_at = True, None
        self._touched_at, self.lively = self._machine.monotonic(), True
        self.theme = theme(environment.production).name
        self.session = Session(environment, self.settings, self._woken, self._opener)
        self._pouring.clear()
        self.overview.clear(self.settings.system, environment)
        self.clear_framed(environment)
        self.begin_alerts(environment)
        self.call_after_refresh(self._open, self.session)
        self._present()

    @work(group="runbook")
    async def _read_runbook(self) -> None:
        """It is there whatever becomes of the account; its disk may be slow, so on a thread."""
        from services.runbook.loading import load_runbook

        self.runbook = await asyncio.to_thread(load_runbook, self.settings)
        self.present_soon()

    def _woken(self) -> None:
        """Called on the watch's thread."""
        if self.lively:
            self.post_message(UpdatesArrived())

    @work(group="open")
    async def _open(self, session: Session) -> None:
        """Make the watch on a thread, so that the first paint waits for neither imports nor the network."""
        warning = await asyncio.to_thread(stray_warning)
        if warning:
            self.notify(warning, severity="warning", timeout=15, markup=False)
        while True:
            try:
                opened = await asyncio.to_thread(session.prepare)
                session.begin(opened)
                if opened.pick_problem:
                    self.notify(opened.pick_problem, title="Log groups", severity="warning", timeout=15, markup=False)
                break
            except AccountError as error:
                session.problem = error.problem
                self.present_soon()
                await asyncio.sleep(OPEN_AGAIN)
            if session is not self.session:
                return
        if session is self.session:
            self.present_soon()
            self.follow_journal(session)

    # ---- the beat

    def on_updates_arrived(self, message: UpdatesArrived) -> None:
        """Show what arrived, at once or with what else arrives in these moments."""
        message.stop()
        self._heart.soon()

    def _beat(self) -> None:
        self._tell_started()
        self.look_after_alerts()
        report = self.guard.beat(self.behind)
        if report is not None and self._worth_saying(report):
            self.notify(frozen_sentence(report), severity="warning", markup=False)

    def _worth_saying(self, report: StallReport) -> bool:
        """Whether a person has to know of a freeze. A short one of the first seconds is the start itself: imports."""
        return report.seconds >= WORTH_SAYING or (report.keys > 0 and not self._starting)

    @property
    def _starting(self) -> bool:
        return self._machine.monotonic() - self._started_at < STARTING

    def _tell_started(self) -> None:
        if self._started is not None and not self._starting:
            started, self._started = self._started, None
            started()

    def _present(self) -> None:
        """Fold, judge if there is something new to judge, and hand out the picture."""
        session = self.session
        if session is None or self._exit or not self.is_running:
            return
        self.lively = self._is_lively(session)
        self._heart.pace = LIVELY_BEATS if self.lively else CALM_BEATS
        news, batch = session.fold()
        if batch is not None:
            self._pouring.pour(batch)
        now = self.now().replace(microsecond=0)
        if not news and not self._dirty and now == self._shown_at:
            return
        news, self._dirty, self._shown_at = news or self._dirty, False, now
        if session.situation is not None and (news or self._judging_due(now)):
            self.assessment = judge(session.situation, self.settings, self.now())
            self.follow_alerts(self.assessment)
            session.look_for_causes(self.assessment)
        picture = Picture(
            self.settings,
            session.environment,
            session.situation,
            self.assessment,
            now,
            self.key_context(),
            session.orphans,
            session.problem,
            self.alert_life,
            self.runbook,
            session.marks,
        )
        self.hand_out(picture)

    def _take_lines(self, batch: LineBatch) -> None:
        if not self._exit and self.is_running:
            self.overview.extend(batch)
            self.hand_out_lines(batch)

    def _is_lively(self, session: Session) -> bool:
        """Whether somebody is at it, or something is going on that is followed by the second."""
        touched = self._machine.monotonic() - self._touched_at < LIVELY
        return touched or session.operating or self.clock.speed > 1

    def _judging_due(self, now: datetime) -> bool:
        return self.assessment is None or now - self.assessment.at >= JUDGE_EVERY

    # ---- keys

    async def on_event(self, event: events.Event) -> None:
        """A confirmation that is not armed hears nothing but the way out."""
        if isinstance(event, events.InputEvent):
            self._touched_at = self._machine.monotonic()
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, ConfirmScreen) and not event.is_forwarded and not screen.accepts(event):
            return
        if isinstance(event, events.Key) and not event.is_forwarded and await self._done_at_once(event.key):
            return
        await super().on_event(event)

    async def _done_at_once(self, key: str) -> bool:
        """What a key means is done before the next is read: what is typed behind one that opens a field is the field's.

        By Textual's way, through the screen and back, keys that come together all mean what they did before the first.
        """
        screen = self.screen_stack[-1] if self.screen_stack else None
        if not isinstance(screen, FrameScreen) or not screen.stands or isinstance(self.focused, Input):
            return False
        return await self._check_bindings(key)

    def get_system_commands(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """None of Textual's own: the palette holds our keys."""
        return iter(())


if TYPE_CHECKING:
    from tui.screens.cockpit import Cockpit

    _as_screens_see_it: type[Cockpit] = CockpitApp
    """What `cockpit` takes for granted of any screen's app."""


def frozen_sentence(report: StallReport) -> str:
    """What a person is told after a freeze: how long, and what became of the keys."""
    lost = {0: "", 1: " 1 key typed meanwhile was ignored."}.get(
        report.keys, f" {report.keys} keys typed meanwhile were ignored."
    )
    return f"The display was frozen for {report.seconds:.0f} s.{lost}"
