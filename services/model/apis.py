"""API Gateway: the API, its stage, its deployments."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class ApiKind(StrEnum):
    """Each publishes other metrics under other names (aws.md 1.1)."""

    REST = "REST"
    HTTP = "HTTP"
    WEBSOCKET = "WEBSOCKET"


ACCOUNT_LIMITS = (10_000.0, 5_000.0)
"""Requests a second and burst that an account has unless AWS was asked for more."""


class ApiDeployment(msgspec.Struct, frozen=True):
    """One deployment that a stage can point at."""

    id: SafeText
    created: datetime | None = None
    description: SafeText = SafeText("")


class Canary(msgspec.Struct, frozen=True):
    """A second deployment that a stage gives a share of its requests."""

    deployment: SafeText
    percent: float
    """0..100."""
    text: SafeText
    """The whole canarySettings as JSON with sorted keys: equal means the same."""


class Api(msgspec.Struct, frozen=True):
    """An API with the stage that serves."""

    id: SafeText
    name: SafeText
    stage: SafeText = SafeText("")
    deployment: SafeText = SafeText("")
    """The stage's deploymentId."""
    deployed: datetime | None = None
    """The stage's lastUpdatedDate."""
    canary: Canary | None = None
    cached: bool = False
    """Whether the stage has a cache."""
    auto_deploy: bool = False
    """An HTTP API's stage that serves every change at once, and takes no deployment from anybody."""
    deployments: tuple[ApiDeployment, ...] = ()
    """Newest first."""
    integrations: tuple[SafeText, ...] = ()
    """Every integration URI of the API."""
    execution_log_group: SafeText = SafeText("")
    access_log_group: SafeText = SafeText("")
    throttle: SafeText = SafeText("")
    """What the stage lets in, as JSON with sorted keys: `{"*/*": [requests a second, burst]}` and a key for each method
    that has its own. Equal means the same."""
    routes: SafeText = SafeText("")
    """An HTTP API's DefaultRouteSettings and RouteSettings as JSON, whole: a limit is changed with all that is beside
    it."""
    account_limits: tuple[float, float] = ACCOUNT_LIMITS
    """Requests a second and burst of the whole account: what holds for a stage without limits of its own."""
    shut: bool = False
    """The stage lets nothing in: its throttle is 0, and each method's own too."""
    policy: SafeText = SafeText("")
    """The resource policy as JSON, whole. A stage knows of it from its next deployment on."""
    denied: bool = False
    """That policy refuses everybody."""
    kind: ApiKind = ApiKind.REST

    @property
    def isolated(self) -> bool:
        """Somebody closed it on purpose (decisions C10)."""
        return self.shut or self.denied


def route_limits(routes: str) -> str:
    """`Api.throttle` of an HTTP API's `routes`; -1 where a route, or the stage for all of them, has no limit."""
    found = json.loads(routes or "{}")
    every = {"*/*": found.get("DefaultRouteSettings") or {}, **(found.get("RouteSettings") or {})}
    names = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
    return json.dumps({key: [_number(one.get(name)) for name in names] for key, one in every.items()}, sort_keys=True)


def _number(value: object) -> float | int:
    if not isinstance(value, int | float):
        return -1
    return int(value) if float(value).is_integer() else float(value)
