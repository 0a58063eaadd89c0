"""API Gateway: the API, its stage, its deployments."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class ApiKind(StrEnum):
    """Each publishes other metrics under other names (aws.md 1.1)."""

    REST = "REST"
    HTTP = "HTTP"
    WEBSOCKET = "WEBSOCKET"


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
    deployments: tuple[ApiDeployment, ...] = ()
    """Newest first."""
    integrations: tuple[SafeText, ...] = ()
    """Every integration URI of the API."""
    execution_log_group: SafeText = SafeText("")
    access_log_group: SafeText = SafeText("")
    isolated: bool = False
    """Its resource policy refuses everybody: somebody closed it on purpose (decisions C10)."""
    kind: ApiKind = ApiKind.REST
