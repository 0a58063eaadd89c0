"""The alerts of one environment as one screen keeps them: followed with every judgement, shared through the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from services.alerting.following import acknowledge, escalated, follow, news, stepped
from services.alerting.life import AlertRecord, Happening, Life, applied, fold, rejoined
from services.alerting.store import COMPACT_AFTER, AlertStore, Busy, essential
from services.journal.home import JournalBroken
from services.model.alerts import Alert, AlertReading


class Step(msgspec.Struct, frozen=True):
    """What one look brought."""

    life: Life
    new: tuple[Alert, ...] = ()
    """Alerts raised since the last look, by this screen or another: each comes here once."""
    ours: frozenset[str] = frozenset()
    """Ids of those that this screen has raised."""


class AlertBook:
    """Not thread-safe: one screen, one thread. What happened before the book was opened is known and rings nothing."""

    def __init__(self, store: AlertStore, life: Life | None = None) -> None:
        """`life`: what is known already, should the store tell less."""
        self._store = store
        self.life = life or Life()
        self.problem = ""
        """Why alerts are not shared just now; empty when they are. They are followed all the same."""
        try:
            self.life = rejoined(fold(store.read()), self.life)
        except JournalBroken as error:
            self.problem = str(error)

    def step(self, readings: Iterable[AlertReading], now: datetime) -> Step:
        """Follow the rules' newest word; what other screens have written in the meantime counts first."""
        before = self.life
        self._catch_up()
        self.life, happened = follow(self.life, readings, now)
        written = self._commit(happened) if happened else ()
        ours = frozenset(record.alert for record in written if record.happening is Happening.RAISED)
        return Step(self.life, news(before, self.life), ours)

    def look(self) -> Step:
        """What other screens have written since the last look."""
        before = self.life
        self._catch_up()
        return Step(self.life, news(before, self.life))

    def acknowledge(self, alert: Alert, by: str, now: datetime) -> bool:
        """Take an alert on, for all screens. False when somebody else was first, it is over, or the store is busy."""
        self._catch_up()
        return bool(self._commit((acknowledge(alert, by, now),)))

    def escalated(self, alert: Alert, rung: int, by: str, now: datetime, *, dismissed: bool = False) -> bool:
        """A rung was called or dismissed, for all screens. False as of `acknowledge`."""
        self._catch_up()
        return bool(self._commit((escalated(alert, rung, by, now, dismissed=dismissed),)))

    def stepped(self, alert: Alert, step: int, note: str, by: str, now: datetime) -> bool:
        """A step of the first response was taken, for all screens to see. False as of `acknowledge`."""
        self._catch_up()
        return bool(self._commit((stepped(alert, step, note, by, now),)))

    def _catch_up(self) -> None:
        try:
            if self._store.changed():
                self.life = rejoined(fold(self._store.read()), self.life)
            self.problem = ""
        except JournalBroken as error:
            self.problem = str(error)

    def _commit(self, happened: Sequence[AlertRecord]) -> tuple[AlertRecord, ...]:
        """Write what still applies and apply it. A broken store keeps nothing back: then it is applied here alone."""
        try:
            with self._store.locked():
                known = self._store.read()
                self.life = rejoined(fold(known), self.life)
                fresh = self._fresh(happened)
                self._store.append(fresh)
                if len(known) + len(fresh) > COMPACT_AFTER:
                    self._store.compact(essential((*known, *fresh)))
                self._store.read()
        except Busy:
            return ()  # the next look tries again
        except JournalBroken as error:
            self.problem = str(error)
            fresh = self._fresh(happened)
        self.life = fold(fresh, self.life)
        return fresh

    def _fresh(self, happened: Sequence[AlertRecord]) -> tuple[AlertRecord, ...]:
        """Those of `happened` that say something new, one after the other."""
        life, fresh = self.life, []
        for record in happened:
            after = applied(life, record)
            if after is not life:
                fresh.append(record)
            life = after
        return tuple(fresh)
