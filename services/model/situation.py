"""The Situation: everything known of one environment at one moment. Immutable; each reading folds into the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.model.alarms import Alarm
from services.model.apis import Api
from services.model.content import Bucket
from services.model.edge import Distribution, Invalidation
from services.model.entry import Operation
from services.model.functions import Function, MemoryUse, Release, VersionEvidence
from services.model.health_score import Defined
from services.model.identity import Identity
from services.model.kept import Deployed, KeptStack
from services.model.logs import TailStatus
from services.model.parts import Parts
from services.model.plan import ActionKind
from services.model.reading import Reading
from services.model.series import Metrics
from services.model.sign_ins import SignInLog
from services.model.spending import Spending
from services.model.stacks import Stack, StackEvent
from services.model.tables import Table
from services.model.users import UserPool
from services.model.witness import ObjectBurst, Probes, Trail, Witness

TAKES_HOLD = timedelta(seconds=30)
"""How long after a stage was changed a request may still be answered as before."""


class Situation(msgspec.Struct, frozen=True):
    """One environment. Each field but the first four is a feed; its name is the feed's name."""

    environment: str
    """The environment's name in the settings."""
    now: datetime
    """The account's time when this was folded."""
    endpoint: str = ""
    """The endpoint's URL when it is not AWS's own; shown as a banner."""
    speed: float = 1.0
    """Seconds of the account's time per second of this machine's: a question takes that much more of it."""

    identity: Reading[Identity] = Reading()
    parts: Reading[Parts] = Reading()
    metrics: Reading[Metrics] = Reading()
    """The environment's region, one-minute periods."""
    percentiles: Reading[Metrics] = Reading()
    """The environment's region, five-minute periods: p95, p99, which cannot be combined from minutes."""
    edge_metrics: Reading[Metrics] = Reading()
    """us-east-1: CloudFront's."""
    stack: Reading[Stack] = Reading()
    events: Reading[tuple[StackEvent, ...]] = Reading()
    """Newest first."""
    functions: Reading[tuple[Function, ...]] = Reading()
    releases: Reading[tuple[Release, ...]] = Reading()
    evidence: Reading[tuple[VersionEvidence, ...]] = Reading()
    """Per version, the last hours."""
    memory: Reading[tuple[MemoryUse, ...]] = Reading()
    """Of the function behind the alias, sampled from its log."""
    apis: Reading[tuple[Api, ...]] = Reading()
    tables: Reading[tuple[Table, ...]] = Reading()
    distributions: Reading[tuple[Distribution, ...]] = Reading()
    invalidations: Reading[tuple[Invalidation, ...]] = Reading()
    """Newest first."""
    buckets: Reading[tuple[Bucket, ...]] = Reading()
    user_pools: Reading[tuple[UserPool, ...]] = Reading()
    alarms: Reading[tuple[Alarm, ...]] = Reading()
    """Both regions."""
    probes: Reading[Probes] = Reading()
    """Our health checks. Waits for ever where no health address is configured."""
    writes: Reading[Trail] = Reading()
    """CloudTrail's mutating events of both regions."""
    bursts: Reading[tuple[ObjectBurst, ...]] = Reading()
    """Publications into the stack's buckets, newest first."""
    deployed: Reading[Deployed] = Reading()
    """What the stack is deployed with."""
    kept: Reading[tuple[KeptStack, ...]] = Reading()
    """What it was deployed with, newest first: from this machine's disk, beside the journal."""
    sign_ins: Reading[SignInLog] = Reading()
    """Failed sign-ins, where the user pools deliver their log."""
    score: Reading[Defined] = Reading()
    """The health score as the environment's dashboard defines it."""
    tail: Reading[TailStatus] = Reading()
    operations: Reading[tuple[Operation, ...]] = Reading()
    """From the journal, newest first: ours and other sessions' on this machine."""
    orphans: frozenset[str] = frozenset()
    """Ids of open operations whose executor has gone: they stand still until somebody has them carried on."""
    spending: Spending = Spending()

    @property
    def witness(self) -> Witness:
        """What is known besides AWS's own metrics and events. Isolated: any API of the stack is closed on purpose."""
        closed = [self._closed(api) for api in self.apis.value or () if api.shut or (api.denied and self._holds(api))]
        return Witness(self.probes, self.writes, self.bursts, min(closed, default=None))

    def _holds(self, api: Api) -> bool:
        """Whether a policy is in force: a health check that is answered proves that it was never deployed."""
        made = self.probes.value.newest if self.probes.value is not None else ()
        newest = max(made, key=lambda one: one.at, default=None)
        return newest is None or not newest.ok or (api.deployed is not None and newest.at < api.deployed + TAKES_HOLD)

    def _closed(self, api: Api) -> datetime:
        """When it was closed: by the newest operation of ours, else whenever its stage was changed last."""
        ours = [one for one in self.operations.value or () if one.plan.kind is ActionKind.ISOLATE and one.switched]
        about = [one for one in ours if any(step.call.api == api.id for step in one.plan.steps)]
        newest = max(about, key=lambda one: one.switched or one.ordered, default=None)
        by_us = newest.switched if newest is not None and not newest.plan.undo_of else None
        return by_us or api.deployed or self.now

    def folded(self, feed: str, reading: Reading[Any], now: datetime) -> Situation:
        """This situation with one feed's newest reading."""
        fields: Mapping[str, Any] = {feed: reading, "now": now}
        return msgspec.structs.replace(self, **fields)
