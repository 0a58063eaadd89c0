"""Every environment but the one on the screen, each in a light session of its own, while somebody looks at them all.

The sessions know nothing of each other: one whose account does not answer has its Problem in its own row. Opening and
reading files happens on a few threads kept for this, so that the screen's own never wait for another environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import msgspec
from textual.worker import Worker

from services.alerting.life import fold
from services.alerting.store import AlertStore, home_of
from services.clock import Clock
from services.journal.home import JournalBroken
from services.model.assessment import Assessment
from services.model.fleet import FleetRow
from services.problems import AccountError
from services.rules import judge
from services.settings.values import Environment, Settings
from services.watch.scope import LIGHT
from services.watch.updates import Update
from tui.fleet_rows import fleet_row
from tui.session import Opened, Opening, Session, limits

OPEN_AGAIN = (3.0, 30.0)
"""Machine seconds between tries of an endpoint at which nothing answers: at first, and at most."""

READ_EVERY = 5.0
"""Machine seconds between two looks into an environment's journal and alerts."""

JUDGE_EVERY = timedelta(seconds=15)
"""The account's time after which a row is judged anew though there is no news: ages grow."""

THREADS = 8
"""Environments that are opened or read at once."""


class LightOpening:
    """The real thing: a thread for all of them, started with the first. Slow to call: imports, the account's time."""

    def __init__(self) -> None:
        from services.watch.beside import Beside

        self._beside = Beside(limits())

    def __call__(self, environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        """Raises AccountError when nothing answers at the environment's endpoint."""
        from services.aws.endpoint import clock_at

        clock = clock_at(environment)
        return Opened(clock, self._beside.watch(environment, settings, clock, post))

    def close(self) -> None:
        self._beside.close()


class Member:
    """One environment of the fleet."""

    def __init__(self, session: Session, judged: Settings) -> None:
        self.session = session
        self._judged = judged
        self.assessment: Assessment | None = None
        self.acknowledged: frozenset[str] = frozenset()
        self.worker: Worker[None] | None = None
        self._alerts = AlertStore(home_of(session.environment), session.environment.name)

    def fold(self) -> None:
        """Take in what has arrived, and judge when there is news or the last judgement has aged."""
        news, _ = self.session.fold()
        situation, clock = self.session.situation, self.session.clock
        if situation is None or clock is None:
            return
        now = clock.now()
        if news or self.assessment is None or now - self.assessment.at >= JUDGE_EVERY:
            self.assessment = judge(situation, self._judged, now)

    def row(self, otherwise: datetime) -> FleetRow:
        """`otherwise`: the time to write while the account's is not known."""
        clock: Clock | None = self.session.clock
        return fleet_row(
            self.session.environment,
            self.session.situation,
            self.assessment,
            clock.now() if clock is not None else otherwise,
            problem=self.session.problem,
            acknowledged=self.acknowledged,
        )

    def read_alerts(self) -> frozenset[str]:
        """Keys of open alerts that somebody has taken on; none are known where the store cannot be read."""
        return acknowledged_in(self._alerts)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.cancel()
        self.session.close()


def acknowledged_in(store: AlertStore) -> frozenset[str]:
    """Keys of the open alerts of a store that somebody has acknowledged. May wait for a slow disk."""
    try:
        return frozenset(alert.key for alert in fold(store.read()).open if alert.acknowledged is not None)
    except JournalBroken:
        return frozenset()


class Fleet:
    """The members. Everything but `wake` is called on the screen's loop."""

    def __init__(
        self,
        settings: Settings,
        opening: Callable[[], Opening],
        run: Callable[[Coroutine[Any, Any, None]], Worker[None]],
        wake: Callable[[], None],
    ) -> None:
        """`opening` makes what opens environments, on a thread; `run` starts a worker of the app; `wake` is called on
        any thread when something has arrived."""
        self._settings = settings
        self._judged = msgspec.structs.replace(settings, cadence=LIGHT.paced(settings.cadence))
        self._opening = opening
        self._run, self._wake = run, wake
        self._opener: asyncio.Future[Opening] | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="fleet")
        self._members: dict[str, Member] = {}
        self._closed = False

    def watch(self, environments: Sequence[Environment]) -> None:
        """Watch these and no others: what is watched already goes on."""
        wanted = {one.name: one for one in environments}
        for name in self._members.keys() - wanted.keys():
            self._members.pop(name).close()
        for name, environment in wanted.items():
            if name not in self._members:
                session = Session(environment, self._settings, self._wake, self._open)
                member = self._members[name] = Member(session, self._judged)
                member.worker = self._run(self._live(member))

    def fold(self) -> None:
        """Bring every member up to date."""
        for member in self._members.values():
            member.fold()

    def rows(self, now: datetime) -> tuple[FleetRow, ...]:
        return tuple(member.row(now) for member in self._members.values())

    def close(self) -> None:
        """Stop watching; returns at once."""
        self._closed = True
        for member in self._members.values():
            member.close()
        self._members.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._opener is not None:
            self._opener.add_done_callback(_close_opening)

    def _open(self, environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        """As a Session opens: on a thread, when the opening is there."""
        assert self._opener is not None
        return self._opener.result()(environment, settings, post)

    async def _live(self, member: Member) -> None:
        """Open one environment, then read its files for as long as it is watched."""
        await self._begin(member)
        while not self._closed:
            try:
                journal = await self._on_thread(member.session.read_journal)
                operations = journal.operations
                member.session.fold_orphans(journal.orphans)
            except JournalBroken:
                operations = None  # said where somebody works in that environment
            if operations is not None:
                member.session.fold_journal(operations)
                self._wake()
            member.acknowledged = await self._on_thread(member.read_alerts)
            await asyncio.sleep(READ_EVERY)

    async def _begin(self, member: Member) -> None:
        """Start its watch; tried again and again while nothing answers at its endpoint."""
        if self._opener is None:
            self._opener = asyncio.ensure_future(self._on_thread(self._opening))
        await asyncio.shield(self._opener)
        pause, most = OPEN_AGAIN
        while not self._closed:
            try:
                member.session.begin(await self._on_thread(member.session.prepare))
                return
            except AccountError as error:
                member.session.problem = error.problem
            finally:
                self._wake()
            await asyncio.sleep(pause)
            pause = min(most, 2 * pause)

    async def _on_thread(self, do: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, do)


def _close_opening(made: asyncio.Future[Opening]) -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().close()
