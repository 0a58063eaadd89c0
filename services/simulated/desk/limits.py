"""What an HTTP API's stage lets in: limits for all its routes, and for each that has its own.

UpdateStage keeps what it is not told of; a limit that is there is taken away by no call of this kind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from services.simulated.protocol import AwsError

RATE, BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"


class Limits:
    """Of one stage."""

    def __init__(self) -> None:
        self.default: dict[str, Any] = {"DetailedMetricsEnabled": False}
        self.routes: dict[str, dict[str, Any]] = {}

    def change(self, parameters: Mapping[str, Any], known: Collection[str]) -> None:
        """Take DefaultRouteSettings and RouteSettings over. `known`: keys of the API's routes."""
        default, own = parameters.get("DefaultRouteSettings") or {}, parameters.get("RouteSettings") or {}
        for key in own:
            if key not in known:
                text = f"Unable to find Route by key {key} within the provided RouteSettings"
                raise AwsError("NotFoundException", text, 404)
        for one in (default, *own.values()):
            _check(one)
        self.default = {**self.default, **default}
        self.routes = {**self.routes, **{key: dict(one) for key, one in own.items()}}

    def refuses(self, route: str) -> bool:
        """Whether nothing gets through to that route; its own limits win over the stage's."""
        return 0 in _limits({**self.default, **self.routes.get(route, {})})

    @property
    def shut(self) -> bool:
        """Whether nothing gets through to any."""
        return 0 in _limits(self.default) and all(self.refuses(route) for route in self.routes)


def _limits(one: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return one.get(RATE), one.get(BURST)


def _check(one: Mapping[str, Any]) -> None:
    if any(value is not None and value < 0 for value in _limits(one)):
        raise AwsError("BadRequestException", "Throttling limits must not be negative", 400)
    if "LoggingLevel" in one:
        raise AwsError("BadRequestException", "Execution logs are not supported on protocolType HTTP", 400)
