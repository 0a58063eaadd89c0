"""The account's REST APIs: paths, integrations, deployments, the stage that serves. A store."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate, stable_id
from services.simulated.world.controls import Controls, StageState

PATHS = (
    ("root", "/", ()),
    ("instances", "/instances", ("GET", "OPTIONS")),
    ("instance", "/instances/{id}", ("GET", "POST", "OPTIONS")),
    ("health", "/health", ("GET",)),
)
"""Name of the resource, its path, its methods."""

ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","requestTime":"$context.requestTime",'
    '"httpMethod":"$context.httpMethod","path":"$context.path","status":"$context.status",'
    '"responseLatency":"$context.responseLatency","integrationLatency":"$context.integrationLatency"}'
)


class Deployment(msgspec.Struct, frozen=True):
    """A snapshot of the API that a stage can serve."""

    id: str
    created: datetime
    description: str
    policy: str = ""
    """The resource policy as it was then: a later one is in force with the next deployment (decisions E5)."""
    broken: tuple[str, ...] = ()
    """Paths whose integration is wrong in it: they fail at the API itself."""


class Canary(msgspec.Struct, frozen=True):
    """A second deployment that is given a share of the stage's requests."""

    deployment: str
    percent: float = 0.0
    variables: dict[str, str] = {}
    use_cache: bool = False


class Stage(msgspec.Struct, frozen=True):
    """What serves, and how."""

    deployment: str
    created: datetime
    updated: datetime
    description: str = ""
    variables: dict[str, str] = {}
    throttle_burst: int = 200
    throttle_rate: float = 100.0
    canary: Canary | None = None
    cached: bool = False
    """Whether the stage has a cache cluster."""
    flushed: datetime | None = None


class ApiStore:
    """One REST API with its one stage. Not locked: callers hold the account's lock."""

    def __init__(self, environment: EnvironmentEstate, controls: Controls, seed: int, created: datetime) -> None:
        self.environment = environment
        self._controls = controls
        self.id = environment.api_id
        self.created = created
        self.policy = ""
        self.deployments: dict[str, Deployment] = {}
        self.stage = Stage("", created, created)
        self._seed = seed
        self._made = 0
        self.resources = {
            stable_id(seed, f"{environment.name}/path/{name}", 10 if name == "root" else 6): (path, methods)
            for name, path, methods in PATHS
        }

    def integration_uri(self) -> str:
        """What every method calls: the alias, not the function (aws.md 5.2.1)."""
        e = self.environment
        target = f"arn:aws:lambda:{e.region}:{ACCOUNT_ID}:function:{e.function}:{e.alias}"
        return f"arn:aws:apigateway:{e.region}:lambda:path/2015-03-31/functions/{target}/invocations"

    def deploy(self, deployment: str, description: str, at: datetime, broken: tuple[str, ...] = ()) -> Deployment:
        """A new snapshot; no stage serves it yet."""
        made = Deployment(deployment, at, description, self.policy, broken)
        self.deployments[deployment] = made
        return made

    @property
    def closed(self) -> bool:
        """Whether what the stage serves refuses everybody."""
        served = self.deployments.get(self.stage.deployment)
        return served is not None and '"Deny"' in served.policy

    def new_id(self) -> str:
        self._made += 1
        return stable_id(self._seed, f"{self.environment.name}/made-deployment/{self._made}", 6)

    def serve(self, deployment: str, at: datetime) -> None:
        self.put_stage(msgspec.structs.replace(self.stage, deployment=deployment), at)

    def put_stage(self, stage: Stage, at: datetime) -> None:
        """The stage as it is from `at` on; the world feels it."""
        self.stage = msgspec.structs.replace(stage, updated=at)
        canary = stage.canary
        state = StageState(
            self._broken(stage.deployment),
            self._broken(canary.deployment) if canary is not None else (),
            canary.percent / 100 if canary is not None else 0.0,
        )
        self._controls.serve_stage(self.environment.name, at, state)

    def _broken(self, deployment: str) -> tuple[str, ...]:
        known = self.deployments.get(deployment)
        return known.broken if known is not None else ()
