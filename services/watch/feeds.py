"""What each feed asks, and what it needs to know before it can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from services import catalogue, discovery
from services.aws import (
    alarms,
    apis,
    content,
    edge,
    functions,
    http_apis,
    identity,
    metrics,
    object_writes,
    stacks,
    tables,
    trail,
    users,
)
from services.aws.session import GLOBAL_REGION, Account
from services.model.alarms import Alarm
from services.model.apis import Api
from services.model.content import Bucket
from services.model.edge import Distribution, Invalidation
from services.model.functions import Function, FunctionVersion, Release, VersionEvidence
from services.model.identity import Identity
from services.model.parts import Parts
from services.model.reading import Reading
from services.model.series import Signal
from services.model.stacks import Stack, StackEvent
from services.model.tables import Table
from services.model.users import UserPool
from services.model.witness import ObjectBurst, Probe, RecordedWrite, Trail
from services.probes import health
from services.problems import AccountError
from services.safe_text import SafeText
from services.watch import measuring
from services.watch.polling import CREDENTIALS, Poll
from services.watch.rounds import Rounds
from services.watch.stack_events import EventReader

T = TypeVar("T")

PATIENT = (
    *("functions", "releases", "distributions", "invalidations", "buckets", "user_pools", "evidence"),
    *("events", "percentiles", "edge_metrics", "probes", "writes", "bursts"),
)
"""Feeds that let the first metrics go before them."""

PATIENCE_S = 1.5
"""Machine seconds that they wait for these at most."""

PROBES_KEPT_S = 3600.0
WRITES_KEPT = 2_000
TRAIL_S = 3 * 3600.0
"""How far back the first look into the trail goes: a breach on the charts and the hour before it."""

TRAIL_LATE_S = 1200.0
"""How far back each later one goes again: events arrive up to a quarter of an hour late, in any order (aws.md 3.6)."""

VERSIONS_EVERY = 4
"""The alias is read each turn, the list of versions every fourth and whenever the alias has moved."""

OPERATIONS_EVERY = 30
"""Turns of the tables between two looks at which operations use them."""

FUNCTIONS_A_TURN = 30
RELEASES_A_TURN = 15
"""Within a burst of the budget, and below one question a second of a control plane that all of an account share: a turn
of the functions is a minute, one of the releases a quarter of it."""


class Feeds:
    """The questions of one environment. Remembers only what saves asking again."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.environment = account.environment
        self.polls: dict[str, Poll[Any]] = {}
        self.told: dict[str, Reading[Any]] = {}
        """The newest reading of each feed that was told."""
        self._events = EventReader(account, account.environment.stack)
        self._versions: dict[str, tuple[str, int, tuple[FunctionVersion, ...]]] = {}
        self._invalidations: dict[str, tuple[Invalidation, ...]] = {}
        self._probes: tuple[Probe, ...] = ()
        self._trails: dict[str, Trail] = {}
        self._asked: dict[str, datetime] = {}
        """Region → until when its trail was asked for."""
        self._functions: Rounds[Function] = Rounds(FUNCTIONS_A_TURN)
        self._releases: Rounds[Release] = Rounds(RELEASES_A_TURN)
        self._used: dict[str, tuple[int, tuple[SafeText, ...]]] = {}

    async def cleared(self, feed: str) -> None:
        """Wait until `feed` may ask. Raises AccountError when it may not.

        An environment with a pinned account asks nothing before it is known whose credentials these are. Once
        credentials are known not to be good, `identity` alone goes on asking (reliability B16), and the health check,
        which needs none.
        """
        if feed in ("identity", "probes"):
            return
        poll = self.polls["identity"]
        if self.environment.account:
            await poll.first.wait()
        cause = poll.reading.problem
        if cause is not None and (
            cause.kind in CREDENTIALS or (self.environment.account and poll.reading.value is None)
        ):
            raise AccountError(cause)

    async def patient(self, feed: str) -> None:
        """Let what the first screen needs most go first: building each client holds up all questions behind it."""
        if feed in PATIENT and not self.polls["metrics"].first.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self.polls["metrics"].first.wait()

    async def known(self, feed: str) -> Any:
        """The newest value of another feed; waits for its first answer. Raises its AccountError without one."""
        poll = self.polls[feed]
        await poll.first.wait()
        if poll.reading.value is None:
            assert poll.reading.problem is not None
            raise AccountError(poll.reading.problem)
        return poll.reading.value

    async def known_or(self, feed: str, otherwise: T) -> T:
        """Like `known`, with a stand-in where there is no value."""
        try:
            value: T = await self.known(feed)
        except AccountError:
            return otherwise
        return value

    async def identity(self) -> Identity:
        who = await identity.whoami(self.account)
        wrong = identity.wrong_account(who, self.environment)
        if wrong is not None:
            raise AccountError(wrong)
        return who

    async def parts(self) -> Parts:
        return await discovery.discover(self.account, self.environment)

    async def stack(self) -> Stack:
        return await stacks.describe(self.account, self.environment.stack)

    async def events(self) -> tuple[StackEvent, ...]:
        return await self._events.read()

    async def alarms(self) -> tuple[Alarm, ...]:
        here, there = await asyncio.gather(
            alarms.describe(self.account, self.environment.region),
            alarms.describe(self.account, GLOBAL_REGION) if self.environment.region != GLOBAL_REGION else _nothing(),
        )
        parts: Parts = await self.known("parts")
        called: tuple[Api, ...] = self.polls["apis"].reading.value or ()
        groups = (*parts.log_groups, *(group.name for group in self.environment.names.log_groups))
        return alarms.of_stack(here + there, parts.alarms, (*_names(parts), *groups, *(api.name for api in called)))

    async def functions(self) -> tuple[Function, ...]:
        parts: Parts = await self.known("parts")
        return await self._in_rounds(
            self._functions, parts.functions, lambda name: functions.describe(self.account, name)
        )

    async def releases(self) -> tuple[Release, ...]:
        parts: Parts = await self.known("parts")
        aliased = {owner for owner, _ in parts.aliases}
        return await self._in_rounds(self._releases, parts.functions, lambda name: self._release(name, parts), aliased)

    async def _in_rounds(
        self, rounds: Rounds[T], names: Sequence[str], ask: Callable[[str], Awaitable[T]], first: Collection[str] = ()
    ) -> tuple[T, ...]:
        due = rounds.due(names, first)
        rounds.took(zip(due, await _each(due, ask), strict=True))
        return rounds.all(names)

    async def _release(self, function: str, parts: Parts) -> Release:
        name = next((alias for owner, alias in parts.aliases if owner == function), self.environment.names.alias)
        serving = await functions.alias(self.account, function, name)
        mark = f"{serving.revision_id}/{serving.version}" if serving is not None else ""
        before, turns, published = self._versions.get(function, ("", 0, ()))
        if not published or mark != before or turns % VERSIONS_EVERY == 0:
            published, turns = await functions.versions(self.account, function), 0
        self._versions[function] = (mark, turns + 1, published)
        called: tuple[Api, ...] | None = await self.known_or("apis", None)
        uris = None if called is None else [uri for api in called for uri in api.integrations]
        return functions.release(function, serving, published, uris)

    async def evidence(self) -> tuple[VersionEvidence, ...]:
        return await measuring.evidence(self.account, await self.known("releases"))

    async def apis(self) -> tuple[Api, ...]:
        parts: Parts = await self.known("parts")
        stages = discovery.stages(parts)
        rest, http = await asyncio.gather(
            _each(parts.rest_apis, lambda api: apis.describe(self.account, api, stages)),
            _each(parts.http_apis, lambda api: http_apis.describe(self.account, api, stages)),
        )
        return rest + http

    async def tables(self) -> tuple[Table, ...]:
        parts: Parts = await self.known("parts")
        return await _each(parts.tables, self._table)

    async def _table(self, name: str) -> Table:
        table, used = await asyncio.gather(tables.describe(self.account, name), self._operations(name))
        return msgspec.structs.replace(table, operations=used)

    async def _operations(self, table: str) -> tuple[SafeText, ...]:
        """Which operations the table is used by, looked up now and then; not to know costs the latencies alone."""
        turn, known = self._used.get(table, (0, ()))
        if turn % OPERATIONS_EVERY == 0:
            with suppress(AccountError):
                known = await metrics.operations(self.account, table)
        self._used[table] = (turn + 1, known)
        return known

    async def distributions(self) -> tuple[Distribution, ...]:
        parts: Parts = await self.known("parts")
        return await _each(parts.distributions, lambda id: edge.describe(self.account, id))

    async def invalidations(self) -> tuple[Invalidation, ...]:
        parts: Parts = await self.known("parts")
        found: list[Invalidation] = []
        for id in parts.distributions:
            known = self._invalidations.get(id, ())
            self._invalidations[id] = await edge.invalidations(self.account, id, known)
            found += self._invalidations[id]
        return tuple(sorted(found, key=lambda one: one.created.timestamp() if one.created else 0.0, reverse=True))

    async def buckets(self) -> tuple[Bucket, ...]:
        parts: Parts = await self.known("parts")
        return await _each(parts.buckets, lambda name: content.describe(self.account, name))

    async def user_pools(self) -> tuple[UserPool, ...]:
        parts: Parts = await self.known("parts")
        return await _each(parts.user_pools, lambda id: users.describe(self.account, id))

    async def probes(self) -> tuple[Probe, ...]:
        """The health checks of the last hour, with one more."""
        made = await health.probe(self.environment, self.account.clock)
        since = made.at - timedelta(seconds=PROBES_KEPT_S)
        self._probes = (*(one for one in self._probes if one.at >= since), made)
        return self._probes

    async def writes(self) -> Trail:
        """What CloudTrail tells of the environment's region and of us-east-1, where global services' events are."""
        regions = dict.fromkeys((self.environment.region, GLOBAL_REGION))
        await asyncio.gather(*(self._trail(region) for region in regions))
        told = [self._trails[region] for region in regions]
        found = sorted((write for one in told for write in one.writes), key=lambda write: write.at, reverse=True)
        return Trail(tuple(found), max(one.since for one in told))

    async def _trail(self, region: str) -> None:
        now = self.account.clock.now()
        known = self._trails.get(region)
        back = TRAIL_S if known is None else TRAIL_LATE_S + (now - self._asked[region]).total_seconds()
        since = now - timedelta(seconds=back)
        fresh, whole = await trail.writes(self.account, region, since, now)
        self._asked[region] = now
        self._trails[region] = joined(known, fresh, since if whole or not fresh else fresh[-1].at, whole)

    async def bursts(self) -> tuple[ObjectBurst, ...]:
        """The newest publications into the stack's buckets, newest first."""
        parts: Parts = await self.known("parts")
        found = await _each(parts.buckets, lambda name: object_writes.bursts(self.account, name))
        return tuple(sorted((one for several in found for one in several), key=lambda one: one.ended, reverse=True))

    async def signals(self) -> tuple[Signal, ...]:
        """Everything that is measured, from what is known of the parts; one that is denied costs only its own."""
        parts: Parts = await self.known("parts")
        none: tuple[Any, ...] = ()
        known_apis, known_tables = await asyncio.gather(self.known_or("apis", none), self.known_or("tables", none))
        return catalogue.signals(parts, known_apis, known_tables, none, self.environment)


def joined(known: Trail | None, fresh: tuple[RecordedWrite, ...], since: datetime, whole: bool) -> Trail:
    """`known` with what was read from `since` on; not `whole`: what lies between the two is missing."""
    ids = {write.id for write in fresh}
    old = () if known is None else tuple(write for write in known.writes if write.id not in ids)
    writes = tuple(sorted((*fresh, *old), key=lambda write: write.at, reverse=True))
    start = since if known is None or not whole else known.since
    if len(writes) > WRITES_KEPT:
        writes = writes[:WRITES_KEPT]
        start = max(start, writes[-1].at)
    return Trail(writes, start)


async def _each(names: Iterable[str], ask: Callable[[str], Awaitable[T]]) -> tuple[T, ...]:
    return tuple(await asyncio.gather(*(ask(name) for name in names)))


async def _nothing() -> tuple[alarms.ListedAlarm, ...]:
    return ()


def _names(parts: Parts) -> tuple[str, ...]:
    """Names that only this stack's resources have: what an alarm's dimensions may point at."""
    return (
        *parts.functions,
        *parts.tables,
        *parts.distributions,
        *parts.buckets,
        *parts.user_pools,
        *parts.user_pool_clients,
        *parts.rest_apis,
        *parts.http_apis,
    )
