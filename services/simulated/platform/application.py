"""The application as its users reach it: `/health` through API Gateway, as the world says it is at this moment.

A good version answers 200; a bad one fails this route as it fails any other, and is as slow. What is served here is
one request more of the API's, in its metrics and its logs, as on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from moto.core.request import Request

from services.simulated.errors import Answer
from services.simulated.estate import EnvironmentEstate
from services.simulated.faults import FaultKind, Faults
from services.simulated.platform.apis import ApiStore
from services.simulated.serving import cut
from services.simulated.state import SimulatedState

SERVICE, OPERATION = "application", "GetHealth"
"""Under which names faults are ordered for the health check: of no AWS API."""

_STATUS = {
    FaultKind.UNAVAILABLE: 503,
    FaultKind.HTML_502: 502,
    FaultKind.SERVER_ERROR: 500,
    FaultKind.DENY: 403,
    FaultKind.THROTTLE: 429,
}
"""What a fault answers; the others cut the connection, at once or after a while."""


class Application:
    """Answers unsigned requests for an API's host names, and leaves all others."""

    def __init__(
        self,
        state: SimulatedState,
        apis: dict[str, ApiStore],
        faults: Faults,
        wait: Callable[[float], object],
    ) -> None:
        """`wait` lets so many of this machine's seconds pass, or fewer when the account is closed meanwhile."""
        self._state = state
        self._apis = apis
        self._faults = faults
        self._wait = wait

    def page(self, request: Request, now: datetime) -> Answer | None:
        """An answer for `API_HOST/health` or for `ID.execute-api.REGION.amazonaws.com/STAGE/health`."""
        host = request.host.partition(":")[0].lower()
        for environment in self._state.estate.environments:
            if host == environment.api_host:
                return self._routed(environment, request, request.path, now)
            if host == f"{environment.api_id}.execute-api.{environment.region}.amazonaws.com":
                stage, path = f"/{environment.stage}", request.path
                if path == stage or path.startswith(f"{stage}/"):
                    return self._routed(environment, request, path.removeprefix(stage), now)
                return _message(403, "Forbidden")
        return None

    def _routed(self, environment: EnvironmentEstate, request: Request, path: str, now: datetime) -> Answer:
        refusal = self._refusal(environment, request.method, path)
        if refusal is not None:
            if path == "/health":
                self._state.controls.check(environment.name, round(now.timestamp() * 1000))
            return refusal
        if path != "/health":
            return _message(401, "Unauthorized")
        if request.method not in ("GET", "HEAD"):
            return _message(403, "Missing Authentication Token")
        fault = self._faults.take(SERVICE, OPERATION, environment.region, now)
        if fault is not None:
            if fault.kind in _STATUS:
                return _message(_STATUS[fault.kind], "a fault was ordered for this request")
            if fault.kind is FaultKind.HANG:
                self._wait(fault.seconds)
            cut(request.environ)
            raise ConnectionResetError("a fault was ordered for this request")
        return self._served(environment, now)

    def _refusal(self, environment: EnvironmentEstate, method: str, path: str) -> Answer | None:
        """What the API says by itself while its stage is closed; its metrics count it as any other request."""
        api = self._apis[environment.name]
        if api.closed:
            return _message(
                403, "User: anonymous is not authorized to perform: execute-api:Invoke with an explicit deny"
            )
        return _message(429, "Too Many Requests") if api.throttled(method, path) else None

    def _served(self, environment: EnvironmentEstate, now: datetime) -> Answer:
        at_ms = round(now.timestamp() * 1000)
        self._state.controls.check(environment.name, at_ms)
        found = self._state.world.health(environment.name, at_ms)
        self._wait(found.latency / 1000)
        if found.status >= 500:
            timed_out = found.status == 504
            return _message(found.status, "Endpoint request timed out" if timed_out else "Internal server error")
        if found.status == 401:
            return _message(401, "Unauthorized")
        told = {"status": "ok", "environment": environment.name, "version": str(found.version)}
        return Answer(200, {"Content-Type": "application/json", "Cache-Control": "no-store"}, json.dumps(told).encode())


def _message(status: int, text: str) -> Answer:
    """API Gateway's own answers."""
    return Answer(status, {"Content-Type": "application/json"}, json.dumps({"message": text}).encode())
