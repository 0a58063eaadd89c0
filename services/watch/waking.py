"""Whom an answer wakes: what follows from it, and whoever failed for a reason that it shows to have gone."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import timedelta
from typing import Any

from services.clock import Clock
from services.model.reading import Reading
from services.problems import ProblemKind
from services.watch.answers import Answers
from services.watch.following import followers
from services.watch.pace import EVIDENCE_BUSY_FOR_S, Pace
from services.watch.polling import CREDENTIALS, NETWORK, PROBE_S
from services.watch.scope import MEASURED


class Waking:
    """Hears every reading of one environment. On the watch's loop."""

    def __init__(self, answers: Answers, pace: Pace, clock: Clock) -> None:
        self._answers = answers
        self._pace = pace
        self._clock = clock
        self.tail: Callable[[Container[ProblemKind]], None] = lambda kinds: None
        """Has the log tail look again where it failed with such a problem."""

    def hear(self, feed: str, reading: Reading[Any]) -> None:
        """A turn has ended: wake whoever waits for what it says."""
        before: Reading[Any] = self._answers.told.get(feed, Reading())
        self._answers.told[feed] = reading
        self._credentials(feed, before, reading)
        if reading.problem is None and before.problem is not None and before.problem.kind in NETWORK:
            self._failing(NETWORK)
        if feed in MEASURED:
            self._wake("spending")
        if before.waiting or reading.value is None:
            return  # those who need this first answer are waiting for it
        for follower in followers(feed, before.value, reading.value):
            if follower == "evidence":
                self._pace.busy_until("evidence", self._clock.now() + timedelta(seconds=EVIDENCE_BUSY_FOR_S))
            self._wake(follower)

    def doubt(self) -> None:
        """Look whether the credentials are good, unless that was done just now, is being done or about to be."""
        identity, now = self._answers.polls["identity"], self._clock.now()
        tried = identity.reading.tried
        if tried and (now - tried).total_seconds() >= PROBE_S and identity.asleep(now):
            identity.wake()

    def _credentials(self, feed: str, before: Reading[Any], reading: Reading[Any]) -> None:
        """Bad credentials are everybody's: look once whether they are good, and go on together when they are."""
        good = reading.problem is None
        bad = reading.problem is not None and reading.problem.kind in CREDENTIALS
        if feed == "identity" and good and before.problem is not None and before.problem.kind in CREDENTIALS:
            self._failing(CREDENTIALS)
        elif feed != "identity" and bad:
            self.doubt()

    def _failing(self, kinds: Container[ProblemKind]) -> None:
        """Ask again what failed for a reason that has gone."""
        for poll in self._answers.polls.values():
            if poll.reading.problem is not None and poll.reading.problem.kind in kinds:
                poll.wake()
        self.tail(kinds)

    def _wake(self, feed: str) -> None:
        poll = self._answers.polls.get(feed)
        if poll is not None:
            poll.wake()
