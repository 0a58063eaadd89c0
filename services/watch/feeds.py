"""What each feed asks, and what it needs to know before it can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

from services import catalogue, discovery
from services.aws import (
    alarms,
    apis,
    content,
    deployed,
    edge,
    function_memory,
    functions,
    http_apis,
    identity,
    object_writes,
    stacks,
    users,
)
from services.aws.health_score import ScoreReader
from services.aws.session import GLOBAL_REGION, Account
from services.dashboards.own import own
from services.model.alarms import Alarm
from services.model.apis import Api
from services.model.content import Bucket
from services.model.edge import Distribution, Invalidation
from services.model.functions import Function, MemorySample, MemoryUse, Release, VersionEvidence
from services.model.health_score import Defined
from services.model.identity import Identity
from services.model.kept import Deployed
from services.model.parts import Parts
from services.model.series import Signal
from services.model.sign_ins import SignInLog
from services.model.stacks import Stack, StackEvent
from services.model.tables import Table
from services.model.users import UserPool
from services.model.witness import ObjectBurst, Probes, Trail
from services.problems import AccountError
from services.safe_text import safe
from services.watch import measuring
from services.watch.answers import Answers
from services.watch.health_checks import HealthChecks
from services.watch.release_reading import ReleaseReader
from services.watch.rounds import Rounds
from services.watch.sign_in_reading import SignInReader
from services.watch.stack_events import EventReader
from services.watch.table_reading import TableReader
from services.watch.trail_reading import TrailReader

T = TypeVar("T")

FUNCTIONS_A_TURN = 30
RELEASES_A_TURN = 15
"""Within a burst of the budget, and below one question a second of a control plane that all of an account share: a turn
of the functions is a minute, one of the releases a quarter of it."""


class Feeds:
    """The questions of one environment. Remembers only what saves asking again."""

    def __init__(self, account: Account, answers: Answers) -> None:
        """`answers`: what the others said, for those that have to know it first."""
        self.account = account
        self.environment = account.environment
        self.answers = answers
        self._known, self._known_or = answers.known, answers.known_or
        self._events = EventReader(account, account.environment.stack)
        self._versions = ReleaseReader(account)
        self._tables = TableReader(account)
        self._checks = HealthChecks(account.environment, account.clock, answers.silence)
        self._trails = TrailReader(account)
        self.own_score = ScoreReader(account)
        self._sign_ins = SignInReader(account)
        self._invalidations: dict[str, tuple[Invalidation, ...]] = {}
        self._memory: dict[str, tuple[MemorySample, ...]] = {}
        self._functions: Rounds[Function] = Rounds(FUNCTIONS_A_TURN)
        self._releases: Rounds[Release] = Rounds(RELEASES_A_TURN)
        self._deployed: tuple[tuple[object, ...], Deployed] | None = None

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

    async def deployed(self) -> Deployed:
        """Asked anew when the stack's status or its last operation is another; its template is not small."""
        stack: Stack = await self._known("stack")
        mark = (stack.id, stack.status, stack.updated)
        if self._deployed is None or self._deployed[0] != mark:
            self._deployed = mark, await deployed.deployed(self.account, self.environment.stack)
        return self._deployed[1]

    async def events(self) -> tuple[StackEvent, ...]:
        return await self._events.read()

    async def alarms(self) -> tuple[Alarm, ...]:
        here, there = await asyncio.gather(
            alarms.describe(self.account, self.environment.region),
            alarms.describe(self.account, GLOBAL_REGION) if self.environment.region != GLOBAL_REGION else _nothing(),
        )
        parts: Parts = await self._known("parts")
        called: tuple[Api, ...] = self.answers.polls["apis"].reading.value or ()
        groups = (*parts.log_groups, *(group.name for group in self.environment.names.log_groups))
        return alarms.of_stack(here + there, parts.alarms, (*_names(parts), *groups, *(api.name for api in called)))

    async def functions(self) -> tuple[Function, ...]:
        parts: Parts = await self._known("parts")
        return await self._in_rounds(
            self._functions, parts.functions, lambda name: functions.describe(self.account, name)
        )

    async def releases(self) -> tuple[Release, ...]:
        parts: Parts = await self._known("parts")
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
        called: tuple[Api, ...] | None = await self._known_or("apis", None)
        uris = None if called is None else [uri for api in called for uri in api.integrations]
        return await self._versions.read(function, name, uris)

    async def evidence(self) -> tuple[VersionEvidence, ...]:
        return await measuring.evidence(self.account, await self._known("releases"))

    async def memory(self) -> tuple[MemoryUse, ...]:
        """Samples of what the function behind the alias needs; nothing where there is none, or it writes no log."""
        releases: tuple[Release, ...] = await self._known("releases")
        described: tuple[Function, ...] = await self._known("functions")
        serving = next((str(one.function) for one in releases if one.alias is not None), "")
        group = next((str(one.log_group) for one in described if one.name == serving), "")
        if not group:
            return ()
        before = self._memory.get(serving, ())
        self._memory[serving] = await function_memory.sampled(self.account, group, before, self.account.clock.now())
        return (MemoryUse(safe(serving), self._memory[serving]),)

    async def apis(self) -> tuple[Api, ...]:
        parts: Parts = await self._known("parts")
        stages = discovery.stages(parts)
        rest, http = await asyncio.gather(
            _each(parts.rest_apis, lambda api: apis.describe(self.account, api, stages)),
            _each(parts.http_apis, lambda api: http_apis.describe(self.account, api, stages)),
        )
        return rest + http

    async def tables(self) -> tuple[Table, ...]:
        parts: Parts = await self._known("parts")
        return await _each(parts.tables, self._tables.read)

    async def distributions(self) -> tuple[Distribution, ...]:
        parts: Parts = await self._known("parts")
        return await _each(parts.distributions, lambda id: edge.describe(self.account, id))

    async def invalidations(self) -> tuple[Invalidation, ...]:
        parts: Parts = await self._known("parts")
        found: list[Invalidation] = []
        for id in parts.distributions:
            known = self._invalidations.get(id, ())
            self._invalidations[id] = await edge.invalidations(self.account, id, known)
            found += self._invalidations[id]
        return tuple(sorted(found, key=lambda one: one.created.timestamp() if one.created else 0.0, reverse=True))

    async def buckets(self) -> tuple[Bucket, ...]:
        parts: Parts = await self._known("parts")
        return await _each(parts.buckets, lambda name: content.describe(self.account, name))

    async def user_pools(self) -> tuple[UserPool, ...]:
        parts: Parts = await self._known("parts")
        return await _each(parts.user_pools, lambda id: users.describe(self.account, id))

    async def probes(self) -> Probes:
        return await self._checks.read()

    async def writes(self) -> Trail:
        return await self._trails.read()

    async def score(self) -> Defined:
        return await self.own_score.read(own(self.environment, await self._known_or("parts", None)))

    async def sign_ins(self) -> SignInLog:
        parts: Parts = await self._known("parts")
        return await self._sign_ins.read(parts.user_pools)

    async def bursts(self) -> tuple[ObjectBurst, ...]:
        """The newest publications into the stack's buckets, newest first."""
        parts: Parts = await self._known("parts")
        found = await _each(parts.buckets, lambda name: object_writes.bursts(self.account, name))
        return tuple(sorted((one for several in found for one in several), key=lambda one: one.ended, reverse=True))

    async def signals(self) -> tuple[Signal, ...]:
        """Everything that is measured, from what is known of the parts; one that is denied costs only its own."""
        parts: Parts = await self._known("parts")
        none: tuple[Any, ...] = ()
        known_apis, known_tables = await asyncio.gather(self._known_or("apis", none), self._known_or("tables", none))
        return catalogue.signals(parts, known_apis, known_tables, none, self.environment)


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
