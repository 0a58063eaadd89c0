"""The polls of one environment: which there are, what each asks, at which pace, and who hears it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from services.aws.budget import LISTING
from services.aws.session import Account
from services.clock import Clock
from services.model.edge import Invalidation
from services.model.functions import VersionEvidence
from services.model.health_score import Defined
from services.model.reading import Reading
from services.model.spending import Need, Spending
from services.model.stacks import Stack
from services.model.witness import ObjectBurst
from services.settings.values import Settings
from services.watch.feeds import Feeds
from services.watch.history import History
from services.watch.measuring import Measuring
from services.watch.pace import Pace
from services.watch.polling import Poll, aligned, every
from services.watch.scope import MEASURED, Scope
from services.watch.screening import Screening
from services.watch.updates import FeedUpdate, SpendingUpdate, Update
from services.watch.waking import Waking

OFFSET_S = 10.0
"""Seconds after the minute's boundary at which series are asked for: the newest minute has begun to fill."""


class Polls:
    """Makes an environment's polls; each that ends a turn is told by `post` and heard by `waking`."""

    def __init__(
        self,
        feeds: Feeds,
        settings: Settings,
        scope: Scope,
        pace: Pace,
        clock: Clock,
        jitter: Callable[[], float],
        post: Callable[[Update], None],
        waking: Waking,
    ) -> None:
        self._feeds = feeds
        self._account: Account = feeds.account
        self._settings = settings
        self._scope = scope
        self._pace = pace
        self._clock = clock
        self._jitter = jitter
        self._post = post
        self._waking = waking
        self.live_cost: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0)
        """What Live Tail has cost so far, in dollars, and what it costs an hour."""

    def made(self) -> tuple[Poll[Any], ...]:
        """Every poll of the scope, in the order in which they are needed; those of feeds stand among the answers."""
        feeds, polls = self._feeds, self._feeds.answers.polls
        self._pace.capped = self._account.budget.paced
        self._pace.stack_moves = lambda: _moves(polls["stack"].reading.value)
        self._pace.purging = lambda: "invalidations" in polls and _purges(polls["invalidations"].reading.value)
        for feed in self._scope.plain:
            polls[feed] = self._poll(feed, getattr(feeds, feed))
        if self._scope.evidence:
            polls["evidence"] = self._poll("evidence", self._evidence)
            polls["memory"] = self._poll("memory", feeds.memory)
            polls["bursts"] = self._poll("bursts", self._bursts)
            polls["score"] = self._poll("score", self._score)
        if feeds.environment.health_url:
            polls["probes"] = self._poll("probes", feeds.probes)
        checks = [self._measured(feed) for feed in self._scope.measured]
        polls["spending"] = self._spending()
        return (*polls.values(), *checks)

    def _poll(self, feed: str, ask: Callable[[], Awaitable[Any]]) -> Poll[Any]:
        answers = self._feeds.answers

        async def cleared() -> Any:
            await answers.cleared(feed)
            await answers.patient(feed)
            return await ask()

        def told(reading: Reading[Any]) -> None:
            self._post(FeedUpdate(feed, reading))
            self._waking.hear(feed, reading)

        cadence = partial(self._pace.of, feed)
        pause = aligned(cadence, OFFSET_S) if feed in MEASURED else every(cadence)
        return Poll(feed, cleared, pause, told, self._clock, self._jitter)

    def _measured(self, feed: str) -> Poll[bool]:
        """Set up a feed of series; returns the poll that verifies its identities beside it."""
        cadence, answers = self._settings.cadence, self._feeds.answers
        usual = partial(self._pace.usual, feed)
        normal = self._settings.thresholds.lambda_duration_ms.normal
        screening = Screening(self._account, normal) if feed == "metrics" else None
        history = History(cadence.backfill_s, cadence.overlap_s)
        measuring = Measuring(feed, self._account, history, self._feeds.signals, usual, screening)
        poll = answers.polls[feed] = self._poll(feed, measuring.ask)

        async def verify() -> bool:
            await answers.known(feed)
            changed = await measuring.verify()
            if changed:
                poll.amend(measuring.complete)
            return changed

        return Poll(f"{feed} identities", verify, every(lambda: 60.0), lambda reading: None, self._clock, self._jitter)

    async def _evidence(self) -> tuple[VersionEvidence, ...]:
        found = await self._feeds.evidence()
        # Two metrics of each version are asked for.
        self._account.budget.expect("evidence", 2 * len(found), self._pace.usual("evidence"), need=Need.DIAGNOSIS)
        return found

    async def _score(self) -> Defined:
        found = await self._feeds.score()
        billed, every = self._feeds.own_score.billed, self._pace.usual("score")
        self._account.budget.expect("score", billed, every, need=Need.DIAGNOSIS)
        return found

    async def _bursts(self) -> tuple[ObjectBurst, ...]:
        budget = self._account.budget
        before = budget.asked(LISTING)
        found = await self._feeds.bursts()
        budget.expect("bursts", 0, self._pace.of("bursts"), lists=budget.asked(LISTING) - before)
        return found

    def _spending(self) -> Poll[Spending]:
        """What the questions cost, as a poll that asks nobody."""

        async def spending() -> Spending:
            return self._spent()

        def told(reading: Reading[Spending]) -> None:
            self._post(SpendingUpdate(self._spent()))

        return Poll("spending", spending, every(partial(self._pace.of, "spending")), told, self._clock, self._jitter)

    def _spent(self) -> Spending:
        """The questions, and Live Tail beside them."""
        spent = self._account.spending
        dollars, per_hour = self.live_cost()
        return msgspec.structs.replace(spent, dollars=spent.dollars + dollars, per_hour=spent.per_hour + per_hour)


def _moves(stack: Stack | None) -> bool:
    return stack is not None and stack.in_progress


def _purges(invalidations: tuple[Invalidation, ...] | None) -> bool:
    return any(not one.done for one in invalidations or ())
