"""One environment on the screen: its clock, its watch, its journal, and the situation they add up to.

Switching the environment closes a session and opens another: nothing of the former is kept, and what its threads
still post is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from services.checklists.store import CheckStore, home_of
from services.clock import Clock
from services.journal.home import JournalBroken, JournalHome
from services.kept_file import KeptDamaged
from services.log_picks import PickStore
from services.model.assessment import Assessment, State
from services.model.checklists import Marks
from services.model.entry import Operation
from services.model.kept import KeptStack
from services.model.log_pick import LogPick
from services.model.logs import LineBatch
from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import Problem
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind, Settings
from services.watch.log_following import FollowsLogs
from services.watch.updates import Update
from tui.inbox import Inbox
from tui.journal_look import Journal, JournalLook

if TYPE_CHECKING:
    from services.aws.budget import Limits

MOVED_BY_OPERATIONS = ("releases", "metrics", "invalidations", "stack")
"""Feeds that show what an operation does."""

BUSY_FOR = timedelta(minutes=15)
"""How long they are asked for more often: an operation with its judgement takes about eight minutes."""


NO_RULE_READS = "tail"
"""What the tail can promise moves on with every answer, and is shown as it is."""


class Watching(Protocol):
    """What a session needs of the watch (services/watch/watch.py)."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def refresh(self) -> None: ...
    def busy_until(self, feed: str, until: datetime) -> None: ...


class Opened(msgspec.Struct, frozen=True):
    """What opening an environment gives: made off the screen's loop, because it imports and asks for the time."""

    clock: Clock
    watch: Watching
    pick: LogPick = LogPick()
    """Which log groups are followed."""
    pick_problem: str = ""
    """Why what was chosen before could not be read; empty: it was."""


Opener = Callable[[Environment, Settings, Callable[[Update], None]], Opened]


