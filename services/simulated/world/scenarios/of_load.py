"""Scenarios in which no release is to blame: demand, dependencies, a change by hand, an attack."""

from __future__ import annotations

from services.model.assessment import State
from services.simulated.world.scenarios.conditions import (
    CacheMisses,
    ColdWave,
    Demand,
    HotPartition,
    SignInAttack,
    SlowUpstream,
)
from services.simulated.world.scenarios.releases import HISTORY
from services.simulated.world.scenarios.truth import Cause, Count, Reach, Ring, Rule, Sign, Telling, Truth
from services.simulated.world.scenarios.values import ConfigurationChange, Scenario

HOT_PARTITION = Scenario(
    "hot-partition",
    "Three minutes after the start one key of the table and of its index gets more than a partition serves.",
    deployments=HISTORY,
    conditions=(HotPartition(begins=180, writes=0.7, index_reads=0.6, retry_ms=520),),
    truth=Truth(
        "one key throttles on the table and on its index; the SDK's further tries make the API slow",
        onsets=(180,),
        reaches=(
            Reach("table.throttles", State.CRIT, 180, 360),
            Reach("api.latency", State.ELEVATED, 240, 660),
        ),
        signs=(
            Sign("table.write_throttles", "Sum", "above", 5, 180, 3_600),
            Sign("index.write_throttles", "Sum", "above", 5, 180, 3_600),
            Sign("index.read_throttles", "Sum", "above", 5, 180, 3_600),
            Sign("table.write_key_range", "Sum", "above", 5, 180, 3_600),
            Sign("index.read_key_range", "Sum", "above", 5, 180, 3_600),
            Sign("api.5xx", "Sum", "below", 3, 180, 3_600),
        ),
        rings=(Ring(Rule.THROTTLING, 180, 360),),
        tells=tuple(
            Telling(
                at=at,
                state=State.CRIT,
                says=("Throttling", "events since 03:03", "change in the hour before"),
                since=180,
                rings=(Rule.THROTTLING,),
                counts=(Count(Rule.THROTTLING, 6, 2_000),),
                clock="alert: DynamoDB Throttling",
                alarms=("dynamodb-throttles",),
            )
            for at in (720, 1_800)
        ),
    ),
)

_CACHE_CHANGED = 120.0

CACHE_MISS_STORM = Scenario(
    "cache-miss-storm",
    "Two minutes after the start somebody changes the distribution; from then on the edge keeps next to nothing.",
    deployments=HISTORY,
    conditions=(CacheMisses(begins=_CACHE_CHANGED, hit_rate=0.18, origin_slowness=4.5),),
    changes=(
        ConfigurationChange(
            begins=_CACHE_CHANGED,
            service="cloudfront",
            operation="UpdateDistribution",
            environment="production",
            parameters={
                "Id": "{distribution}",
                "DistributionConfig": {
                    "Comment": "EC2 Manager, production",
                    "Enabled": True,
                    # Managed-CachingDisabled, where Managed-CachingOptimized was
                    "DefaultCacheBehavior": {"CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"},
                },
            },
        ),
    ),
    truth=Truth(
        "the edge's hit rate fell from 92 to 18 %, five times as much goes to the origin, which got slow",
        onsets=(_CACHE_CHANGED,),
        cause=Cause("configuration", "UpdateDistribution", _CACHE_CHANGED),
        signs=(
            Sign("edge.hits", "Average", "above", 85, -1_800, _CACHE_CHANGED),
            Sign("edge.hits", "Average", "below", 30, _CACHE_CHANGED + 180, 3_600),
            Sign("edge.origin", "p90", "above", 250, _CACHE_CHANGED + 180, 3_600),
            Sign("edge.origin", "SampleCount", "above", 1_000, _CACHE_CHANGED + 180, 3_600),
        ),
        # The runbook has no band for the hit rate: it is told beside what is normal.
        tells=tuple(
            Telling(
                at=at,
                state=State.OK,
                says=("All five key metrics normal", "Cache hit rate 9", "UpdateDistribution of ", "by on-call"),
                since=_CACHE_CHANGED + 60,
                blames=True,
            )
            for at in (1_260, 3_300)
        ),
    ),
)

AUTH_FAILURES = Scenario(
    "auth-failures",
    "Three minutes after the start somebody tries passwords from one network, with the web client and without.",
    deployments=HISTORY,
    conditions=(SignInAttack(begins=180, per_minute=9, unknown_client_per_minute=4, network="203.0.113"),),
    truth=Truth(
        "sign-ins fail from one network, nine a minute at the web client and four with an unknown one",
        onsets=(180,),
        signs=(
            Sign("users.failures:web", "Sum", "above", 30, 300, 3_600),
            Sign("users.failures:Invalid", "Sum", "above", 15, 300, 3_600),
            Sign("users.failures:web", "Sum", "below", 10, -1_800, 0),
        ),
        rings=(Ring(Rule.SECURITY, 180, 1_200),),
        tells=tuple(
            Telling(
                at=at,
                state=State.WARN,
                says=("Security Alert", "failed sign-ins in 5 min to", "most from 203.0.113."),
                since=0,
                rings=(Rule.SECURITY,),
                counts=(Count(Rule.SECURITY, 10, 80),),
                clock="alert: Security Alert",
            )
            for at in (1_260, 2_700)
        ),
    ),
)

