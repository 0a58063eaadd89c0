"""One environment's alerts on the screen: what is known of them, and who keeps them. Lives as long as a session.

The keeper's thread does the reading and writing; here is what the screen's loop knows. A store that does not answer is
left to itself after a while: alerts are then kept in this screen alone, and that is said once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.alerting.keeping import Keeper, Told
from services.alerting.life import Life
from services.alerting.store import AlertStore, NoStore, home_of
from services.journal.who import actor
from services.model.alerts import Alert, AlertReading
from services.settings.values import Environment

PATIENCE = 10.0
"""Seconds of machine time without an answer after which a store is given up."""

Post = Callable[["AlertDesk", Told], None]


class AlertDesk:
    """Everything but `_post` belongs to the screen's loop."""

    def __init__(self, environment: Environment, post: Post, monotonic: Callable[[], float]) -> None:
        """`post` is called on the keeper's thread, with this desk."""
        self.environment = environment
        self.life = Life()
        self.problem = ""
        """Why alerts are not shared; empty when they are."""
        self.began: datetime | None = None
        """The account's time at the first judgement: what was raised before rings nothing."""
        self._post, self._monotonic = post, monotonic
        self._home = home_of(environment)
        self._silent_since: float | None = None
        self._closed = False
        self._keeper = Keeper(AlertStore(self._home, environment.name), person, self._say)

    def follow(self, readings: tuple[AlertReading, ...], now: datetime) -> None:
        """The rules' newest word."""
        self.began = self.began or now
        self._keeper.follow(readings, now)

    def acknowledge(self, alerts: tuple[Alert, ...], now: datetime) -> None:
        self._keeper.acknowledge(alerts, now)

    def escalated(self, alerts: tuple[Alert, ...], rung: int, now: datetime, *, dismissed: bool) -> None:
        self._keeper.escalated(alerts, rung, now, dismissed=dismissed)

    def stepped(self, alert: Alert, step: int, note: str, now: datetime) -> None:
        self._keeper.stepped(alert, step, note, now)

    def take(self, told: Told) -> tuple[Alert, ...]:
        """Know what the keeper has told; returns the new alerts that may be heard."""
        self.life, self.problem = told.life, told.problem
        return tuple(one for one in told.new if self.began is not None and one.raised >= self.began)

    def look_after(self) -> None:
        """Give a store up that has not answered for long."""
        waiting = self._keeper.waiting
        if not waiting or isinstance(self._keeper, _Alone):
            self._silent_since = None
            return
        now = self._monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        if now - self._silent_since >= PATIENCE:
            self._keeper.close()
            why = f"The alerts' folder {self._home.path} has not answered for {PATIENCE:.0f} s."
            self._keeper = _Alone(NoStore(why), person, self._say, self.life)

    def close(self) -> None:
        """Follow no more: the environment has been left."""
        self._closed = True
        self._keeper.close()

    def _say(self, told: Told) -> None:
        if not self._closed:
            self._post(self, told)


class _Alone(Keeper):
    """Keeps alerts in this screen alone."""


def person() -> str:
    """Who sits here: `casey@bastion`. May wait for a directory: on a thread."""
    who = actor()
    return f"{who.os_user}@{who.host}"
