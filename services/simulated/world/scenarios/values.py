"""What a scenario is made of: releases, conditions, configuration changes, faults. Data, in seconds from its start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from services.simulated.faults import FaultKind
from services.simulated.world.scenarios.conditions import Condition
from services.simulated.world.scenarios.truth import Truth

LOGICAL_ALIAS = "ManagerFunctionAliasLIVE"
LOGICAL_FUNCTION = "ManagerFunction"


class Leak(msgspec.Struct, frozen=True):
    """A version that never gives memory back: the fuller, the longer some of its pauses; full, some never end."""

    begins: float
    """Seconds from the scenario's start at which its memory is as it should be."""
    full_after: float
    """Seconds from there until it has all the memory there is."""
    paused_share: float = 0.02
    """Share of requests that meet a pause."""
    pause_ms: float = 2_200.0
    """Mean length of a pause when the memory is full."""
    ending_from: float = 0.92
    """From this fullness on some requests never end."""
    ending_share: float = 0.006
    """Share of requests that run into the function's time-out then."""

    def fullness(self, seconds: float) -> float:
        """0 … 1, `seconds` after the scenario's start."""
        return min(1.0, max(0.0, (seconds - self.begins) / self.full_after))


class VersionProfile(msgspec.Struct, frozen=True):
    """How one published version behaves."""

    error_rate: float = 0.0
    """Share of requests that fail, 0..1."""
    slowness: float = 1.0
    """Factor on its duration."""
    exception: str = ""
    """What it throws when it fails."""
    leak: Leak | None = None
    guards: tuple[str, ...] = ()
    """Paths that answer 401 to whoever brings no token, by a mistake: nobody ever brings one there."""


class DeploymentStep(msgspec.Struct, frozen=True):
    """One resource of the stack passing through an update: seconds from the deployment's start."""

    logical_id: str
    begins: float
    ends: float


class Failure(msgspec.Struct, frozen=True):
    """Where an update of a stack comes to nothing."""

    logical_id: str
    """The resource that cannot be updated, one of the deployment's steps; it fails when its step ends."""
    reason: str
    """ResourceStatusReason."""


class Nested(msgspec.Struct, frozen=True):
    """What happens in a stack within the stack while the step of its own is under way."""

    logical_id: str
    """The parent's name for it, one of the deployment's steps."""
    types: Mapping[str, str]
    """Logical name of each of its resources → type."""
    steps: tuple[DeploymentStep, ...]
    """Its resources' steps, seconds from the deployment's start."""
    failure: Failure
    """Which of them fails; the parent's failure only says that this stack was not updated."""


class Deployment(msgspec.Struct, frozen=True):
    """One update of a stack that publishes a version and moves the alias to it, or means to."""

    environment: str
    begins: float
    """Seconds after the scenario's start; negative: it is history."""
    from_version: int
    to_version: int
    steps: tuple[DeploymentStep, ...]
    """In dependency order; the alias moves when the step of `alias_step` ends."""
    alias_step: str
    cleanup_ends: float
    """Seconds from the deployment's start to UPDATE_COMPLETE, or to UPDATE_ROLLBACK_COMPLETE."""
    description: str = ""
    weight: float = 1.0
    """Share of the alias's requests that the new version is given; below 1 the alias stays on the old one."""
    failure: Failure | None = None
    """With one nothing goes live: the stack goes back to what it was."""
    nested: Nested | None = None
    stuck: Failure | None = None
    """Where taking the failure back comes to nothing, for good: the stack is stuck half way back."""


class ConfigurationChange(msgspec.Struct, frozen=True):
    """A call that somebody made by hand, known to CloudTrail alone."""

    begins: float
    service: str
    """botocore's name."""
    operation: str
    environment: str
    parameters: Mapping[str, Any]
    """In botocore's form; `{distribution}`, `{function}`, `{table}`, `{api}`, `{stage}` stand for the environment's
    names."""
    breaks: tuple[str, ...] = ()
    """Paths of the API that fail at the API itself while what the change deployed is served."""


class Publication(msgspec.Struct, frozen=True):
    """Web content that a pipeline puts into an environment's bucket, and drops from it; then it invalidates `/*`."""

    environment: str
    begins: float
    puts: Mapping[str, str]
    """Key → content."""
    drops: tuple[str, ...] = ()
    missing: float = 0.0
    """Share of the edge's requests that find nothing once its copies are gone: of what pages name and is not there."""


class Trouble(msgspec.Struct, frozen=True):
    """What callers of the account's APIs meet for a while."""

    service: str
    operation: str
    kind: FaultKind
    begins: float = 0.0
    ends: float | None = None
    """None: for good."""
    region: str = ""
    """Empty: any."""


class OtherOperator(msgspec.Struct, frozen=True):
    """Somebody on another machine who takes a lease of the table that cockpits share, and dies with it in hand.

    While alive they renew it and change nothing; who takes it over then is left alone.
    """

    environment: str
    resource: str
    """What the lease is on; `{function}` stands for the environment's name, as in a configuration change."""
    who: str
    doing: str
    begins: float
    dies: float
    """Seconds from the scenario's start after which nothing is renewed any more."""


class FailingFunction(msgspec.Struct, frozen=True):
    """One function of the Order Desk that fails for a while."""

    function: str
    begins: float
    """Seconds from the scenario's start."""
    share: float
    """Of its calls, 0..1."""


class Scenario(msgspec.Struct, frozen=True):
    """A named course of events, with the truth about it."""

    name: str
    summary: str
    deployments: tuple[Deployment, ...] = ()
    profiles: Mapping[int, VersionProfile] = {}
    """Published version of production's function → behaviour; versions not named are good."""
    conditions: tuple[Condition, ...] = ()
    """What production goes through."""
    changes: tuple[ConfigurationChange, ...] = ()
    publications: tuple[Publication, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    others: tuple[OtherOperator, ...] = ()
    """Who else is at work; where somebody is, the account has a lease table."""
    desk: tuple[FailingFunction, ...] = ()
    """What the Order Desk goes through."""
    truth: Truth = Truth("nothing")
