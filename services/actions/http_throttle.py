"""What UpdateStage is sent so that an HTTP API's stage lets nothing in, or what it let in before. Pure.

A stage has limits for all routes and each route may have its own, which win. The service keeps a limit once it has one:
where a stage had none of its own, the account's are put in its place, which is what held before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.model.apis import Api, route_limits

KIND = "api.http_throttle"

RATE, BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"

DEFAULT, ROUTES = "DefaultRouteSettings", "RouteSettings"

Settings = Mapping[str, Any]
"""DefaultRouteSettings and RouteSettings, as `Api.routes` has them."""


def closed(api: Api) -> str:
    """`Api.routes` of a stage that lets nothing in, everything but the limits as it is."""
    found = _read(api.routes)
    shut = {RATE: 0, BURST: 0}
    return _written({**found[DEFAULT], **shut}, {key: {**one, **shut} for key, one in found[ROUTES].items()})


def reopened(api: Api) -> str:
    """`Api.routes` as it is now, with the account's limits where it has none: to come back to."""
    found = _read(api.routes)
    routes = {key: _limited(one, api) for key, one in found[ROUTES].items()}
    return _written(_limited(found[DEFAULT], api), routes)


def unlimited(routes: str) -> bool:
    """Whether a limit is missing that the account's stands in for."""
    return "-1" in route_limits(routes)


def parameters(api: str, stage: str, routes: str) -> dict[str, object]:
    """Of the call that makes a stage have `routes`."""
    found = _read(routes)
    own: dict[str, object] = {ROUTES: found[ROUTES]} if found[ROUTES] else {}
    return {"ApiId": api, "StageName": stage, DEFAULT: found[DEFAULT], **own}


def _limited(one: Settings, api: Api) -> dict[str, Any]:
    rate, burst = api.account_limits
    return {RATE: _plain(rate), BURST: _plain(burst), **one}


def _read(routes: str) -> dict[str, dict[str, Any]]:
    found = json.loads(routes or "{}")
    return {DEFAULT: dict(found.get(DEFAULT) or {}), ROUTES: dict(found.get(ROUTES) or {})}


def _written(default: Settings, routes: Settings) -> str:
    return json.dumps({DEFAULT: default, ROUTES: routes}, sort_keys=True)


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)
