"""Scenarios: what goes wrong, when, and how versions behave. Data; each is a ground truth to be scored against."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class VersionProfile(msgspec.Struct, frozen=True):
    """How one published version behaves."""

    error_rate: float = 0.0
    """Share of requests that fail, 0..1."""
    slowness: float = 1.0
    """Factor on its duration."""
    exception: str = ""
    """What it throws when it fails."""


class DeploymentStep(msgspec.Struct, frozen=True):
    """One resource of the stack passing through an update: seconds from the deployment's start."""

    logical_id: str
    begins: float
    ends: float


class Deployment(msgspec.Struct, frozen=True):
    """One update of a stack that publishes a version and moves the alias to it."""

    environment: str
    begins: float
    """Seconds after the scenario's start; negative: it is history."""
    from_version: int
    to_version: int
    steps: tuple[DeploymentStep, ...]
    """In dependency order; the alias moves when the step of `alias_step` ends."""
    alias_step: str
    cleanup_ends: float
    """Seconds from the deployment's start to UPDATE_COMPLETE."""
    description: str = ""


class Scenario(msgspec.Struct, frozen=True):
    """A named course of events."""

    name: str
    summary: str
    deployments: tuple[Deployment, ...] = ()
    profiles: Mapping[int, VersionProfile] = {}
    """Published version of production's function → behaviour; versions not named are good."""


LOGICAL_ALIAS = "ManagerFunctionAliasLIVE"
LOGICAL_FUNCTION = "ManagerFunction"


def _rollout(environment: str, begins: float, from_version: int, to_version: int, description: str) -> Deployment:
    version = f"ManagerFunctionVersion{to_version}"
    return Deployment(
        environment=environment,
        begins=begins,
        from_version=from_version,
        to_version=to_version,
        steps=(
            DeploymentStep(LOGICAL_FUNCTION, 4, 16),
            DeploymentStep(version, 17, 24),
            DeploymentStep(LOGICAL_ALIAS, 25, 31),
            DeploymentStep("ApiDeployment", 32, 37),
            DeploymentStep("ApiStage", 38, 44),
        ),
        alias_step=LOGICAL_ALIAS,
        cleanup_ends=58,
        description=description,
    )


_HISTORY = (_rollout("production", -3 * 86400.0, 40, 41, "list instances by tag"),)
"""The release before: three days ago, a good one."""

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("calm", "An ordinary day: nothing goes wrong.", deployments=_HISTORY),
        Scenario(
            "bad-deploy",
            "Two minutes after the start a deployment publishes v42, which fails 15 % of its requests and is slow.",
            deployments=(*_HISTORY, _rollout("production", 120, 41, 42, "start instances in any region")),
            profiles={42: VersionProfile(error_rate=0.15, slowness=4.0, exception="KeyError: 'region'")},
        ),
    )
}
