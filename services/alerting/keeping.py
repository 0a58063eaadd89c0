"""The alert book on a thread of its own: the disk may be slow, and no screen waits for it.

The screen tells it what the rules say and what a person did; it posts what has become of the alerts. Between
questions it looks every few seconds whether another screen has written.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from services.alerting.book import AlertBook, Step
from services.alerting.life import Life
from services.alerting.store import AlertStore
from services.model.alerts import Alert, AlertReading

LOOK_EVERY = 3.0
"""Seconds of machine time between two looks at what other screens have written."""

_TRIES, _TRY_AGAIN = 20, 0.05
"""How often a person's word is written again, and after how many seconds, while another screen holds the lock."""


class Told(msgspec.Struct, frozen=True):
    """What has become of the alerts."""

    life: Life
    new: tuple[Alert, ...] = ()
    """Raised since the last word, by this screen or another: each comes here once."""
    ours: frozenset[str] = frozenset()
    """Ids of those that this screen has raised."""
    problem: str = ""
    """Why alerts are not shared just now."""
    written: tuple[Alert, ...] = ()
    """Alerts that were acknowledged, or whose rung was dealt with, as the person here asked."""
    refused: tuple[Alert, ...] = ()
    """Those for which somebody was faster, or that were over."""


class _Follow(msgspec.Struct, frozen=True):
    readings: tuple[AlertReading, ...]
    now: datetime


class _Acknowledge(msgspec.Struct, frozen=True):
    alerts: tuple[Alert, ...]
    now: datetime


class _Escalate(msgspec.Struct, frozen=True):
    alerts: tuple[Alert, ...]
    rung: int
    dismissed: bool
    now: datetime


class _Stepped(msgspec.Struct, frozen=True):
    alerts: tuple[Alert, ...]
    step: int
    note: str
    now: datetime


_Question = _Follow | _Acknowledge | _Escalate | _Stepped


class Keeper:
    """One environment's alerts while it is on a screen. Every method returns at once."""

    def __init__(
        self, store: AlertStore, who: Callable[[], str], post: Callable[[Told], None], life: Life | None = None
    ) -> None:
        """`who` names the person here (asked on the thread: a directory may be slow); `post` is called on the thread.

        `life` is what is known already.
        """
        self._store, self._who, self._post = store, who, post
        self._known = life or Life()
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._asked = 0
        self._newest: _Follow | None = None
        self._closed = threading.Event()
        threading.Thread(target=self._run, name="alerts", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many questions have no answer yet: what stays above 0 for long is a store that does not answer."""
        return self._asked

    def follow(self, readings: tuple[AlertReading, ...], now: datetime) -> None:
        """Take the rules' newest word; one that nobody has read yet is replaced."""
        with self._lock:
            before, self._newest = self._newest, _Follow(readings, now)
        if before is None:
            self._put(self._newest)

    def acknowledge(self, alerts: Sequence[Alert], now: datetime) -> None:
        """The person here takes alerts on."""
        self._put(_Acknowledge(tuple(alerts), now))

    def escalated(self, alerts: Sequence[Alert], rung: int, now: datetime, *, dismissed: bool) -> None:
        """The person here has called the one whose turn it is, or decided not to: for all these alerts at once."""
        self._put(_Escalate(tuple(alerts), rung, dismissed, now))

    def stepped(self, alert: Alert, step: int, note: str, now: datetime) -> None:
        """The person here has taken a step of the first response; `note` says what was found."""
        self._put(_Stepped((alert,), step, note, now))

    def close(self) -> None:
        """Post nothing any more and end the thread as soon as the disk lets go of it."""
        self._closed.set()
        self._questions.put(None)

    def _put(self, question: _Question) -> None:
        with self._lock:
            self._asked += 1
        self._questions.put(question)

    # ---- on the thread

    def _run(self) -> None:
        book = AlertBook(self._store, self._known)
        self._say(Told(book.life, problem=book.problem))
        before = (book.life, book.problem)
        while not self._closed.is_set():
            told = self._next(book)
            if told.new or told.written or told.refused or (told.life, told.problem) != before:
                before = (told.life, told.problem)
                self._say(told)

    def _next(self, book: AlertBook) -> Told:
        try:
            question = self._questions.get(timeout=LOOK_EVERY)
        except queue.Empty:
            return _told(book, book.look())
        if question is None:
            return _told(book, Step(book.life))
        try:
            return self._answered(book, question)
        finally:
            with self._lock:
                self._asked -= 1

    def _answered(self, book: AlertBook, question: _Question) -> Told:
        if isinstance(question, _Follow):
            with self._lock:
                newest, self._newest = self._newest or question, None
            return _told(book, book.step(newest.readings, newest.now))
        look = book.look()  # alerts of others that are new with it have to be told, too
        who = self._who()
        written: list[Alert] = []
        refused: list[Alert] = []
        for alert in question.alerts:
            done = self._insisted(book, alert, question, who)
            now = book.life.find(alert.id) or alert
            (written if done else refused).append(now)
        told = _told(book, Step(book.life, look.new, look.ours))
        if isinstance(question, _Stepped):
            return told  # the mark itself is the answer
        return msgspec.structs.replace(told, written=tuple(written), refused=tuple(refused))

    def _insisted(self, book: AlertBook, alert: Alert, question: _Acknowledge | _Escalate | _Stepped, who: str) -> bool:
        """Write a person's word, again and again while another screen is writing."""
        for _ in range(_TRIES):
            if isinstance(question, _Acknowledge):
                done, known = book.acknowledge(alert, who, question.now), book.life.find(alert.id)
                over = known is None or not known.open or known.acknowledged is not None
            elif isinstance(question, _Stepped):
                done = book.stepped(alert, question.step, question.note, who, question.now)
                known = book.life.find(alert.id)
                over = known is None or not known.open
            else:
                done = book.escalated(alert, question.rung, who, question.now, dismissed=question.dismissed)
                known = book.life.find(alert.id)
                over = known is None or not known.open or known.on_rung(question.rung) is not None
            if done or over or self._closed.wait(_TRY_AGAIN):
                return done
        return False

    def _say(self, told: Told) -> None:
        if not self._closed.is_set():
            self._post(told)


def _told(book: AlertBook, step: Step) -> Told:
    return Told(step.life, step.new, step.ours, book.problem)
