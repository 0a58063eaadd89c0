"""The account's REST APIs: paths, integrations, deployments, the stage that serves. A store."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate, stable_id

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


class Stage(msgspec.Struct, frozen=True):
    """What serves, and how."""

    deployment: str
    created: datetime
    updated: datetime
    description: str = ""
    variables: dict[str, str] = {}
    throttle_burst: int = 200
    throttle_rate: float = 100.0


class ApiStore:
    """One REST API with its one stage. Not locked: callers hold the account's lock."""

    def __init__(self, environment: EnvironmentEstate, seed: int, created: datetime) -> None:
        self.environment = environment
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

    def deploy(self, deployment: str, description: str, at: datetime) -> Deployment:
        """A new snapshot; no stage serves it yet."""
        made = Deployment(deployment, at, description, self.policy)
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
        self.stage = msgspec.structs.replace(self.stage, deployment=deployment, updated=at)