COLD_STARTS = Scenario(
    "cold-starts",
    "Three minutes after the start demand nearly doubles for a while, and the fresh instances need long to begin.",
    deployments=HISTORY,
    conditions=(
        Demand(begins=180, ends=780, factor=1.8),
        ColdWave(begins=180, ends=1_080, chance=0.3, half_life=200, init_ms=1_900),
    ),
    truth=Truth(
        "a wave of cold starts after a rise in demand: the API waits for instances, the function itself is not slower",
        onsets=(180,),
        ends=1_080,
        reaches=(Reach("api.latency", State.ELEVATED, 240, 600, 900),),
        signs=(
            Sign("api.latency", "p99", "above", 2_000, 180, 780),
            Sign("lambda.duration", "Average", "below", 130, -1_800, 3_600),
            Sign("lambda.concurrency", "Maximum", "above", 5, 180, 780),
            Sign("api.latency", "p99", "below", 1_500, 1_500, 3_600),
        ),
        tells=(
            Telling(
                at=720,
                state=State.ELEVATED,
                says=("API latency", "since 03:03", "change in the hour before"),
                since=180,
            ),
            Telling(at=2_400, state=State.OK, says=("All five key metrics normal",)),
        ),
    ),
)

TRAFFIC_GONE = Scenario(
    "traffic-gone",
    "Two minutes after the start nobody reaches production any more: no request, no error, nothing.",
    deployments=HISTORY,
    conditions=(Demand(begins=120, factor=0.0),),
    truth=Truth(
        "no request reaches production",
        onsets=(120,),
        reaches=(
            Reach("api.latency", State.NO_TRAFFIC, 180, 600),
            Reach("api.errors", State.NO_TRAFFIC, 180, 600),
            Reach("api.requests", State.NO_TRAFFIC, 180, 600),
            Reach("lambda.duration", State.NO_TRAFFIC, 180, 600),
            Reach("lambda.errors", State.NO_TRAFFIC, 180, 600),
            Reach("table.throttles", State.NO_TRAFFIC, 180, 600),
            Reach("table.capacity", State.NO_TRAFFIC, 180, 600),
            Reach("edge.4xx", State.NO_TRAFFIC, 180, 840),
            Reach("edge.hits", State.NO_TRAFFIC, 180, 840),
        ),
        # Two whole hours of the clock: the second one ends between two and three hours after the last request.
        rings=(Ring(Rule.LOW_ACTIVITY, 120 + 7_200, 120 + 10_800 + 240),),
        tells=(
            Telling(at=900, state=State.NO_TRAFFIC, says=("No request since 03:02", "API errors NO TRAFFIC")),
            Telling(
                at=11_220,
                state=State.WARN,
                says=("Low Activity", "no request since 04:00"),
                since=3_600,
                rings=(Rule.LOW_ACTIVITY,),
                counts=(Count(Rule.LOW_ACTIVITY, 7_200, 7_200),),
            ),
        ),
        horizon=11_400,
    ),
)

SLOW_UPSTREAM = Scenario(
    "slow-upstream",
    "Three minutes after the start the EC2 API answers late, after 25 minutes later still; after an hour it is well.",
    deployments=HISTORY,
    conditions=(
        SlowUpstream(begins=180, ends=1_500, extra_ms=3_600),
        SlowUpstream(begins=1_500, ends=3_600, extra_ms=8_200),
    ),
    truth=Truth(
        "what the function asks of EC2 takes 3.6 s, later 8.2 s; nothing fails, and /health is as quick as ever",
        onsets=(180, 1_500),
        ends=3_600,
        reaches=(
            Reach("api.latency", State.CRIT, 240, 660, 3_600),
            Reach("lambda.duration", State.ELEVATED, 1_560, 1_980, 3_600),
        ),
        signs=(
            Sign("api.latency", "Average", "above", 2_000, 180, 1_500),
            Sign("api.latency", "Average", "above", 5_000, 1_500, 3_600),
            Sign("lambda.duration", "Average", "above", 2_000, 180, 3_600),
            Sign("api.5xx", "Sum", "below", 3, 180, 3_600),
            Sign("api.latency", "Average", "below", 200, 3_900, 4_800),
        ),
        rings=(
            Ring(Rule.HIGH_LATENCY, 180 + 900, 180 + 1_500),
            Ring(Rule.LATENCY_TRIGGER, 1_500 + 900, 1_500 + 1_800),
        ),
        may_ring=(Rule.DEGRADED,),
        tells=(
            Telling(
                at=720,
                state=State.CRIT,
                says=("API latency", "since 03:03", "change in the hour before"),
                since=180,
                counts=(Count(Rule.HIGH_LATENCY, 240, 420),),
                clock="alert: High Latency, latency > 2 s for",
            ),
            Telling(
                at=3_480,
                state=State.CRIT,
                says=("API latency", "since 03:03", "change in the hour before"),
                since=180,
                rings=(Rule.HIGH_LATENCY, Rule.LATENCY_TRIGGER),
                counts=(Count(Rule.LATENCY_TRIGGER, 1_500, 1_860),),
                clock="trigger: response time > 5 s for",
                key="R",  # the runbook's trigger asks for it whatever the cause
                alarms=("api-latency",),
            ),
            Telling(at=5_400, state=State.OK, says=("All five key metrics normal",)),
        ),
        horizon=5_400,
    ),
)
