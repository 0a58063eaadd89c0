"""The account's REST APIs: paths, integrations, deployments, the stage that serves. A store."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate, stable_id
from services.simulated.world.controls import Controls, StageState
from services.simulated.world.traffic import ROUTES

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


class Throttle(msgspec.Struct, frozen=True):
    """How much a stage lets in, by its default or for one method."""

    rate: float = 10_000.0
    """Requests a second; the account's own limit where the stage has none. 0: nothing at all."""
    burst: int = 5000


EVERY = "*/*"
"""The key of a stage's default."""


class Stage(msgspec.Struct, frozen=True):
    """What serves, and how."""

    deployment: str
    created: datetime
    updated: datetime
    description: str = ""
    variables: dict[str, str] = {}
    throttles: dict[str, Throttle] = msgspec.field(default_factory=lambda: {EVERY: Throttle(100.0, 200)})
    """By the key of the method settings, `*/*` or `~1instances/GET`; a method's own wins over the default."""
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
        self.strays: dict[tuple[str, str], str] = {}
        """(path, method) → what it calls instead of the alias: `name`, or `name:qualifier`."""
        self.stage = Stage("", created, created)
        self._seed = seed
        self._made = 0
        self.resources = {
            stable_id(seed, f"{environment.name}/path/{name}", 10 if name == "root" else 6): (path, methods)
            for name, path, methods in PATHS
        }

    def integration_uri(self, path: str, method: str) -> str:
        """What a method calls: the alias, not the function (aws.md 5.2.1), unless somebody has changed it."""
        e = self.environment
        called = self.strays.get((path, method), f"{e.function}:{e.alias}")
        target = f"arn:aws:lambda:{e.region}:{ACCOUNT_ID}:function:{called}"
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

    def throttled(self, method: str, path: str) -> bool:
        """Whether the stage lets in nothing of this method."""
        every = self.stage.throttles.get(EVERY, Throttle())
        held = self.stage.throttles.get(f"{path.replace('/', '~1')}/{method}", every)
        return not held.rate or not held.burst

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
            self.closed,
            tuple(f"{one.method} {one.path}" for one in ROUTES if self.throttled(one.method, one.path)),
        )
        self._controls.serve_stage(self.environment.name, at, state)

    def _broken(self, deployment: str) -> tuple[str, ...]:
        known = self.deployments.get(deployment)
        return known.broken if known is not None else ()
