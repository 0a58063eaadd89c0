"""The Situation: everything known of one environment at one moment. Immutable; each reading folds into the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.model.alarms import Alarm
from services.model.apis import Api
from services.model.content import Bucket
from services.model.edge import Distribution, Invalidation
from services.model.entry import Operation
from services.model.functions import Function, Release, VersionEvidence
from services.model.identity import Identity
from services.model.logs import TailStatus
from services.model.parts import Parts
from services.model.reading import Reading
from services.model.series import Metrics
from services.model.spending import Spending
from services.model.stacks import Stack, StackEvent
from services.model.tables import Table
from services.model.users import UserPool
from services.model.witness import ObjectBurst, Probe, Trail, Witness


class Situation(msgspec.Struct, frozen=True):
    """One environment. Each field but the first three is a feed; its name is the feed's name."""

    environment: str
    """The environment's name in the settings."""
    now: datetime
    """The account's time when this was folded."""
    endpoint: str = ""
    """The endpoint's URL when it is not AWS's own; shown as a banner."""

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
    apis: Reading[tuple[Api, ...]] = Reading()
    tables: Reading[tuple[Table, ...]] = Reading()
    distributions: Reading[tuple[Distribution, ...]] = Reading()
    invalidations: Reading[tuple[Invalidation, ...]] = Reading()
    """Newest first."""
    buckets: Reading[tuple[Bucket, ...]] = Reading()
    user_pools: Reading[tuple[UserPool, ...]] = Reading()
    alarms: Reading[tuple[Alarm, ...]] = Reading()
    """Both regions."""
    probes: Reading[tuple[Probe, ...]] = Reading()
    """Health checks of the last hour, oldest first. Waits for ever where no health address is configured."""
    writes: Reading[Trail] = Reading()
    """CloudTrail's mutating events of both regions."""
    bursts: Reading[tuple[ObjectBurst, ...]] = Reading()
    """Publications into the stack's buckets, newest first."""
    tail: Reading[TailStatus] = Reading()
    operations: Reading[tuple[Operation, ...]] = Reading()
    """From the journal, newest first: ours and other sessions' on this machine."""
    spending: Spending = Spending()

    @property
    def witness(self) -> Witness:
        """What is known besides AWS's own metrics and events. Isolated: any API of the stack is closed on purpose."""
        closed = [api.deployed or self.now for api in self.apis.value or () if api.isolated]
        return Witness(self.probes, self.writes, self.bursts, min(closed, default=None))

    def folded(self, feed: str, reading: Reading[Any], now: datetime) -> Situation:
        """This situation with one feed's newest reading."""
        fields: Mapping[str, Any] = {feed: reading, "now": now}
        return msgspec.structs.replace(self, **fields)
