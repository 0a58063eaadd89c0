"""Scenarios in which the system is well and cannot be seen: silent logs, refused questions, late points."""

from __future__ import annotations

from services.model.assessment import State
from services.simulated.estate import REGION
from services.simulated.faults import FaultKind
from services.simulated.world.scenarios.conditions import LateMetrics, LogSilence, LogStorm
from services.simulated.world.scenarios.releases import HISTORY
from services.simulated.world.scenarios.truth import Reach, Telling, Truth
from services.simulated.world.scenarios.values import Scenario, Trouble

_OF_HOME = (
    "api.latency",
    "api.errors",
    "api.requests",
    "lambda.duration",
    "lambda.errors",
    "table.throttles",
    "table.capacity",
)
"""The judgements that stand on the home region's metrics."""

LOG_SILENCE = Scenario(
    "log-silence",
    "Three minutes after the start the application's log group gets nothing any more; the metrics are as always.",
    deployments=HISTORY,
    conditions=(LogSilence(begins=180, log="application"),),
    truth=Truth(
        "the application writes no log line any more although it serves as always",
        onsets=(180,),
        silent=("log:application",),
        tells=(
            Telling(
                at=900,
                state=State.NO_DATA,
                says=("Cannot see what app does: no line of app since 03:02, although ", "requests came"),
            ),
        ),
    ),
)

LOG_STORM = Scenario(
    "log-storm",
    "Two minutes after the start production's four logs get 10,000 lines a second for ten minutes, some huge, some "
    "hostile, and CloudWatch Logs enforces its quotas.",
    deployments=HISTORY,
    conditions=(LogStorm(begins=120, ends=720, lines_per_second=10_000),),
    truth=Truth(
        "nothing but the logs, which nobody can read as fast as they come",
        onsets=(120,),
        ends=720,
        tells=(Telling(at=1_080, state=State.OK, says=("All five key metrics normal",)),),
        horizon=1_200,
    ),
)

COCKPIT_DENIED = Scenario(
    "cockpit-denied",
    "The caller may not ask for alarms, stack events, tables, trails and log lines; after five minutes not for the "
    "edge's metrics either.",
    deployments=HISTORY,
    troubles=(
        Trouble("cloudwatch", "DescribeAlarms", FaultKind.DENY),
        Trouble("cloudformation", "DescribeStackEvents", FaultKind.DENY),
        Trouble("dynamodb", "DescribeTable", FaultKind.DENY),
        Trouble("cloudtrail", "LookupEvents", FaultKind.DENY),
        Trouble("logs", "FilterLogEvents", FaultKind.DENY),
        Trouble("cloudwatch", "GetMetricData", FaultKind.DENY, begins=300, region="us-east-1"),
    ),
    truth=Truth(
        "nothing but the caller's own permissions",
        onsets=(0, 300),
        reaches=(
            Reach("table.throttles", State.DENIED, 0, 60),
            Reach("table.capacity", State.DENIED, 0, 60),
            Reach("edge.4xx", State.DENIED, 300, 420),
            Reach("edge.hits", State.DENIED, 300, 420),
        ),
        silent=(
            "cloudwatch:DescribeAlarms",
            "cloudformation:DescribeStackEvents",
            "dynamodb:DescribeTable",
            "cloudtrail:LookupEvents",
            "logs:FilterLogEvents",
            "cloudwatch:GetMetricData:us-east-1",
        ),
        tells=(
            Telling(
                at=120, state=State.DENIED, says=("Cannot see Throttling and Table capacity", "dynamodb:DescribeTable")
            ),
            Telling(
                at=600,
                state=State.DENIED,
                says=("Cannot see Throttling and Table capacity", "dynamodb:DescribeTable", "2 more unseen"),
            ),
        ),
    ),
)

_STRETCHES = ((120.0, 300.0), (600.0, 1_200.0))

COCKPIT_THROTTLED = Scenario(
    "cockpit-throttled",
    "The home region throttles the caller's questions for metrics and lines for three minutes, and later for ten.",
    deployments=HISTORY,
    troubles=tuple(
        Trouble(service, operation, FaultKind.THROTTLE, begins, ends, REGION)
        for begins, ends in _STRETCHES
        for service, operation in (("cloudwatch", "GetMetricData"), ("logs", "FilterLogEvents"))
    ),
    truth=Truth(
        "nothing but the caller's own share of the APIs",
        onsets=tuple(begins for begins, _ in _STRETCHES),
        ends=_STRETCHES[-1][1],
        # Three cadences of a minute, counted from the last answer before the second stretch.
        reaches=tuple(Reach(key, State.STALE, 720, 900, 1_200) for key in _OF_HOME),
        silent=("cloudwatch:GetMetricData:us-west-2", "logs:FilterLogEvents"),
        tells=(
            Telling(at=540, state=State.OK, says=("All five key metrics normal",)),
            Telling(
                at=1_080,
                state=State.STALE,
                says=("Cannot see API latency", "and 4 more", "last answered at 03:09", "throttled"),
            ),
            Telling(at=1_800, state=State.OK, says=("All five key metrics normal",)),
        ),
    ),
)

LATE_METRICS = Scenario(
    "late-metrics",
    "From three to thirty minutes after the start CloudWatch's points of the home region come 6 to 10 minutes late.",
    deployments=HISTORY,
    conditions=(LateMetrics(begins=180, ends=1_800, least=360, most=600),),
    truth=Truth(
        "the home region's metrics come late; those of the edge come as always",
        onsets=(180,),
        ends=2_400,
        # The edge's points and the logs show that people come: silence here is lateness and not missing traffic.
        reaches=tuple(Reach(key, State.LATE, 360, 780, 1_800) for key in _OF_HOME),
        tells=(
            Telling(
                at=1_200,
                state=State.LATE,
                says=("Cannot see API latency", "and 4 more", "no point", "requests went on"),
            ),
            Telling(at=3_000, state=State.OK, says=("All five key metrics normal",)),
        ),
    ),
)
