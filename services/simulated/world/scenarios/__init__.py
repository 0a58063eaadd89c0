"""Scenarios: what goes wrong, when, and what is true of it. Data; each is a ground truth to be scored against."""

from __future__ import annotations

from collections.abc import Mapping

from services.simulated.world.scenarios import of_load, of_people, of_releases, of_sight
from services.simulated.world.scenarios.truth import Cause, Count, Reach, Ring, Rule, Sign, Telling, Truth
from services.simulated.world.scenarios.values import (
    LOGICAL_ALIAS,
    LOGICAL_FUNCTION,
    ConfigurationChange,
    Deployment,
    DeploymentStep,
    FailingFunction,
    Failure,
    Leak,
    Nested,
    OtherOperator,
    Publication,
    Scenario,
    Trouble,
    VersionProfile,
)

__all__ = [
    "LOGICAL_ALIAS",
    "LOGICAL_FUNCTION",
    "SCENARIOS",
    "Cause",
    "ConfigurationChange",
    "Count",
    "Deployment",
    "DeploymentStep",
    "FailingFunction",
    "Failure",
    "Leak",
    "Nested",
    "OtherOperator",
    "Publication",
    "Reach",
    "Ring",
    "Rule",
    "Scenario",
    "Sign",
    "Telling",
    "Trouble",
    "Truth",
    "VersionProfile",
]

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        of_releases.CALM,
        of_releases.BAD_DEPLOY,
        of_releases.HEALTH_REFUSED,
        of_releases.BAD_STAGE,
        of_releases.BAD_CONTENT,
        of_releases.CANARY,
        of_releases.MEMORY_LEAK,
        of_releases.ROLLED_BACK,
        of_releases.ROLLBACK_FAILED,
        of_releases.NESTED_ROLLED_BACK,
        of_load.HOT_PARTITION,
        of_load.CACHE_MISS_STORM,
        of_load.AUTH_FAILURES,
        of_load.COLD_STARTS,
        of_load.TRAFFIC_GONE,
        of_load.SLOW_UPSTREAM,
        of_sight.LOG_SILENCE,
        of_sight.LOG_STORM,
        of_sight.COCKPIT_DENIED,
        of_sight.COCKPIT_THROTTLED,
        of_sight.LATE_METRICS,
        of_releases.ONE_FUNCTION_FAILS,
        of_people.TWO_OPERATORS,
    )
}
"""By name."""
