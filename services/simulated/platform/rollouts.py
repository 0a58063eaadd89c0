"""Every release there was and will be: the account's history before it was opened, and its scenario's deployments.

Pure: a rollout's instants are known when the account opens; the clock decides which of them have come.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.world.scenarios import (
    LOGICAL_ALIAS,
    LOGICAL_FUNCTION,
    Deployment,
    DeploymentStep,
    Failure,
    Nested,
    Scenario,
)

DAY = 86_400.0
CREATED_BEFORE = 60 * DAY
"""The stacks are this much older than the account's start."""

_EARLIER = {
    "production": ((39, -17 * DAY, "show the audit trail"), (40, -10 * DAY, "sign in with a second factor")),
    "staging": ((40, -11 * DAY, "sign in with a second factor"), (41, -4 * DAY, "list instances by tag")),
    "dev": ((41, -5 * DAY, "list instances by tag"),),
}
"""Releases before those of the scenario: version, seconds from the start, what it brought."""

FIRST = {"production": 38, "staging": 39, "dev": 40}
"""The version that each stack was created with; the ones before have been deleted."""

FIRST_DESCRIPTION = "first release of the rebuilt stack"


class Rollout(msgspec.Struct, frozen=True):
    """One deployment at its absolute time."""

    environment: str
    began: datetime
    from_version: int
    to_version: int
    steps: tuple[DeploymentStep, ...]
    alias_step: str
    cleanup_ends: float
    description: str
    token: str
    """ClientRequestToken: stamped on every event of the operation."""
    weight: float = 1.0
    """Share of the alias's requests that the new version is given."""
    failure: Failure | None = None
    """Why nothing of it went live; None: it went through."""
    nested: Nested | None = None
    """What happens in a stack within the stack meanwhile."""
    stuck: Failure | None = None
    """What cannot be taken back after the failure: the rollback fails too."""

    def at(self, seconds: float) -> datetime:
        return self.began + timedelta(seconds=seconds)

    def step(self, logical_id: str) -> DeploymentStep:
        """The step of that resource; KeyError when the deployment does not touch it."""
        for step in self.steps:
            if step.logical_id == logical_id:
                return step
        raise KeyError(logical_id)

    @property
    def version_published(self) -> datetime:
        """When the new version can be seen: its step has ended."""
        for step in self.steps:
            if step.logical_id.startswith("ManagerFunctionVersion"):
                return self.at(step.ends)
        return self.at(self.step(self.alias_step).begins)

    @property
    def code_updated(self) -> datetime:
        """When `$LATEST` has the new code."""
        try:
            return self.at(self.step(LOGICAL_FUNCTION).ends)
        except KeyError:
            return self.version_published

    @property
    def alias_moved(self) -> datetime:
        return self.at(self.step(self.alias_step).ends)

    @property
    def api_deployed(self) -> datetime | None:
        """When the API's stage serves a new deployment; None when this one leaves the API alone."""
        try:
            return self.at(self.step("ApiStage").ends)
        except KeyError:
            return None

    @property
    def ended(self) -> datetime:
        return self.at(self.cleanup_ends)


def rollouts(scenario: Scenario, environment: EnvironmentEstate, started: datetime, seed: int) -> tuple[Rollout, ...]:
    """All rollouts of one environment, ascending, those to come included."""
    planned = [deployment for deployment in scenario.deployments if deployment.environment == environment.name]
    first_planned = min((deployment.begins for deployment in planned), default=float("inf"))
    earlier: list[Deployment] = []
    previous = FIRST[environment.name]
    for version, begins, description in _EARLIER[environment.name]:
        if begins < first_planned:
            earlier.append(_ordinary(environment.name, begins, previous, version, description))
            previous = version
    return tuple(
        Rollout(
            environment=deployment.environment,
            began=started + timedelta(seconds=deployment.begins),
            from_version=deployment.from_version,
            to_version=deployment.to_version,
            steps=deployment.steps,
            alias_step=deployment.alias_step,
            cleanup_ends=deployment.cleanup_ends,
            description=deployment.description,
            weight=deployment.weight,
            failure=deployment.failure,
            nested=deployment.nested,
            stuck=deployment.stuck,
            token="deploy-" + stable_uuid(seed, f"{environment.name}/rollout/{deployment.to_version}"),
        )
        for deployment in sorted([*earlier, *planned], key=lambda deployment: deployment.begins)
    )


def _ordinary(environment: str, begins: float, from_version: int, to_version: int, description: str) -> Deployment:
    return Deployment(
        environment=environment,
        begins=begins,
        from_version=from_version,
        to_version=to_version,
        steps=(
            DeploymentStep(LOGICAL_FUNCTION, 4, 15),
            DeploymentStep(f"ManagerFunctionVersion{to_version}", 16, 22),
            DeploymentStep(LOGICAL_ALIAS, 23, 30),
            DeploymentStep("ApiDeployment", 31, 36),
            DeploymentStep("ApiStage", 37, 43),
        ),
        alias_step=LOGICAL_ALIAS,
        cleanup_ends=57,
        description=description,
    )