def open_watch(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
    """The real thing: the environment's clock and a watch on it. Slow (imports, up to 2 s of network): on a thread.

    Raises AccountError when nothing answers at its endpoint.
    """
    from services.aws.endpoint import clock_at
    from services.watch.watch import Watch

    clock = clock_at(environment)
    return Opened(clock, Watch(environment, settings, clock, post, limits=limits()))


class Opening(Protocol):
    """Opens environments that are watched lightly beside the one on the screen; they end with it."""

    def __call__(self, environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened: ...
    def close(self) -> None: ...


def beside() -> Opening:
    """The real thing. Slow (imports): on a thread."""
    from tui.fleet import LightOpening

    return LightOpening()


@cache
def limits() -> Limits:
    """The rates of every account that this process asks: quotas are the account's, whoever of us asks. Imports: on a
    thread."""
    from services.aws.budget import Limits

    return Limits()


def stray_warning() -> str:
    """What a person should know of variables that would redirect our calls if we obeyed them. Imports: on a thread."""
    from services.aws.endpoint import stray_endpoints

    stray = [safe(name, 80) for name in stray_endpoints()]
    return f"{', '.join(stray)} in the process's environment: not obeyed." if stray else ""


class Session:
    """An environment while it is on the screen."""

    def __init__(self, environment: Environment, settings: Settings, wake: Callable[[], None], opener: Opener) -> None:
        self.environment = environment
        self.settings = settings
        self.inbox = Inbox(wake)
        self.home = JournalHome.default(environment)
        self.situation: Situation | None = None
        self.clock: Clock | None = None
        self.watch: Watching | None = None
        self.log_pick = LogPick()
        """Which log groups are followed."""
        self.problem: Problem | None = None
        """Why clock and watch could not be had at the last try."""
        self._opener = opener
        self.checks = CheckStore(home_of(environment), environment.name)
        self._look = JournalLook(self.home, environment.name, settings.journal, self.checks)
        self.marks = Marks()
        """What is ticked in the runbook's lists."""
        self._closed = False
        self._breaches: set[str] = set()
        """Key metrics that were in breach at the last judgement."""

    def prepare(self) -> Opened:
        """Make clock and watch. Runs on a thread; touches nothing of the session. Raises AccountError."""
        opened = self._opener(self.environment, self.settings, self.inbox.put)
        pick, problem = _kept_pick(self.environment)
        if isinstance(opened.watch, FollowsLogs):
            opened.watch.follow_logs(pick.words, pick.hidden)
        return msgspec.structs.replace(opened, pick=pick, pick_problem=problem)

    def begin(self, opened: Opened) -> None:
        """Take clock and watch over and start watching; a session that was closed meanwhile starts nothing."""
        if self._closed:
            opened.watch.stop()
            return
        self.clock, self.watch, self.problem = opened.clock, opened.watch, None
        self.log_pick = opened.pick
        self.situation = Situation(
            environment=self.environment.name,
            now=self.clock.now(),
            endpoint=self.environment.endpoint_url if self.environment.kind is EnvironmentKind.SANDBOX else "",
            speed=self.clock.speed,
        )
        self.watch.start()

    def close(self) -> None:
        """Stop watching; returns at once."""
        self._closed = True
        self.inbox.close()
        if self.watch is not None:
            self.watch.stop()

    def follow_logs(self, pick: LogPick) -> None:
        """Follow other log groups from now on."""
        self.log_pick = pick
        watch: object = self.watch
        if isinstance(watch, FollowsLogs):
            watch.follow_logs(pick.words, pick.hidden)

    def fold(self) -> tuple[bool, LineBatch | None]:
        """Fold what has arrived into the situation. Returns whether there is news to judge, and the new log lines.

        An answer that says what the one before it said is no news.
        """
        arrivals = self.inbox.take()
        if arrivals.empty or self.situation is None or self.clock is None:
            return False, arrivals.batch
        changes: dict[str, object] = {**arrivals.readings, "now": self.clock.now()}
        if arrivals.spending is not None:
            changes["spending"] = arrivals.spending
        before, self.situation = self.situation, msgspec.structs.replace(self.situation, **changes)
        news = any(
            _is_news(getattr(before, feed), reading)
            for feed, reading in arrivals.readings.items()
            if feed != NO_RULE_READS
        )
        return news, arrivals.batch

    def read_journal(self) -> Journal:
        """Look at the journal. May wait for a slow disk: on a thread. Raises JournalBroken."""
        return self._look.at(self.situation, self.clock, self.operations, self.marks)

    @property
    def orphans(self) -> frozenset[str]:
        """Open operations whose executor has gone; they can be resumed."""
        return self.situation.orphans if self.situation is not None else frozenset()

    def fold_orphans(self, orphans: frozenset[str]) -> None:
        """Take what nobody carries on into the situation."""
        if self.situation is not None:
            self.situation = msgspec.structs.replace(self.situation, orphans=orphans)

    def orphaned(self, operation: str) -> bool:
        """Whether an open operation has nobody who carries it on."""
        return operation in self.orphans

    def fold_kept(self, kept: Reading[tuple[KeptStack, ...]]) -> None:
        """Take what is kept of the stack into the situation."""
        if self.situation is not None and self.clock is not None:
            self.situation = self.situation.folded("kept", kept, self.clock.now())

    def fold_journal(self, operations: tuple[Operation, ...]) -> None:
        """Take the journal's newest state into the situation; what an operation changes is asked for more often."""
        if self.situation is None or self.clock is None or self.watch is None:
            return
        now = self.clock.now()
        before = {one.id for one in self.operations if one.open}
        after = {one.id for one in operations if one.open}
        self.situation = self.situation.folded("operations", Reading(operations, now, now), now)
        if after - before:
            for feed in MOVED_BY_OPERATIONS:
                self.watch.busy_until(feed, now + BUSY_FOR)
        if before - after:
            self.watch.refresh()

    def look_for_causes(self, assessment: Assessment) -> None:
        """Ask CloudTrail more often for a while once something is newly in breach: it tells of causes, and late."""
        bad = (State.WARN, State.CRIT)
        found = {one.key for one in assessment.suspects if assessment.judgements[one.key].state in bad}
        if found - self._breaches and self.watch is not None:
            self.watch.busy_until("writes", assessment.at + BUSY_FOR)
        self._breaches = found

    @property
    def operating(self) -> bool:
        """Whether an operation is under way here."""
        return any(one.open for one in self.operations)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """This environment's operations, newest first."""
        return (self.situation.operations.value or ()) if self.situation is not None else ()


def _kept_pick(environment: Environment) -> tuple[LogPick, str]:
    """The log groups that were chosen before, and why they could not be read."""
    try:
        return PickStore.of(environment).read(), ""
    except (KeptDamaged, JournalBroken) as error:
        return LogPick(), str(error)


def _is_news(before: Reading[Any], after: Reading[Any]) -> bool:
    """Whether a reading says anything that the one before it did not."""
    return before.waiting or before.problem != after.problem or before.value != after.value
